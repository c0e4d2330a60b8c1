/** Nothing wedges a gate: floods of what is no good decision, forged ones while nobody reads, names that the SDK reserves. Counts are whole in `npm run prove`. */
import type { temporal } from '@temporalio/proto';
import type { DecideInput, Packet } from '../../src/client';
import type { Decision } from '../../src/domain/gate/decision';
import type { Root } from '../../src/domain/digest';
import { run, temporalBinary, until } from '../support/app';
import { faultIn } from '../support/chain';
import { counted, share, WHOLE } from '../support/share';
import { DIRECTORY, placeOf, signed } from '../support/reviewers';
import { pause, sendRaw, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, {});
});
afterEach(() => {
  env.configured.reviewers = undefined;
});
afterAll(() => env.stop());

/**
 * What the server breaks off by itself, for signals that wait behind a task: UNHANDLED_COMMAND where a run was about to end, and
 * FORCE_CLOSE_COMMAND where there are more than a hundred. The task is given again, and none of it is our code's failure.
 */
const BY_THE_SERVER = [1, 17];

const bytes = (text: string) => new TextEncoder().encode(text);
const payload = (encoding: string, data: string): temporal.api.common.v1.IPayload => ({
  metadata: { encoding: bytes(encoding) },
  data: bytes(data),
});
const json = (value: unknown) => payload('json/plain', JSON.stringify(value));

/** The nth bad signal: every tenth does not decode, the others are wrong in ways of their own. */
function bad({ digest }: Packet, nth: number): [temporal.api.common.v1.IPayload[] | undefined, string] {
  const decision = { v: 1, id: `bad-${String(nth)}`, digest, verdict: 'approve', reviewer: 'eve' };
  switch (nth % 10) {
    case 0:
      return nth % 20 === 0
        ? [[payload('binary/unheard-of', '??')], 'decide']
        : [[payload('json/plain', '{"v":1,')], 'decide'];
    case 1:
      return [[json({ ...decision, digest: '0'.repeat(64) })], 'decide'];
    case 2:
      return [[json({ ...decision, urgent: true })], 'decide'];
    case 3:
      return [[json({ ...decision, verdict: 'yes' })], 'decide'];
    case 4:
      return [[json(decision)], 'decied'];
    case 5:
      return [[json({ ...decision, reviewer: 'rita' })], 'decide'];
    case 6:
      return [[json(null)], 'decide'];
    case 7:
      return [[json(decision)], `__temporal_${String(nth)}`];
    case 8:
      return [undefined, 'decide'];
    default:
      return [[json(decision)], 'decide']; // eve is no approver
  }
}

const open = () => env.opened({ policy: within('1 hour', { approvers: { people: ['ana', 'rita'] } }) });

/** Sends them all, so many at a time. */
async function each<T>(items: readonly T[], atOnce: number, send: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const hand = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await send(item);
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
}

/** The good decision, by the stock CLI or by our client; milliseconds until the outcome is known. */
async function good(packet: Packet, byCli: boolean): Promise<number> {
  const decision = { v: 1, id: 'good', digest: packet.digest, verdict: 'approve', reviewer: 'ana' };
  const started = Date.now();
  if (byCli) {
    const { address } = env.connection.options;
    const flags = ['-w', packet.workflowId, '--name', 'decide', '--input', JSON.stringify(decision)];
    const { code, err } = await run(temporalBinary(), ['workflow', 'signal', ...flags, '--address', address]);
    expect({ code, err }).toMatchObject({ code: 0 });
  } else await env.countersign.send(packet.workflowId, decision as DecideInput);
  const receipt = await env.countersign.confirmed(packet.workflowId, 'good', 30_000);
  expect(receipt).toMatchObject({ status: 'admitted' });
  return Date.now() - started;
}

const BATCHES = share(20, 2);

test(`${String(BATCHES)},000 bad signals over ${String(BATCHES * 10)} workflows, a tenth of them undecodable: no task fails, and each takes the good one`, async () => {
  const packets: Packet[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1)
    packets.push(...(await Promise.all(Array.from({ length: 10 }, () => open()))));
  const sends = packets.flatMap((packet) => Array.from({ length: 100 }, (_, nth) => ({ packet, nth })));
  expect(sends).toHaveLength(packets.length * 100);
  await each(sends, 40, async ({ packet, nth }) => {
    const [payloads, name] = bad(packet, nth);
    await sendRaw(env, packet.workflowId, payloads, name);
  });
  const slow: number[] = [];
  for (const [index, packet] of packets.entries()) slow.push(await good(packet, index % 20 === 0));
  if (WHOLE) expect(Math.max(...slow)).toBeLessThan(2_000); // a figure of a machine that does nothing else
  for (const { workflowId } of packets) {
    expect((await env.countersign.result(workflowId)).outcome).toBe('executed');
    expect(await env.failedTasks(workflowId)).toEqual([]);
  }
  counted('bad-signals', { spread: sends.length, workflows: packets.length });
}, 600_000);

