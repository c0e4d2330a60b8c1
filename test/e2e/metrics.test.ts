/**
 * Metrics as Prometheus reads them, over HTTP, of real gates on a real server; that the alert rules ask for what is there; and what
 * the worker logs meanwhile.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { COUNTERSIGN, ROOT, run, startApp, temporaryDirectory, until, type App } from '../support/app';
import { freePort } from '../support/dev-server';
import { startModelServer, type ModelServer } from '../support/model-server';
import { askedBy, scrape, sum, type Sample } from '../support/prometheus';

/** In whatever anybody wrote; nowhere in what is exported. */
const MARK = 'kettle-7731';
const directory = temporaryDirectory();
let app: App;
let model: ModelServer;
let address: string;
let env: NodeJS.ProcessEnv;
let logged = '';
let printed = '';

beforeAll(async () => {
  model = await startModelServer({
    proposal: [{ json: draft() }],
    confidence: [{ json: { why: MARK, confidence: 0.9 } }],
  });
  address = `127.0.0.1:${String(await freePort())}`;
  env = {
    COUNTERSIGN_METRICS: address,
    COUNTERSIGN_METRICS_EVERY: '1 second',
    COUNTERSIGN_LOG: 'json',
    COUNTERSIGN_NOTIFY: 'console',
    COUNTERSIGN_ACTIONS: join(ROOT, 'test', 'support', 'telemetry-actions.ts'),
    COUNTERSIGN_MODEL: 'openai-compatible/small-1',
    COUNTERSIGN_MODEL_URL: model.url,
  };
  app = await startApp({ data: directory.path, env });
  app.child.stderr?.on('data', (chunk: string) => (logged += chunk));
  app.child.stdout?.on('data', (chunk: string) => (printed += chunk));
});

afterAll(async () => {
  await app.stop();
  await model.close();
  directory.remove();
});

function draft() {
  const text = { title: `Note ${MARK}`, rationale: `because ${MARK}`, sensitive: false };
  return { action: 'third-time', args: { note: MARK }, ...text, evidence: [] };
}

const level = (name: string, respondWithin: string) => ({
  name,
  approvers: { people: [`bo-${MARK}`] },
  respondWithin,
});
const argument = (action: string, levels: object[] = [level('HUMAN', '1 hour')]) => ({
  v: 1,
  task: `do ${MARK}`,
  requester: `svc-${MARK}`,
  proposal: {
    action,
    args: { note: MARK },
    title: `Note ${MARK}`,
    rationale: MARK,
    confidence: 1,
    sensitive: false,
  },
  policy: { confirmation: 'CONFIRM', levels },
});
const decision = (digest: unknown, verdict: string, more: object = {}) => ({
  v: 1,
  id: `${verdict}-1`,
  digest,
  verdict,
  reviewer: `bo-${MARK}`,
  ...more,
});

/** The samples once they say so. */
async function saying(done: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]> {
  return (
    await until(
      () => scrape(address),
      ({ samples }) => done(samples),
    )
  ).samples;
}

