/** Temporal's account and the store's, compared: what no code could record is recorded, forks are explained, tampering is raised. */
import path from 'node:path';
import { createClient } from '@libsql/client';
import type { Packet } from '../../src/client';
import { broken } from '../support/chain';
import type { Reconciled } from '../../src/domain/reconcile';
import { counted, WHOLE } from '../support/share';
import { PATHS } from '../support/workflow-paths';
import { taken } from '../support/forger';
import { pause, startWorkflowEnv, within, type Entry, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

let nth = 0;
async function reconcile(since: string): Promise<{ report: Reconciled; facts: Entry[] }> {
  const workflowId = `reconcile-${String(++nth)}`;
  const { taskQueue } = env;
  await pause(1_500); // visibility comes a moment later
  const handle = await env.client.workflow.start('reconcile', {
    taskQueue,
    workflowId,
    args: [{ v: 1, since, settle: '1ms' }],
  });
  const report = (await handle.result().catch((error: unknown) => {
    const [details] = (error as { cause: { details: Reconciled[] } }).cause.details;
    return details;
  })) as Reconciled;
  const entries = await env.store.entries(workflowId);
  return { report, facts: entries.map(({ text = '' }) => JSON.parse(text) as Entry) };
}
const stamp = () => new Date().toISOString();
const approve = (packet: Packet) =>
  env.countersign.send(packet.workflowId, { digest: packet.digest!, verdict: 'approve', reviewer: 'ana' });

/** Resets a closed workflow to the completion of one of its tasks; resolves once the new run has ended. */
async function reset(workflowId: string, runId: string, eventId: number): Promise<void> {
  await env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: eventId as never,
    requestId: `reset-${workflowId}-${String(eventId)}-${runId}`,
    reason: 'test',
  });
  const handle = env.client.workflow.getHandle(workflowId);
  const ended = handle.result().catch(() => undefined);
  // Signals come in before what they answer; who decided on a later revision has to decide again, and here calls it off.
  const late = setTimeout(() => void handle.cancel().catch(() => undefined), 4_000);
  await ended;
  clearTimeout(late);
}

test('what agrees leaves a word that it was looked at, and no more', async () => {
  const since = stamp();
  const packet = await env.opened();
  await approve(packet);
  await env.countersign.result(packet.workflowId);
  const { report, facts } = await reconcile(since);
  expect(report).toMatchObject({ checked: 1, ended: 0, explained: 0, mismatches: [] });
  expect(facts).toMatchObject([{ type: 'reconciled', since, checked: 1 }]);
});

test('a terminated gate and its terminated level are recorded, with the reason', async () => {
  const since = stamp();
  const policy = {
    ...within('1 hour'),
    levels: [...within('1 hour').levels, { ...within('1 hour').levels[0]!, name: 'MANAGER' }],
  };
  const packet = await env.opened({ policy });
  await env.countersign.send(packet.workflowId, {
    digest: packet.digest!,
    verdict: 'escalate',
    reviewer: 'ana',
    comment: 'up',
  });
  await env.until(`${packet.workflowId}/MANAGER`, ({ status }) => status === 'open');
  await env.client.workflow.getHandle(packet.workflowId).terminate('an operator was in a hurry');
  const { report, facts } = await reconcile(since);
  expect(report).toMatchObject({ checked: 2, ended: 2, mismatches: [] });
  const found = facts.filter(({ type }) => type === 'found-ended');
  expect(found).toContainEqual(
    expect.objectContaining({
      of: { workflowId: packet.workflowId, firstRunId: packet.root!.firstRunId },
      status: 'TERMINATED',
      reason: 'an operator was in a hurry',
    }),
  );
  expect(found.map((one) => (one as unknown as { of: { workflowId: string } }).of.workflowId)).toContain(
    `${packet.workflowId}/MANAGER`,
  );
});

test('a run that was refused as not ours has recorded nothing, and is not missed', async () => {
  const since = stamp();
  const workflowId = 'not-ours';
  const handle = await env.client.workflow.start('evil', { workflowId, taskQueue: 'evil', args: [] });
  const task = await taken(env, 'evil');
  await task.goOnAs('confirm', env.taskQueue, [{ v: 1, action: 'Look', level: 'CONFIRM', requester: 'eve' }]);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'NOT_CONTINUED_BY_US' } });
  const { report, facts } = await reconcile(since);
  expect(report).toMatchObject({ checked: 0, ended: 0, mismatches: [] });
  expect(facts).toMatchObject([{ type: 'reconciled', checked: 0 }]);
});

test('a fork by a reset is explained', async () => {
  const since = stamp();
  const packet = await env.opened();
  await approve(packet);
  await env.countersign.result(packet.workflowId);
  await pause(1_100); // another time, and so other hashes
  await reset(packet.workflowId, packet.root!.firstRunId, 4);
  const { report, facts } = await reconcile(since);
  expect(report).toMatchObject({ checked: 1, explained: 1, mismatches: [] });
  expect(facts).toContainEqual(
    expect.objectContaining({ type: 'fork-explained', by: 'reset', of: packet.root }),
  );
});