test('one workflow takes more than a run does, 10,000 where all is proved, and then the good one, in runs of its own', async () => {
  const packet = await open();
  const { firstRunId } = await env.countersign.status(packet.workflowId);
  let refused = 0;
  const many = share(10_000, 2_500); // a run takes 2,000
  await each(
    Array.from({ length: many }, (_, nth) => nth),
    40,
    async (nth) => {
      const [payloads, name] = bad(packet, nth);
      await sendRaw(env, packet.workflowId, payloads, name).catch(() => (refused += 1));
    },
  );
  // Of ten thousand some are always left for another run; of fewer the last may be read in the one that the good one closes.
  const { workflowId } = packet;
  if (!WHOLE)
    await until(
      async () => (await env.client.workflow.getHandle(workflowId).describe()).runId,
      (runId) => runId !== firstRunId,
      60_000,
    );
  const landed = await good(packet, false);
  const result = await env.countersign.result(packet.workflowId);
  expect(result).toMatchObject({ outcome: 'executed', decisions: [{ reviewer: 'ana' }] });
  expect(refused).toBe(0);
  const runs = new Set<string>();
  for await (const { runId } of env.client.workflow.list({ query: `WorkflowId = '${packet.workflowId}'` })) {
    runs.add(runId);
    for (const { workflowTaskFailedEventAttributes: failed } of await env.history(packet.workflowId, runId))
      if (failed != null) expect(BY_THE_SERVER).toContain(Number(failed.cause));
  }
  // A second or two where nothing else runs; what must not be is that it never lands.
  expect(landed).toBeLessThan(120_000);
  expect(runs.has(firstRunId)).toBe(true);
  expect(runs.size).toBeGreaterThan(1);
  // One chain over all of its runs; what an attempt had stored that the server broke off branches from it, and holds as well.
  const entries = await env.store.entries(packet.workflowId);
  expect(faultIn(packet.root as Root, entries, result.audit)).toBeUndefined();
  expect(entries).toContainEqual(
    expect.objectContaining({ seq: result.audit.entries, hash: result.audit.head }),
  );
  counted('bad-signals', { one: many });
}, 600_000);

test('forged signatures, 1,000 where all is proved, sent while the worker is down: the good one lands', async () => {
  env.configured.reviewers = DIRECTORY;
  const packet = await open();
  const where = placeOf(packet);
  const decision = (id: string): Decision => ({
    v: 1,
    id,
    digest: packet.digest!,
    verdict: 'approve',
    reviewer: 'ana',
  });
  await env.stopWorker();
  const many = share(1_000, 150); // verified a hundred at a time
  await each(
    Array.from({ length: many }, (_, nth) => nth),
    40,
    async (nth) => {
      const forged = signed(decision(`forged-${String(nth)}`), where, { by: 'eve-1' });
      await sendRaw(env, packet.workflowId, [json(forged)]);
    },
  );
  await sendRaw(env, packet.workflowId, [json(signed(decision('good'), where))]);
  const started = Date.now();
  await env.startWorker();
  const receipt = await env.countersign.confirmed(packet.workflowId, 'good', 60_000);
  expect(receipt).toMatchObject({ status: 'admitted' });
  expect(Date.now() - started).toBeLessThan(20_000);
  const result = await env.countersign.result(packet.workflowId);
  expect(result).toMatchObject({ outcome: 'executed', decisions: [{ id: 'good', reviewer: 'ana' }] });
  expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  await expect(
    env.countersign.receipt(packet.workflowId, `forged-${String(many - 1)}`),
  ).resolves.toMatchObject({
    status: 'refused',
    code: 'BAD_SIGNATURE',
  });
  counted('bad-signals', { forged: many });
}, 300_000);

test('signals with names that the SDK reserves are strays like any other, before the gate opens and after', async () => {
  env.faults.agentTakes = 1_000;
  const { workflowId } = await env.countersign.propose({ task: 'answer: 42', requester: 'rita' });
  await sendRaw(env, workflowId, [json({})], '__temporal_workflow_metadata');
  env.faults.agentTakes = 0;
  const packet = await env.until(workflowId, ({ status }) => status === 'open');
  await sendRaw(env, workflowId, [json({})], '__temporal_');
  await pause(200);
  await good(packet, false);
  expect((await env.countersign.result(workflowId)).outcome).toBe('approved');
  expect(await env.failedTasks(workflowId)).toEqual([]);
  const strays = (await env.audit(workflowId)).flatMap((entry) =>
    entry.type === 'unknown-signal' ? [entry.name] : [],
  );
  expect(strays).toEqual(['__temporal_workflow_metadata', '__temporal_']);
});
