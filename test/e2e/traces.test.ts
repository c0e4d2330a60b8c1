/**
 * Traces as a collector receives them, over HTTP, of real runs on a real server: a person's command line, the workflow, its activities, the
 * model's provider; and a service that is itself part of a trace. Nothing that anybody wrote is among them.
 */
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { connect, dataConverter } from '../../src';
import {
  COUNTERSIGN,
  ROOT,
  run,
  startApp,
  temporalBinary,
  temporaryDirectory,
  until,
  type App,
} from '../support/app';
import { startModelServer, type ModelServer } from '../support/model-server';
import { startOtlpServer, type OtlpServer, type Received } from '../support/otlp-server';
import { workflowBundle } from '../support/workflow-bundle';
import { historyFromJson } from '../support/workflow-history';

/** In whatever anybody wrote; nowhere in what is exported. */
const MARK = 'kettle-7731';
const directory = temporaryDirectory();
let app: App;
let model: ModelServer;
let collector: OtlpServer;

beforeAll(async () => {
  collector = await startOtlpServer();
  const draft = {
    action: 'third-time',
    args: { note: MARK },
    title: `Note ${MARK}`,
    rationale: `because ${MARK}`,
    sensitive: false,
    evidence: [],
  };
  model = await startModelServer({
    proposal: () => ({ json: draft }),
    confidence: () => ({ json: { why: MARK, confidence: 0.9 } }),
  });
  app = await startApp({
    data: directory.path,
    env: {
      COUNTERSIGN_TRACES: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=t0ken',
      COUNTERSIGN_ACTIONS: join(ROOT, 'test', 'support', 'telemetry-actions.ts'),
      COUNTERSIGN_MODEL: 'openai-compatible/small-1',
      COUNTERSIGN_MODEL_URL: model.url,
    },
  });
});

afterAll(async () => {
  await app.stop();
  await model.close();
  await collector.close();
  directory.remove();
});

const ours = async (...args: string[]) => {
  const { code, out, err } = await app.countersign(...args, '--json');
  if (code !== 0) throw new Error(err || out);
};

const of = (workflowId: string) =>
  collector.spans.filter((span) => span.attributes['temporalWorkflowId'] === workflowId);

/** All spans of a workflow, once it has told of its end. */
async function whole(workflowId: string): Promise<Received[]> {
  await until(
    async () => of(workflowId),
    (spans) => spans.some(({ name }) => name.startsWith('workflow ')),
  );
  return of(workflowId);
}

/** `a > b > c`, each by its parents' names. */
function chains(spans: readonly Received[]): string[] {
  const all = new Map(collector.spans.map((span) => [span.spanId, span]));
  const path = (span: Received): string => {
    const parent = all.get(span.parentSpanId);
    if (parent === undefined) return span.parentSpanId === '' ? span.name : `? > ${span.name}`;
    expect(parent.traceId).toBe(span.traceId);
    return `${path(parent)} > ${span.name}`;
  };
  return spans.map(path);
}
const children = (spans: readonly Received[]) =>
  collector.spans.filter(({ parentSpanId }) => spans.some(({ spanId }) => spanId === parentSpanId));

