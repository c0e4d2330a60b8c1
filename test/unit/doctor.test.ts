/** What doctor says of a model's provider, against a server that answers as one may; the key is never said. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkModel, checkModels } from '../../src/doctor/model';

const KEY = 'sk-very-secret-1234567890';
const asked: { url: string | undefined; headers: Record<string, unknown> }[] = [];
let answer: { status: number; body: string; location?: string } | 'silence' = { status: 200, body: '' };
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    if (answer === 'silence') return;
    response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  asked.length = 0;
});

const LIST = JSON.stringify({ data: [{ id: 'gpt-x' }, { id: 'gpt-y' }, null, { id: 7 }] });

test('offline asks nobody', async () => {
  expect(await checkModel({ provider: 'offline' })).toMatchObject({
    status: 'ok',
    says: expect.stringContaining('offline') as string,
  });
  expect(asked).toEqual([]);
});

test.each([
  { provider: 'openai', sends: { authorization: `Bearer ${KEY}` }, path: '/v1/models' },
  { provider: 'openai-compatible', sends: { authorization: `Bearer ${KEY}` }, path: '/v1/models' },
  {
    provider: 'anthropic',
    sends: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
    path: '/v1/models?limit=1000',
  },
] as const)('$provider is asked once, in its own way', async ({ provider, sends, path }) => {
  answer = { status: 200, body: LIST };
  expect(await checkModel({ provider, model: 'gpt-x', url, key: KEY })).toEqual({
    name: 'model',
    status: 'ok',
    says: `${provider}/gpt-x at ${url}, which takes the key`,
  });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.url).toBe(path);
  expect(asked[0]?.headers).toMatchObject(sends);
});

test('a compatible server without a key gets none', async () => {
  answer = { status: 200, body: LIST };
  const check = await checkModel({ provider: 'openai-compatible', model: 'gpt-y', url });
  expect(check).toMatchObject({ status: 'ok', says: `openai-compatible/gpt-y at ${url}` });
  expect(asked[0]?.headers).not.toHaveProperty('authorization');
});

test.each([
  { answers: { status: 401, body: KEY }, status: 'fail', says: 'refuses the key in OPENAI_API_KEY (401)' },
  { answers: { status: 403, body: '' }, status: 'fail', says: 'refuses the key in OPENAI_API_KEY (403)' },
  { answers: { status: 404, body: '' }, status: 'warn', says: 'has no list of models (404)' },
  { answers: { status: 429, body: '' }, status: 'warn', says: 'takes the key, and limits it now (429)' },
  { answers: { status: 503, body: '' }, status: 'warn', says: 'has trouble (503)' },
  { answers: { status: 200, body: '<html>' }, status: 'warn', says: 'not with a list of models' },
  { answers: { status: 200, body: '{"data":1}' }, status: 'warn', says: 'not with a list of models' },
  { answers: { status: 200, body: '{"data":[{"id":"z"}]}' }, status: 'warn', says: 'does not list gpt-x' },
  { answers: { status: 200, body: '{"data":[]}' }, status: 'warn', says: 'does not list gpt-x' },
] as const)('$answers.status $answers.body: $says', async ({ answers, status, says }) => {
  answer = answers;
  const check = await checkModel({ provider: 'openai', model: 'gpt-x', url, key: KEY });
  expect(check.status).toBe(status);
  expect(check.says).toContain(says);
  expect(check.mend?.length).toBeGreaterThan(0);
  expect(JSON.stringify(check)).not.toContain(KEY);
});

test('a redirect is not followed: the key goes nowhere else', async () => {
  answer = { status: 307, body: '', location: `${url}/elsewhere` };
  const check = await checkModel({ provider: 'anthropic', model: 'gpt-x', url, key: KEY });
  expect(check).toMatchObject({ status: 'warn', says: expect.stringContaining('(307)') as string });
  expect(asked).toHaveLength(1);
});

test('a provider that says nothing is given 5 s', async () => {
  answer = 'silence';
  const began = Date.now();
  const check = await checkModel({ provider: 'openai', model: 'gpt-x', url, key: KEY });
  expect(check).toMatchObject({
    status: 'fail',
    says: expect.stringContaining('no answer within 5 s') as string,
  });
  expect(Date.now() - began).toBeLessThan(8_000);
});

test.each([
  { wrong: 'nobody listens', change: { url: 'http://127.0.0.1:2/v1' }, says: 'ECONNREFUSED' },
  { wrong: 'the key has a line break', change: { key: `sk-very\n${KEY}` }, says: 'that no key has' },
  { wrong: 'the key is not Latin', change: { key: `${KEY}ключ` }, says: 'that no key has' },
])('$wrong: it says so, and no key', async ({ change, says }) => {
  answer = { status: 200, body: LIST };
  const check = await checkModel({ provider: 'openai', model: 'gpt-x', url, key: KEY, ...change });
  expect(check).toMatchObject({ status: 'fail', says: expect.stringContaining(says) as string });
  expect(JSON.stringify(check)).not.toContain('very');
});

test('the default and every level that has its own, each mended where it is named', async () => {
  answer = { status: 200, body: LIST };
  const checks = await checkModels({
    default: { provider: 'openai', model: 'gpt-x', url, key: KEY },
    levels: {
      SENIOR_AGENT: { provider: 'anthropic', model: 'claude-z', url, key: KEY },
      LEAD: { provider: 'openai-compatible', model: 'gpt-y', url },
      RULES: { provider: 'offline' },
    },
    access: { openai: { url, key: KEY } },
  });
  expect(checks).toEqual([
    { name: 'model', status: 'ok', says: `openai/gpt-x at ${url}, which takes the key` },
    { name: 'model LEAD', status: 'ok', says: `openai-compatible/gpt-y at ${url}` },
    {
      name: 'model RULES',
      status: 'ok',
      says: 'offline: rules propose, no language model is asked',
    },
    {
      name: 'model SENIOR_AGENT',
      status: 'warn',
      says: `${url} takes the key, but does not list claude-z`,
      mend: ['name one that it lists in COUNTERSIGN_MODEL_SENIOR_AGENT: gpt-x, gpt-y'],
    },
  ]);
  expect(asked).toHaveLength(3);
});

test('one level that cannot be looked at keeps no other from it', async () => {
  answer = { status: 200, body: LIST };
  const [first, second] = await checkModels({
    default: { provider: 'openai', model: 'gpt-x', url: 'http://127.0.0.1:2/v1', key: KEY },
    levels: { LEAD: { provider: 'openai', model: 'gpt-x', url, key: KEY } },
    access: {},
  });
  expect([first?.status, second?.status]).toEqual(['fail', 'ok']);
});