test('gates are counted as they open, by how they close, with who was asked and how long it took', async () => {
  await app.start('executed', argument('third-time'));
  const { digest } = await app.reaches('executed', 'open');
  await app.signal('executed', decision('0'.repeat(64), 'approve', { id: 'stale' }));
  await app.signal('executed', decision(digest, 'approve', { id: 'nobody', reviewer: `cy-${MARK}` }));
  await app.signal('executed', decision(digest, 'approve', { comment: MARK }));
  expect(await app.result('executed')).toMatchObject({ outcome: 'executed' });

  await app.start('failed', argument('never'));
  await app.signal('failed', decision((await app.reaches('failed', 'open')).digest, 'approve'));
  expect(await app.result('failed')).toMatchObject({ outcome: 'failed' });

  await app.start('rejected', argument('third-time'));
  const rejection = decision((await app.reaches('rejected', 'open')).digest, 'reject', { comment: MARK });
  await app.signal('rejected', rejection);
  expect(await app.result('rejected')).toMatchObject({ outcome: 'rejected' });

  await app.start('passed-up', argument('third-time', [level('HUMAN', '1s'), level('SECURITY', '1 hour')]));
  await app.reaches('passed-up', 'waiting');
  await app.start('open', argument('third-time'));
  await app.reaches('open', 'open');
  await app.start('unregistered', argument(`drop-${MARK}`));
  expect(await app.result('unregistered')).toMatchObject({ outcome: 'failed' });

  const samples = await saying((found) =>
    [{ state: 'waiting' }, { state: 'open', asked_in: 'gate' }, { state: 'open', asked_in: 'level' }].every(
      (labels) => sum(found, 'countersign_gates', labels) === 1,
    ),
  );
  const of = (name: string, labels = {}) => sum(samples, `countersign_${name}`, labels);
  expect(of('gates_opened_total')).toBe(5);
  expect(of('gates_opened_total', { confirmation: 'CONFIRM', risk: 'high' })).toBe(1);
  expect(of('gates_closed_total', { outcome: 'executed' })).toBe(1);
  expect(of('gates_closed_total', { outcome: 'failed' })).toBe(1);
  expect(of('gates_closed_total', { outcome: 'rejected' })).toBe(1);
  expect(of('gates_closed_total')).toBe(3);
  expect(of('unopened_total', { outcome: 'failed', workflowType: 'proposeAndExecute' })).toBe(1);
  expect(of('refusals_total', { code: 'STALE_REVISION' })).toBe(1);
  expect(of('refusals_total', { code: 'NOT_AN_APPROVER' })).toBe(1);
  expect(of('escalations_total', { from: 'HUMAN', to: 'own' })).toBe(1);
  expect(of('escalations_total')).toBe(1);
  expect(of('effects_total', { action: 'third-time', outcome: 'executed' })).toBe(1);
  expect(of('effects_total', { action: 'never', outcome: 'failed' })).toBe(1);
  expect(of('effect_attempts_total', { action: 'third-time', result: 'failed' })).toBe(2);
  expect(of('effect_attempts_total', { action: 'third-time', result: 'done' })).toBe(1);
  expect(of('effect_attempts_total', { action: 'never', result: 'failed' })).toBe(1);

  expect(of('decided_seconds_count', { decision: 'approved' })).toBe(2);
  expect(of('decided_seconds_count', { decision: 'rejected' })).toBe(1);
  expect(of('decided_seconds_sum')).toBeGreaterThan(0.05);
  expect(of('decided_seconds_bucket', { le: '2592000' })).toBe(3);

  expect(of('gates', { state: 'open', asked_in: 'gate' })).toBe(1);
  expect(of('gates', { state: 'open', asked_in: 'level' })).toBe(1);
  expect(of('gates', { state: 'approved' })).toBe(0);
  expect(of('gates_overdue')).toBe(0);
  expect(of('oldest_open_seconds')).toBeGreaterThan(0);
  expect(of('oldest_open_seconds')).toBeLessThan(120);
  expect(of('store_up')).toBe(1);
  expect(Math.abs(Date.now() / 1000 - (of('looked_at_seconds') ?? 0))).toBeLessThan(30);
});

test('a language model is counted by its provider: calls, tokens, time', async () => {
  await app.start('asked', { v: 1, task: `note ${MARK}`, requester: 'svc' });
  await app.reaches('asked', 'open');
  const samples = await saying((found) => sum(found, 'countersign_model_calls_total') !== undefined);
  const of = (name: string, labels = {}) =>
    sum(samples, `countersign_model_${name}`, { provider: 'openai-compatible', ...labels });
  expect(of('calls_total')).toBe(2);
  expect(of('tokens_total', { direction: 'input' })).toBe(200);
  expect(of('tokens_total', { direction: 'output' })).toBe(40);
  expect(of('milliseconds_total')).toBeGreaterThan(0);
});

test('a port that is taken is named, with its variable', async () => {
  const env = { ...app.env, COUNTERSIGN_METRICS: address };
  const { code, err } = await run(process.execPath, [COUNTERSIGN, 'worker'], env);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining(`COUNTERSIGN_METRICS=${address} cannot be opened: `) as unknown,
  });
});

describe('a worker that cannot begin ends, and says why', () => {
  test.each([
    { said: 'no server', more: { TEMPORAL_ADDRESS: '127.0.0.1:1' }, code: 3, err: 'UNREACHABLE: ' },
    { said: 'no actions', more: { COUNTERSIGN_ACTIONS: '/nowhere.ts' }, code: 1, err: 'ERROR: ' },
    { said: 'no workflows', more: { COUNTERSIGN_WORKFLOWS: '/nowhere.ts' }, code: 1, err: 'ERROR: ' },
    {
      said: 'a health port that is taken',
      more: {},
      args: ['--health-port'],
      code: 1,
      err: 'the health port',
    },
    { said: 'no server for dev', args: ['dev'], more: { TEMPORAL_CLI_PATH: '/nowhere' }, code: 3, err: ': ' },
  ])('$said', async ({ more, args = [], code, err }) => {
    const command = args[0] === 'dev' ? ['dev', '--headless', '--port', '0'] : ['worker'];
    const health = args[0] === '--health-port' ? ['--health-port', address.split(':')[1] ?? ''] : [];
    const { COUNTERSIGN_METRICS: _, COUNTERSIGN_METRICS_EVERY: __, ...rest } = app.env;
    const from = Date.now();
    const ran = await run(process.execPath, [COUNTERSIGN, ...command, ...health], {
      ...rest,
      COUNTERSIGN_DATA: join(directory.path, 'another'),
      COUNTERSIGN_LOG: 'plain',
      ...more,
    });
    expect(ran.err).toContain(err);
    expect(ran).toMatchObject({ code, out: '' });
    expect(Date.now() - from).toBeLessThan(60_000);
  });
});