test('from the command line to the model, and from the decision to the effect', async () => {
  await ours('propose', `note ${MARK}`, '--id', 'noted', '--requester', `svc-${MARK}`);
  const { digest = '' } = await app.reaches('noted', 'open');
  const said = ['--comment', MARK, '--id', 'd-1', '--digest', digest];
  await ours('approve', 'noted', '--reviewer', `bo-${MARK}`, ...said);
  expect(await app.result('noted')).toMatchObject({ outcome: 'executed', result: { note: MARK } });
  const spans = await whole('noted');
  const start = 'start proposeAndExecute';
  const flow = `${start} > workflow proposeAndExecute`;
  expect(
    chains([...spans, ...children(spans)].filter((span, index, all) => all.indexOf(span) === index)).sort(),
  ).toEqual(
    [
      start,
      flow,
      `${flow} > activity propose`,
      `${flow} > activity propose > chat small-1`,
      `${flow} > activity propose > chat small-1`,
      `${flow} > activity assess`,
      `${flow} > people decide`,
      `${flow} > activity record`,
      `${flow} > activity execute`,
      `${flow} > activity execute`,
      `${flow} > activity execute`,
      `${flow} > activity recordEffect`,
      'signal decide',
      'signal decide > decision',
    ].sort(),
  );

  const named = (name: string) => spans.filter((span) => span.name === name);
  const [workflow] = named('workflow proposeAndExecute');
  const [decision] = named('decision');
  const [waited] = named('people decide');
  expect(workflow?.attributes).toMatchObject({ 'countersign.outcome': 'executed' });
  expect(decision?.attributes).toMatchObject({
    'countersign.decision.id': 'd-1',
    'countersign.verdict': 'approve',
    'countersign.via': 'signal',
    'countersign.status': 'admitted',
  });
  expect(decision?.links).toEqual([{ traceId: workflow?.traceId, spanId: workflow?.spanId }]);
  expect(waited?.attributes).toMatchObject({ 'countersign.decision': 'approved' });
  const attempts = named('activity execute');
  expect(attempts.map(({ attributes, failed }) => [attributes['temporalAttempt'], failed]).sort()).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ]);
  for (const attempt of attempts) {
    expect(attempt.links).toEqual([{ traceId: decision?.traceId, spanId: decision?.spanId }]);
    expect(attempt.attributes).toMatchObject({ 'countersign.action': 'third-time' });
  }
  const [chat] = children(named('activity propose'));
  expect(chat?.attributes).toMatchObject({
    'gen_ai.provider.name': 'openai-compatible',
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 20,
  });
  for (const { from, to } of spans) expect(to).toBeGreaterThanOrEqual(from);
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['countersign']));
  expect(collector.headers.every((headers) => headers['x-token'] === 't0ken')).toBe(true);
  // What is sent to the provider does not know of it.
  expect(model.heard.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined]);
});

const level = (name: string, respondWithin = '1 hour') => ({
  name,
  approvers: { people: ['*'] },
  respondWithin,
});
const argument = (action: string, levels = [level('HUMAN')]) => ({
  v: 1,
  task: MARK,
  requester: 'svc',
  proposal: { action, args: { note: MARK }, title: MARK, rationale: MARK, confidence: 1, sensitive: false },
  policy: { confirmation: 'CONFIRM', levels },
});
const approval = (digest: unknown, id = 'd-1') => ({ v: 1, id, digest, verdict: 'approve', reviewer: 'bo' });

test('a level of its own is under its owner; what the stock CLI starts begins a trace, and what it decides is in it', async () => {
  await app.start('passed-up', argument('third-time', [level('HUMAN', '1s'), level('MANAGER')]));
  const { waitingOn = '' } = await app.reaches('passed-up', 'waiting');
  const { digest } = await app.reaches(waitingOn, 'open');
  await app.signal(waitingOn, approval('0'.repeat(64), 'stale'));
  await app.signal(waitingOn, approval(digest));
  expect(await app.result('passed-up')).toMatchObject({ outcome: 'executed' });
  await whole(waitingOn);
  const flow = 'workflow proposeAndExecute';
  expect(chains(await whole('passed-up'))).toEqual(
    expect.arrayContaining([flow, `${flow} > people decide`, `${flow} > activity execute`]),
  );
  expect(chains(of(waitingOn))).toEqual(
    expect.arrayContaining([
      `${flow} > workflow reviewLevel`,
      `${flow} > workflow reviewLevel > decision`,
      `${flow} > workflow reviewLevel > decision`,
    ]),
  );
  const decisions = of(waitingOn).filter(({ name }) => name === 'decision');
  expect(decisions.map(({ attributes }) => attributes['countersign.code'])).toEqual([
    'STALE_REVISION',
    undefined,
  ]);
});

test('what fails says so by its code', async () => {
  await app.start('failed', argument('never'));
  await app.signal('failed', approval((await app.reaches('failed', 'open')).digest));
  expect(await app.result('failed')).toMatchObject({ outcome: 'failed' });
  const spans = await whole('failed');
  const failed = spans.filter((span) => span.failed);
  expect(failed.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['activity execute', 'PermanentError'],
  ]);
  expect(spans.find(({ name }) => name === 'workflow proposeAndExecute')?.attributes).toMatchObject({
    'countersign.outcome': 'failed',
  });
  await app.start('invalid', { v: 1, [`key-${MARK}`]: MARK });
  const [refused] = await whole('invalid');
  expect([refused?.failed, refused?.attributes['error.type']]).toEqual([true, 'INVALID_INPUT']);
});

