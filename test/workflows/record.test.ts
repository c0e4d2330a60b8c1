/** Who may write what to the record: the workflow that the server names, in its own chain, what follows what is there. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Packet } from '../../src/client';
import { append, openChain, type AuditEntry, type Chain, type Fact } from '../../src/domain/audit';
import type { Root } from '../../src/domain/digest';
import { parsed } from '../../src/domain/entry';
import { faultIn } from '../support/chain';
import { rehashed, retold, SEED } from '../support/forged';
import { startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
const AT = '2026-11-01T00:00:00.000Z';
const CLOSED: Fact = { type: 'closed', outcome: 'rejected' };

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

/** The activity as the workflow calls it: the server is asked about that workflow and run. */
function record({ workflowId, firstRunId: runId }: Root, request: object, isLocal = true) {
  const mock = new MockActivityEnvironment(
    { isLocal, workflowExecution: { workflowId, runId } },
    { logger: new DefaultLogger('ERROR'), client: env.client },
  );
  return mock.run(env.activities.record, request as never);
}

/** Open gates, with what was stored of their chains so far: the store takes it as they ask. */
async function gate(): Promise<{ readonly root: Root; readonly chain: Chain }> {
  const packet: Packet = await env.opened({ policy: within('1 hour') });
  const root = packet.root!;
  let chain = openChain(root, SEED);
  for (let nth = 0; nth < 3; nth += 1)
    chain = append(chain, { type: 'unknown-signal', gate: 'main', name: 'x' }, AT);
  await record(root, { root, entries: chain.pending });
  return { root, chain: { ...chain, pending: [] } };
}

const all = async () => (await env.store.count()).entries;
const NOT_ITS_WORKFLOW = { type: 'NOT_ITS_WORKFLOW', nonRetryable: true };
const NOT_AN_ENTRY = { type: 'NOT_AN_ENTRY', nonRetryable: true };

test('in its own chain, what follows: stored, forks too', async () => {
  const { root, chain } = await gate();
  for (const at of [AT, '2026-11-02T00:00:00.000Z'])
    expect(await record(root, { root, entries: append(chain, CLOSED, at).pending })).toBeUndefined();
  const stored = await env.store.entries(root.workflowId);
  expect(stored.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 4]);
  expect(faultIn(root, stored)).toBeUndefined();
});

test('a fork of an open gate’s chain by another workflow', async () => {
  const [victim, forger] = [await gate(), await gate()];
  const { pending } = append(victim.chain, CLOSED, AT);
  const before = await all();
  await expect(record(forger.root, { root: victim.root, entries: pending })).rejects.toMatchObject(
    NOT_ITS_WORKFLOW,
  );
  // Its own root beside entries that name another's place, which once counted.
  const placed = pending.map((entry) => ({ ...entry, ...victim.root }));
  await expect(record(forger.root, { root: forger.root, entries: placed })).rejects.toMatchObject(
    NOT_AN_ENTRY,
  );
  expect(await all()).toBe(before);
});

test('another run of the same workflow id', async () => {
  const { root } = await gate();
  const earlier = { ...root, firstRunId: randomUUID() };
  const entries = append(openChain(earlier, SEED), CLOSED, AT).pending;
  const before = await all();
  await expect(record(root, { root: earlier, entries })).rejects.toMatchObject(NOT_ITS_WORKFLOW);
  await expect(record(earlier, { root: earlier, entries })).rejects.toThrow();
  expect(await all()).toBe(before);
});

test('a workflow that the server does not know', async () => {
  const nobody = { workflowId: 'nobody', firstRunId: randomUUID() };
  const entries = append(openChain(nobody, SEED), CLOSED, AT).pending;
  await expect(record(nobody, { root: nobody, entries })).rejects.toThrow();
  expect(await env.store.entries('nobody')).toEqual([]);
});

test.each<[string, (root: Root, entry: AuditEntry) => object]>([
  ['another hash', (_, entry) => ({ ...entry, hash: 'f'.repeat(64) })],
  ['another text', (_, entry) => ({ ...entry, text: entry.text.replace('rejected', 'executed') })],
  [
    'the text of another type',
    (root, entry) => rehashed(root, { ...entry, meta: { ...entry.meta, type: 'executed' } }),
  ],
  ['a text that is no JSON', (root, entry) => retold(root, entry, 'nothing')],
  [
    'a text of another workflow',
    (root, entry) => retold(root, entry, JSON.stringify({ ...parsed(entry.text), workflowId: 'x' })),
  ],
  ['no text', (_, { text: _text, ...entry }) => entry],
  ['a number of another kind', (_, entry) => ({ ...entry, seq: '4' })],
  ['nothing', () => ({})],
])('an entry with %s', async (_, change) => {
  const { root, chain } = await gate();
  const [entry] = append(chain, CLOSED, AT).pending;
  const before = await all();
  await expect(record(root, { root, entries: [change(root, entry!)] })).rejects.toMatchObject(NOT_AN_ENTRY);
  expect(await all()).toBe(before);
});

test('a gap: nothing is stored, and the workflow is told to bring what is missing', async () => {
  const { root, chain } = await gate();
  const on = append(append(chain, CLOSED, AT), CLOSED, AT);
  const before = await all();
  expect(await record(root, { root, entries: on.pending.slice(1) })).toEqual({ missing: true });
  expect(await all()).toBe(before);
  expect(await record(root, { root, entries: on.pending })).toBeUndefined();
});

test('scheduled like any other activity', async () => {
  const { root, chain } = await gate();
  const entries = append(chain, CLOSED, AT).pending;
  const scheduled = record(root, { root, entries }, false);
  await expect(scheduled).rejects.toMatchObject({ type: 'NOT_LOCAL', nonRetryable: true });
});

test('a whole gate: each entry has a salt of its own, and no packet, no result tells the seed of them', async () => {
  const packet = await env.opened({ policy: within('1 hour') });
  const { workflowId, digest } = packet;
  await env.countersign.send(workflowId, { digest: digest!, verdict: 'approve', reviewer: 'ana' });
  const result = await env.countersign.result(workflowId);
  const facts = await env.audit(workflowId);
  const salts = facts.map((fact) => (fact as unknown as { salt: string }).salt);
  expect(new Set(salts).size).toBe(facts.length);
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  const seeds = events!.flatMap(({ markerRecordedEventAttributes: marker }) =>
    Object.values(marker?.details ?? {}).flatMap(({ payloads }) =>
      (payloads ?? []).flatMap(
        ({ data }) => /"seed":"(\w+)"/.exec(Buffer.from(data ?? []).toString())?.[1] ?? [],
      ),
    ),
  );
  expect(seeds.length).toBeGreaterThan(0);
  for (const seed of seeds) expect(JSON.stringify([packet, result])).not.toContain(seed);
});
