/**
 * A no may stand in the history of a run before a reset. Where the server has that history no more, the record says so before the approval is
 * acted on, whichever way it is acted on.
 */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { append, GENESIS, openChain, type Fact } from '../../src/domain/audit';
import type { Packet } from '../../src/domain/packet';
import { SEED } from '../support/forged';
import { FORGETS_SOON, forgotten } from '../support/retention';
import { SHIP, startWorkflowEnv, types, within, type Entry, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { server: FORGETS_SOON });
});
afterAll(() => env.stop());

let nth = 0;

/** As an operator does it, to the first task: the run that is left, and the one that goes on. */
async function reset(workflowId: string): Promise<{ readonly before: string; readonly runId: string }> {
  const { runId: before } = await env.client.workflow.getHandle(workflowId).describe();
  const events = await env.history(workflowId);
  const end = events.find((one) => one.workflowTaskCompletedEventAttributes);
  const { runId } = await env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId: before },
    workflowTaskFinishEventId: end!.eventId!,
    requestId: `reset-${String(++nth)}`,
    reason: 'a test',
  });
  return { before, runId: runId };
}

/** Opened, reset, and the run before deleted where that is asked for; what is left is to be decided. */
async function goneOn(workflowId: string, deletes = true): Promise<{ packet: Packet; before: string }> {
  await env.until(workflowId, ({ status }) => status === 'open');
  const { before } = await reset(workflowId);
  if (deletes) await forgotten(env, { workflowId, firstRunId: before });
  return { before, packet: await env.until(workflowId, ({ status }) => status === 'open') };
}

async function begun(type: string, argument: object): Promise<string> {
  const workflowId = `gone-${String(++nth)}`;
  const { taskQueue } = env;
  await env.client.workflow.start(type, {
    taskQueue,
    workflowId,
    args: [{ v: 1, requester: 'rita', ...argument }],
  });
  return workflowId;
}

const proposed = (action: string, args: object, policy: object = within('1 hour')) =>
  begun('proposeAndExecute', { task: 'ship it', proposal: { ...SHIP, action, args }, policy });

async function decide({ workflowId, digest }: Packet, verdict: 'approve' | 'escalate' = 'approve') {
  const comment = verdict === 'escalate' ? { comment: 'not mine' } : {};
  await env.countersign.send(workflowId, { digest: digest!, verdict, reviewer: 'ana', ...comment });
}

/** Of the trunk that the result names: a reset leaves a branch. */
async function trunk(workflowId: string): Promise<Entry[]> {
  const { audit } = await env.countersign.result(workflowId);
  const entries = await env.store.entries(workflowId);
  const found: Entry[] = [];
  for (let hash = audit.head; ;) {
    const entry = entries.find((one) => one.hash === hash);
    if (entry === undefined) return found.reverse();
    found.push(JSON.parse(entry.text ?? '') as Entry);
    hash = entry.prev;
  }
}

const REMOTE = (taskQueue: string) => ({ taskQueue, activity: 'shipElsewhere', input: { order: 'A-7' } });

describe.each([
  { said: 'an effect', start: () => proposed('ship', SHIP.args), ends: ['executed', 'closed'] },
  { said: 'a short effect', start: () => proposed('quick', {}), ends: ['executed', 'closed'] },
  {
    said: 'another worker’s effect',
    start: () => proposed('remote', REMOTE(env.otherQueue)),
    ends: ['executed', 'closed'],
  },
  {
    said: 'an effect that fails',
    start: () => proposed('broken', {}),
    ends: ['closed'],
  },
  {
    said: 'a question',
    start: () => begun('confirm', { action: 'Look', level: 'CONFIRM', policy: within('1 hour') }),
    ends: ['closed'],
  },
])('$said', ({ start, ends }) => {
  test('of a run whose earlier history is gone: the record says so, before the effect', async () => {
    const { packet, before } = await goneOn(await start());
    await decide(packet);
    await env.countersign.result(packet.workflowId);
    const entries = await trunk(packet.workflowId);
    expect(types(entries).slice(-2 - ends.length)).toEqual(['approved', 'histories-gone', ...ends]);
    expect(entries.find(({ type }) => type === 'histories-gone')).toMatchObject({
      gate: 'main',
      runs: [before],
    });
  }, 120_000);

  test('of a run whose earlier history is there: nothing is said', async () => {
    const { packet } = await goneOn(await start(), false);
    await decide(packet);
    await env.countersign.result(packet.workflowId);
    expect(types(await trunk(packet.workflowId)).slice(-1 - ends.length)).toEqual(['approved', ...ends]);
  }, 120_000);
});