test('a worker that starts anew in between goes on with the same spans', async () => {
  await app.start('over-night', argument('third-time'));
  const { digest } = await app.reaches('over-night', 'open');
  const port = app.address.split(':')[1] ?? '';
  await app.stop();
  const { env } = app;
  app = await startApp({ data: directory.path, env, port });
  await app.signal('over-night', approval(digest));
  expect(await app.result('over-night')).toMatchObject({ outcome: 'executed' });
  const flow = 'workflow proposeAndExecute';
  const spans = await whole('over-night');
  expect(chains(spans).sort()).toEqual(
    [
      flow,
      `${flow} > activity assess`,
      `${flow} > decision`,
      `${flow} > people decide`,
      ...['record', 'recordEffect', 'execute', 'execute', 'execute'].map(
        (name) => `${flow} > activity ${name}`,
      ),
    ].sort(),
  );
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

test('a service with traces of its own is the parent of what it starts and decides', async () => {
  const program = join(ROOT, 'test', 'support', 'traced-service.ts');
  const given = [app.address, collector.url, 'by-service', JSON.stringify(argument('third-time'))];
  const { code, err } = await run(process.execPath, ['--import', 'tsx', program, ...given], app.env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(await app.result('by-service')).toMatchObject({ outcome: 'executed' });
  const flow = 'order 1042 > start proposeAndExecute > workflow proposeAndExecute';
  expect(chains(await whole('by-service'))).toEqual(
    expect.arrayContaining([
      flow,
      `${flow} > activity execute`,
      'order 1042 > update decide',
      'order 1042 > update decide > decision',
    ]),
  );
  const services = collector.spans.filter(({ service }) => service === 'orders').map(({ name }) => name);
  expect(services.sort()).toEqual(['order 1042', 'start proposeAndExecute', 'update decide']);
});

test.each(['"no trace"', '{"traceparent":7}', '{"traceparent":"00-0-0-00"}', 'no JSON'])(
  'a header that holds %s is none',
  async (header) => {
    const workflowId = `odd-${String(header.length)}`;
    const { connection } = await connect({ address: app.address });
    try {
      await connection.workflowService.startWorkflowExecution({
        namespace: 'default',
        workflowId,
        requestId: workflowId,
        workflowType: { name: 'proposeAndExecute' },
        taskQueue: { name: 'countersign' },
        header: {
          fields: {
            '_tracer-data': { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(header) },
          },
        },
      });
    } finally {
      await connection.close();
    }
    expect((await whole(workflowId)).map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['workflow proposeAndExecute', ''],
    ]);
  },
);

test('a collector that is away costs a command two seconds at most, and no word of its own', async () => {
  const env = { ...app.env, COUNTERSIGN_TRACES: 'http://127.0.0.1:1' };
  const before = Date.now();
  await run(process.execPath, [COUNTERSIGN, 'show', 'noted', '--json'], app.env);
  const usual = Date.now() - before;
  const { code, out, err } = await run(
    process.execPath,
    [COUNTERSIGN, 'cancel', 'open-still', '--json'],
    env,
  );
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('NOT_FOUND') as unknown });
  expect(JSON.parse(out)).toMatchObject({ code: 'NOT_FOUND' });
  expect(Date.now() - before - usual).toBeLessThan(usual + 3_500);
});

test('nothing that anybody wrote is in any of it', () => {
  expect(collector.spans.length).toBeGreaterThan(50);
  expect(collector.text()).not.toContain(MARK.split('-')[1]);
});

test('what ran with traces replays without them', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
  const bundle = await workflowBundle();
  const of = ['noted', 'passed-up', 'failed', 'over-night', 'by-service'];
  const histories = await Promise.all(
    of.map(async (workflowId) => {
      const { out } = await run(
        temporalBinary(),
        ['workflow', 'show', '-w', workflowId, '-o', 'json', '--address', app.address],
        app.env,
      );
      return { workflowId, history: historyFromJson(JSON.parse(out) as never) };
    }),
  );
  const errors: unknown[] = [];
  for await (const { error } of Worker.runReplayHistories(
    { workflowBundle: bundle, dataConverter },
    histories,
  ))
    errors.push(error);
  expect(errors).toEqual(of.map(() => undefined));
});
