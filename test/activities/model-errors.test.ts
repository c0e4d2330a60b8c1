/** When a provider may be asked again, and what of its words is passed on. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { bounded } from '../../src/providers/llm/malformed';
import { retryAfter, withoutKeys } from '../../src/providers/llm/errors';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test.each<{ headers: Record<string, string>; wait: number | undefined }>([
  { headers: {}, wait: undefined },
  { headers: { 'retry-after': '7' }, wait: 7_000 },
  { headers: { 'retry-after': '0.5' }, wait: 500 },
  { headers: { 'retry-after': ' 3 ' }, wait: 3_000 },
  { headers: { 'retry-after-ms': '1200.5', 'retry-after': '60' }, wait: 1_201 },
  { headers: { 'retry-after-ms': 'soon', 'retry-after': '60' }, wait: 60_000 },
  { headers: { 'retry-after': 'Sun, 01 Mar 2026 12:01:30 GMT' }, wait: 90_000 },
  { headers: { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, wait: undefined },
  { headers: { 'retry-after': 'Sun, 01 Mar 2026 18:00:00 GMT' }, wait: 3_600_000 },
  { headers: { 'retry-after': '3601' }, wait: 3_600_000 },
  { headers: { 'retry-after': '0' }, wait: undefined },
  { headers: { 'retry-after': '-5' }, wait: undefined },
  { headers: { 'retry-after': '1e9' }, wait: undefined },
  { headers: { 'retry-after': 'tomorrow' }, wait: undefined },
])('$headers is a wait of $wait ms', ({ headers, wait }) => {
  expect(retryAfter(headers, NOW)).toBe(wait);
});

test.each([
  { said: 'bad key s3cr3t.', key: 's3cr3t', told: 'bad key [key].' },
  { said: 'Incorrect API key: sk-proj-AbCd1234****wxyz', key: 'other', told: 'Incorrect API key: [key]' },
  {
    said: 'header "Authorization: Bearer abc.def" is invalid',
    key: undefined,
    told: 'header "Authorization: Bearer [key] is invalid',
  },
  { said: 'model gpt-5 is not known', key: '', told: 'model gpt-5 is not known' },
])('"$told" holds no key', ({ said, key, told }) => {
  expect(withoutKeys(said, key)).toBe(told);
});

test('what is cut stays Unicode', () => {
  expect(bounded('😀😀😀', 2)).toBe('😀😀…');
  expect(bounded('a\ud83d b', 9)).toBe('a\ufffd b');
  expect(bounded('whole', 5)).toBe('whole');
});

test('the AI SDK is loaded for a model, and not for the offline agent', () => {
  const index = JSON.stringify(path.join(__dirname, '../../src/providers/llm'));
  const loaded = (config: object) => {
    const program = `
      const { createAgent } = require(${index});
      const actions = { names: () => [], find: () => undefined, check: () => ({ ok: true }), recognise: () => undefined };
      const agent = createAgent(${JSON.stringify({ default: config })}, actions);
      const signal = new AbortController().signal;
      agent.propose({ task: 'fail: now', level: 'AGENT', signal }).catch(() => undefined).then(() => {
        const sdk = Object.keys(require.cache).some((file) => /node_modules.(?:ai|@ai-sdk)./.test(file));
        process.stdout.write(JSON.stringify(sdk));
      });`;
    const tsx = path.join(__dirname, '../../node_modules/tsx/dist/cjs/index.cjs');
    return execFileSync(process.execPath, ['--require', tsx, '-e', program], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  };
  expect(loaded({ provider: 'offline' })).toBe('false');
  expect(loaded({ provider: 'openai', model: 'm', key: 'k', url: 'http://127.0.0.1:9' })).toBe('true');
});
