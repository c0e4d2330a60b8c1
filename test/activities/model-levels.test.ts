/** Which model is asked at which level, over real HTTP, and who is on record for the answer. */
import type { Client } from '@temporalio/client';
import { defaultActivityInfo, MockActivityEnvironment } from '@temporalio/testing';
import { NOTHING_CONFIGURED } from '../../src/actions/configured';
import { createRegistry } from '../../src/actions/registry';
import { createActivities, type Dependencies } from '../../src/activities';
import type { Proposed } from '../../src/activities/types';
import { readConfig } from '../../src/config';
import { createAgent, type Models } from '../../src/providers/llm';
import { type ModelServer, startModelServer } from '../support/model-server';

/** By the server's word the workflow that asks runs on the worker's own queue: whom the activity answers is tried elsewhere. */
const { taskQueue, workflowExecution } = defaultActivityInfo;
const began = { firstExecutionRunId: workflowExecution?.runId, taskQueue: { name: taskQueue } };
const history = { events: [{ workflowExecutionStartedEventAttributes: began }] };
const ITS_OWN = {
  options: { namespace: 'default' },
  withAbortSignal: (_: AbortSignal, calls: () => Promise<unknown>) => calls(),
  workflowService: { getWorkflowExecutionHistory: () => Promise.resolve({ history }) },
} as unknown as Client;

const registry = createRegistry({ ...NOTHING_CONFIGURED, actions: [], ownTaskQueue: 'countersign' });

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(async () => {
  await server.close();
  await registry.close();
});
beforeEach(() => {
  const call = { action: 'answer', args: { output: 'yes' } };
  const written = { evidence: [], rationale: 'r', title: 't', sensitive: false, call };
  server.script({ proposal: () => ({ json: written }) });
});

const at = (url: string, key?: string) => ({ url, ...(key === undefined ? {} : { key }) });

/** The default is compatible; two levels have their own. */
function models(): Models {
  return {
    default: { provider: 'openai-compatible', model: 'small', ...at(server.url) },
    levels: {
      SENIOR_AGENT: { provider: 'anthropic', model: 'claude-x', ...at(server.url, 'key-a') },
      RULES: { provider: 'offline' },
    },
    access: {
      anthropic: at(server.url, 'key-a'),
      'openai-compatible': at(server.url),
    },
  };
}

function propose(request: { level: string; model?: string }, of: Models = models()): Promise<Proposed> {
  const feedback = { lessons: 0 };
  const dependencies = { registry, agent: createAgent(of, registry), channels: [], feedback };
  const activities = createActivities(dependencies as unknown as Dependencies);
  return new MockActivityEnvironment(undefined, { client: ITS_OWN }).run(activities.propose, {
    task: 'answer: rules',
    ...request,
  });
}

test.each<{ said: string; level: string; model?: string; by: string; asks: string | undefined }>([
  {
    said: 'a level without one has the default',
    level: 'AGENT',
    by: 'AGENT (openai-compatible/small)',
    asks: 'openai small',
  },
  {
    said: 'a level has its own',
    level: 'SENIOR_AGENT',
    by: 'SENIOR_AGENT (anthropic/claude-x)',
    asks: 'anthropic claude-x',
  },
  {
    said: 'a level is spelt in its variable as it can be',
    level: 'senior-agent',
    by: 'senior-agent (anthropic/claude-x)',
    asks: 'anthropic claude-x',
  },
  { said: 'a level has rules', level: 'RULES', by: 'RULES (offline)', asks: undefined },
  {
    said: 'a level names one: before the default',
    level: 'AGENT',
    model: 'anthropic/claude-y',
    by: 'AGENT (anthropic/claude-y)',
    asks: 'anthropic claude-y',
  },
  {
    said: 'a level names one: before its own',
    level: 'SENIOR_AGENT',
    model: 'openai-compatible/org/big:7b',
    by: 'SENIOR_AGENT (openai-compatible/org/big:7b)',
    asks: 'openai org/big:7b',
  },
  {
    said: 'a level names the rules',
    level: 'SENIOR_AGENT',
    model: 'offline',
    by: 'SENIOR_AGENT (offline)',
    asks: undefined,
  },
])('$said', async ({ level, model, by, asks }) => {
  const proposed = await propose({ level, ...(model === undefined ? {} : { model }) });
  expect(proposed).toMatchObject({
    ok: true,
    by,
    proposal: { args: { output: asks === undefined ? 'rules' : 'yes' } },
  });
  const asked = server.heard.map((one) => `${one.protocol} ${one.model}`);
  expect(asked).toEqual(asks === undefined ? [] : [asks, asks]); // the proposal, then its confidence
});