test.each([
  [
    'an entry was changed',
    "UPDATE audit_entries SET text = replace(text, 'ana', 'eve') WHERE workflow_id = ? AND text LIKE '%decided%'",
    /was changed/,
  ],
  [
    'the tail was cut',
    'DELETE FROM audit_entries WHERE workflow_id = ? AND seq = (SELECT max(seq) FROM audit_entries WHERE workflow_id = ?)',
    /tells of \d entries, the store has \d/,
  ],
  ['nothing is left', 'DELETE FROM audit_entries WHERE workflow_id = ?', /the store has 0/],
] as const)('%s: raised, and recorded', async (_, sql, problem) => {
  const since = stamp();
  const packet = await env.opened();
  await approve(packet);
  await env.countersign.result(packet.workflowId);
  const database = createClient({ url: `file:${path.join(env.directory, 'countersign.db')}` });
  for (const trigger of (await database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    .rows)
    await database.execute(`DROP TRIGGER ${String(trigger['name'])}`);
  await database.execute({
    sql,
    args: sql
      .split('?')
      .slice(1)
      .map(() => packet.workflowId),
  });
  database.close();
  const { report, facts } = await reconcile(since);
  expect(report.mismatches).toEqual([expect.stringMatching(problem)]);
  expect(facts).toContainEqual(
    expect.objectContaining({ type: 'mismatch', problem: expect.stringMatching(problem) }),
  );
});

describe('the audit store is down', () => {
  const database = () => createClient({ url: `file:${path.join(env.directory, 'countersign.db')}` });
  const renamed = async (from: string, to: string) => {
    const client = database();
    await client.execute(`ALTER TABLE ${from} RENAME TO ${to}`);
    client.close();
  };
  afterEach(() => {
    env.faults.storeDown = false;
  });

  interface Down {
    readonly said: string;
    goes(): Promise<void> | void;
    returns(): Promise<void> | void;
    /** It has asked the store, in vain. */
    asked(workflowId: string): Promise<boolean>;
  }
  const execution = async (id: string) => (await env.client.workflow.getHandle(id).describe()).raw;

  test.each<Down>([
    {
      said: 'it cannot be read',
      goes: () => renamed('audit_entries', 'audit_entries_away'),
      returns: () => renamed('audit_entries_away', 'audit_entries'),
      asked: async (id) =>
        (await execution(id)).pendingActivities?.some(({ lastFailure }) => lastFailure != null) ?? false,
    },
    {
      said: 'it takes nothing',
      goes: () => void (env.faults.storeDown = true),
      returns: () => void (env.faults.storeDown = false),
      asked: async (id) =>
        (await env.history(id)).some(({ timerStartedEventAttributes: waits }) => waits != null),
    },
  ])('$said: it is tried again, and nothing is recorded twice', async ({ goes, returns, asked }) => {
    const since = stamp();
    const packet = await env.opened();
    await env.client.workflow.getHandle(packet.workflowId).terminate('an operator was in a hurry');
    await pause(1_500);
    const workflowId = `reconcile-${String(++nth)}`;
    const { taskQueue } = env;
    const args = [{ v: 1, since, settle: '1ms' }];
    await goes();
    const handle = await env.client.workflow.start('reconcile', { taskQueue, workflowId, args });
    const running = async () => (await handle.describe()).status.name === 'RUNNING';
    try {
      while ((await running()) && !(await asked(workflowId))) await pause(50);
      await pause(500);
      expect(await running()).toBe(true);
    } finally {
      await returns();
    }
    const report = (await handle.result()) as Reconciled;
    expect(report).toMatchObject({ checked: 1, ended: 1, explained: 0, mismatches: [] });
    const entries = await env.store.entries(workflowId);
    expect(broken(entries[0]!, entries, report.audit)).toBeUndefined();
    expect(entries.map(({ meta }) => meta.type)).toEqual(['found-ended', 'reconciled']);
    expect(await env.failedTasks(workflowId)).toEqual([]);
  });
});

test('reset at every task of 20 histories: no effect more, and every fork explained', async () => {
  const all = Object.keys(PATHS).filter((name) => WALKED.includes(name));
  expect(all).toHaveLength(20);
  const names = all.filter((name) => WHOLE || OF_EACH_KIND.includes(name));
  const since = stamp();
  const walked: string[] = [];
  for (const name of names) walked.push(await PATHS[name]!.walk(env));
  for (const id of walked)
    await env.client.workflow
      .getHandle(id)
      .result()
      .catch(() => undefined);
  const before = await env.actions.effects();
  let resets = 0;
  const resetAll = async (id: string) => {
    const tasks = (await env.history(id)).flatMap(
      ({ eventId, workflowTaskCompletedEventAttributes: task }) => (task == null ? [] : [Number(eventId)]),
    );
    const { runId } = await env.client.workflow.getHandle(id).describe();
    for (const eventId of tasks) {
      await reset(id, runId, eventId);
      resets += 1;
    }
  };
  await Promise.all(walked.map(resetAll));
  expect(resets).toBeGreaterThan(2 * names.length);
  expect(await env.actions.effects()).toEqual(before);
  const { report } = await reconcile(since);
  expect(report.mismatches).toEqual([]);
  expect(report.explained).toBeGreaterThanOrEqual(names.length / 2);
  counted('resets', { histories: names.length, resets, explained: report.explained });
  process.stderr.write(`${String(resets)} resets, ${String(report.explained)} forked chains explained\n`);
}, 400_000);

/** An agent's, a revised, an edited, a long effect's and a refused one. */
const OF_EACH_KIND = ['approve-agent', 'revised', 'edit', 'remote-effect', 'refusals'];
/** Those whose story ends by itself once their signals are applied again. */
const WALKED = [
  ...['approve-given', 'approve-agent', 'agent-fails-answered', 'revised', 'revised-in-vain', 'short-effect'],
  ...[
    'edit',
    'edit-refused',
    'quorum-2',
    'reject',
    'refusals',
    'confirm',
    'info',
    'verify',
    'cancel-by-requester',
  ],
  ...[
    'delegated-withdrawn-extended',
    'unregistered-action',
    'failed-action',
    'reviewed-output',
    'remote-effect',
  ],
];