describe('with all of that, and a workflow task that fails', () => {
  let text: string;
  let samples: readonly Sample[];
  beforeAll(async () => {
    await app.start('misspelt', {}, 'countersign', 'proposeAndExecuted');
    await saying((found) => sum(found, 'temporal_workflow_task_execution_failed') !== undefined);
    ({ text, samples } = await scrape(address));
  });

  const { groups } = parse(readFileSync(join(ROOT, 'deploy', 'alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);

  test.each(rules)('$alert asks for series that are served, by labels that they have', ({ expr }) => {
    const { series, by } = askedBy(expr);
    expect(series.length).toBeGreaterThan(0);
    for (const { name, labels } of series) {
      const found = samples.filter((sample) => sample.name === name);
      expect({ name, found: found.length > 0 }).toEqual({ name, found: true });
      expect(Object.keys(found[0]?.labels ?? {})).toEqual(
        expect.arrayContaining([...by, ...Object.keys(labels)]),
      );
    }
  });

  test('nothing that anybody wrote is in it, and no name or id', () => {
    expect(text).not.toContain(MARK.split('-')[1]);
    for (const id of ['passed-up', 'misspelt', 'unregistered', 'SECURITY']) expect(text).not.toContain(id);
    const ours = samples.filter(({ name }) => name.startsWith('countersign_'));
    const values = new Map<string, Set<string>>();
    for (const { labels } of ours)
      for (const [key, value] of Object.entries(labels))
        values.set(key, (values.get(key) ?? new Set()).add(value));
    values.delete('le');
    expect([...values.keys()].sort()).toEqual([
      'action',
      'activityType',
      'asked_in',
      'code',
      'confirmation',
      'decision',
      'direction',
      'from',
      'namespace',
      'outcome',
      'provider',
      'result',
      'risk',
      'state',
      'taskQueue',
      'to',
      'workflowType',
    ]);
  });
});

test('what it logged is JSON: what happened to which workflow, with codes, and nothing that anybody wrote; stdout has none of it', async () => {
  await until(
    async () => logged,
    (text) => text.includes('Failing workflow task'),
  );
  expect(printed).toBe('');
  expect(logged).not.toContain(MARK.split('-')[1]);
  const lines = logged
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines)
    expect(line).toMatchObject({
      level: expect.any(String),
      time: expect.any(String),
      msg: expect.any(String),
    });
  const where = [
    'time',
    'level',
    'workflowId',
    'runId',
    'sdkComponent',
    'namespace',
    'taskQueue',
    'workflowType',
    'activityId',
  ];
  const of = (workflowId: string) =>
    lines
      .filter((line) => line['workflowId'] === workflowId)
      .map((line) => Object.fromEntries(Object.entries(line).filter(([key]) => !where.includes(key))));
  const notice = { action: 'third-time', risk: 'medium' };
  const failed = {
    msg: 'Activity failed',
    activityType: 'execute',
    isLocal: false,
    durationMs: expect.any(Number),
  };
  const told = (one: { msg?: unknown }) => String(one.msg).startsWith('notice');
  expect(of('executed').filter(told)).toEqual([
    { msg: 'notice: opened', ...notice },
    { msg: 'notice: closed', ...notice, outcome: 'executed' },
  ]);
  expect(of('executed').filter((one) => !told(one))).toEqual([
    { msg: 'gate opened', confirmation: 'CONFIRM', risk: 'medium' },
    { msg: 'decision refused', code: 'STALE_REVISION', via: 'signal' },
    { msg: 'decision refused', code: 'NOT_AN_APPROVER', via: 'signal' },
    { ...failed, attempt: 1, error: { name: 'ApplicationFailure', code: 'Error' } },
    { ...failed, attempt: 2, error: { name: 'ApplicationFailure', code: 'Error' } },
    { msg: 'gate closed', outcome: 'executed', action: 'third-time' },
  ]);
  expect(of('failed')).toContainEqual({
    ...failed,
    attempt: 1,
    error: { name: 'ApplicationFailure', code: 'PermanentError' },
  });
  expect(of('passed-up')).toContainEqual({ msg: 'gate passed on', from: 'HUMAN', to: 'own' });
  expect(of('unregistered')).toEqual([{ msg: 'ended without a gate', outcome: 'failed' }]);
});

test('a worker that starts anew replays what is open and counts only what is new, over the whole time', async () => {
  const opened = Date.now();
  await app.start('over-night', argument('third-time'));
  const { digest } = await app.reaches('over-night', 'open');
  await app.stop();
  app = await startApp({ data: directory.path, env });
  await app.signal('over-night', decision(digest, 'approve'));
  expect(await app.result('over-night')).toMatchObject({ outcome: 'executed' });
  const most = (Date.now() - opened) / 1000;
  const samples = await saying((found) => sum(found, 'countersign_gates_closed_total') !== undefined);
  const of = (name: string) => sum(samples, `countersign_${name}`);
  expect(of('gates_opened_total')).toBeUndefined();
  expect(of('gates_closed_total')).toBe(1);
  expect(of('decided_seconds_count')).toBe(1);
  expect(of('decided_seconds_sum')).toBeGreaterThan(1);
  expect(of('decided_seconds_sum')).toBeLessThan(most);
});