describe('a level', () => {
  const level = (name: string) => ({ ...within('1 hour').levels[0]!, name });
  const LADDER = { confirmation: 'CONFIRM', levels: [level('HUMAN'), level('MANAGER')] };

  // The history does not say at which level she spoke; the record does, and she has spoken once.
  test('is signed at by somebody who may sign at another one, too, in a run after a reset', async () => {
    const { packet } = await goneOn(await proposed('ship', SHIP.args, LADDER), false);
    await decide(packet);
    await expect(env.countersign.result(packet.workflowId)).resolves.toMatchObject({ outcome: 'executed' });
  }, 60_000);

  test('whose workflow’s earlier history is gone: it says so, and so does whoever acts on its approval', async () => {
    const owner = await proposed('ship', SHIP.args, LADDER);
    await decide(await env.until(owner, ({ status }) => status === 'open'), 'escalate');
    const { waitingOn } = await env.until(owner, ({ status }) => status === 'waiting');
    const { packet, before } = await goneOn(waitingOn!);
    await decide(packet);
    await env.countersign.result(owner);
    const gone = { type: 'histories-gone', gate: 'main', runs: [before] };
    expect(await trunk(waitingOn!)).toContainEqual(expect.objectContaining(gone));
    const entries = await trunk(owner);
    expect(types(entries).slice(-4)).toEqual(['approved', 'histories-gone', 'executed', 'closed']);
    expect(entries.at(-3)).toMatchObject(gone);
  }, 120_000);

  test('whose whole workflow is gone, though the record tells that it was asked: its first run is named', async () => {
    const owner = await proposed('ship', SHIP.args, LADDER);
    const { root, digest } = await env.until(owner, ({ status }) => status === 'open');
    const { workflowId, firstRunId } = root!;
    const child = { workflowId: `${workflowId}/MANAGER`, firstRunId: 'the first run of the level' };
    const fact: Fact = { type: 'level-opened', gate: 'main', level: 'MANAGER', child };
    const stored = await env.store.entries(workflowId);
    const head = stored.at(-1);
    const at = { ...openChain(root!, SEED), seq: head?.seq ?? 0, head: head?.hash ?? GENESIS };
    const asked = new MockActivityEnvironment(
      { isLocal: true, workflowExecution: { workflowId, runId: firstRunId } },
      { logger: new DefaultLogger('ERROR'), client: env.client },
    );
    const judge = (rung: number) =>
      ({
        root,
        gate: 'main',
        revision: 1,
        digest,
        approval: { policy: LADDER, rung, decisions: [] },
      }) as never;
    const found = (rung: number, told: readonly Fact[]) => {
      const entries = told.reduce((on, one) => append(on, one, new Date().toISOString()), at).pending;
      return asked.run(env.activities.record, {
        root: root!,
        entries,
        judge: judge(rung),
        executes: true as const,
      });
    };
    expect(await found(1, [])).toBeUndefined();
    expect(await found(1, [fact])).toEqual({ gone: [child.firstRunId] });
    expect(await found(0, [])).toBeUndefined();
    await env.client.workflow.getHandle(workflowId).terminate();
  }, 60_000);
});