test('each provider is sent its own key, and no other', async () => {
  const { access, ...rest } = models();
  const of = { ...rest, access: { ...access, openai: at(server.url, 'key-o') } };
  for (const model of ['anthropic/c', 'openai/o', 'openai-compatible/l'])
    await propose({ level: 'X', model }, of);
  const sent = server
    .of('proposal')
    .map(({ model, headers }) => [model, headers['x-api-key'], headers.authorization]);
  expect(sent).toEqual([
    ['c', 'key-a', undefined],
    ['o', undefined, 'Bearer key-o'],
    ['l', undefined, undefined],
  ]);
});

test.each<{ model: string; by: string; message: string }>([
  {
    model: 'openai/gpt-x',
    by: 'SENIOR_AGENT (openai/gpt-x)',
    message:
      'the level asks for the model "openai/gpt-x": this worker has no key for it: set OPENAI_API_KEY for the worker',
  },
  {
    model: 'anthropic/c',
    by: 'SENIOR_AGENT (anthropic/c)',
    message:
      'the level asks for the model "anthropic/c": this worker has no key for it: set ANTHROPIC_API_KEY for the worker',
  },
  {
    model: 'openai-compatible/l',
    by: 'SENIOR_AGENT (openai-compatible/l)',
    message:
      'the level asks for the model "openai-compatible/l": this worker does not know where it is: set COUNTERSIGN_MODEL_URL for the worker',
  },
  ...['gpt-x', 'mistral/large', 'openai/', 'openai/a b', 'OpenAI/gpt', 'offline/x', 'toString/x', ''].map(
    (model) => ({
      model,
      by: 'SENIOR_AGENT (no model)',
      message: `the level asks for the model "${model}": it names no model; use openai/<model>, anthropic/<model>, openai-compatible/<model> or offline`,
    }),
  ),
])('MODEL_NOT_CONFIGURED: $model', async ({ model, by, message }) => {
  const proposed = await propose({ level: 'SENIOR_AGENT', model }, { ...models(), access: {} });
  const seed = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
  expect(proposed).toEqual({ ok: false, code: 'MODEL_NOT_CONFIGURED', message, by, seed });
  expect(server.heard).toHaveLength(0);
});

test('a key that no header can hold fails the one who names its provider, and does not show', async () => {
  const of = { ...models(), access: { openai: at(server.url, 'secret\nx') } };
  const proposed = await propose({ level: 'AGENT', model: 'openai/gpt-x' }, of);
  expect(proposed).toMatchObject({
    ok: false,
    code: 'MODEL_NOT_CONFIGURED',
    message: expect.stringContaining('the key in OPENAI_API_KEY holds a space, a line break'),
  });
  expect(JSON.stringify(proposed)).not.toContain('secret');
  expect(await propose({ level: 'AGENT' }, of)).toMatchObject({ ok: true });
});

test.each<{ said: string; request: { level: string; model?: string }; where: string }>([
  { said: 'the default', request: { level: 'AGENT' }, where: 'COUNTERSIGN_MODEL,' },
  { said: 'its own', request: { level: 'SENIOR_AGENT' }, where: 'COUNTERSIGN_MODEL_SENIOR_AGENT,' },
  {
    said: 'named by the workflow',
    request: { level: 'SENIOR_AGENT', model: 'anthropic/claude-x' },
    where: "the workflow's ladder,",
  },
])(
  'a model that its provider does not know is mended where it is named: $said',
  async ({ request, where }) => {
    server.script({ proposal: [{ status: 404, message: 'unknown' }] });
    expect(await propose(request)).toMatchObject({
      ok: false,
      code: 'MODEL_REFUSED',
      message: expect.stringContaining(`unknown. Check the name of the model in ${where}`),
    });
  },
);

test('more models are named than agents are kept: each one answers, and the first one again', async () => {
  const agent = createAgent(models(), registry);
  const { signal } = new AbortController();
  for (let index = 0; index < 120; index += 1) {
    const model = `anthropic/${String(index)}`;
    expect(await agent.propose({ task: 'x', level: 'A', model, signal })).toMatchObject({ by: model });
  }
  const again = await agent.propose({ task: 'x', level: 'A', model: 'anthropic/0', signal });
  expect(again).toMatchObject({ kind: 'proposal', by: 'anthropic/0' });
});

test('from the environment to the wire: the URL is for compatible models, and no other key goes there', async () => {
  const { models: of } = readConfig({
    HOME: '/home/ana',
    COUNTERSIGN_MODEL: 'openai-compatible/small',
    COUNTERSIGN_MODEL_URL: server.url,
    COUNTERSIGN_MODEL_SENIOR_AGENT: 'openai-compatible/big',
    ANTHROPIC_API_KEY: 'key-a',
  });
  expect(of.access.anthropic).toEqual({ key: 'key-a' });
  await propose({ level: 'SENIOR_AGENT' }, of);
  await propose({ level: 'AGENT', model: 'openai-compatible/named' }, of);
  expect(server.of('proposal').map(({ model }) => model)).toEqual(['big', 'named']);
});
