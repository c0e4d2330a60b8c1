/** Every path through the workflow, walked once: what scripts/record-history.ts records and the replay test asks for. */
import type { DecideInput, Packet } from '../../src/client';
import type { Outcome } from '../../src/domain/gate';
import { past, pause, sendRaw, SHIP, within, type WorkflowEnv } from './workflow-env';

export interface WorkflowPath {
  readonly outcome: Outcome;
  /** Answers the workflow id. */
  walk(env: WorkflowEnv): Promise<string>;
}

type Step = (env: WorkflowEnv, packet: Packet) => Promise<void>;

export const PATHS: Readonly<Record<string, WorkflowPath>> = {
  'approve-given': given('executed', approved),
  'approve-agent': {
    outcome: 'executed',
    async walk(env) {
      const task = `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}`;
      const packet = await env.propose({ task, requester: 'rita' });
      await approved(env, packet);
      return packet.workflowId;
    },
  },
  'agent-fails-answered': {
    outcome: 'answered',
    async walk(env) {
      const packet = await env.propose({ task: 'fail: no idea', requester: 'rita' });
      await send(env, packet, 'ana', { verdict: 'respond', answer: 'by hand, then' });
      return packet.workflowId;
    },
  },
  revised: {
    outcome: 'executed',
    async walk(env) {
      const task = `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}`;
      const packet = await env.propose({ task, requester: 'rita' });
      await send(env, packet, 'ana', { verdict: 'revise', comment: 'are you sure?' });
      const again = await env.until(
        packet.workflowId,
        ({ status, revision }) => status === 'open' && revision === 2,
      );
      await send(env, again, 'bo');
      return packet.workflowId;
    },
  },
  'revised-in-vain': given('rejected', async (env, packet) => {
    await send(env, packet, 'ana', { verdict: 'revise', comment: 'are you sure?' });
    const again = await env.until(packet.workflowId, ({ failure }) => failure !== undefined);
    await send(env, again, 'bo', { verdict: 'reject', comment: 'then not' });
  }),
  'short-effect': acting('executed', 'quick', () => ({})),
  'short-effect-later': acting('executed', 'quick', ({ actions }) => ({
    failures: (actions.runs['quick'] ?? 0) + 1,
  })),
  'decided-for-outcome': given('executed', async (env, packet) => {
    await env.countersign.decideForOutcome(packet.workflowId, by(packet, 'ana'));
  }),
  edit: given('executed', (env, packet) =>
    send(env, packet, 'bo', { verdict: 'edit', args: { order: 'A-7', units: 1 } }),
  ),
  'edit-refused': given('executed', async (env, packet) => {
    await send(env, packet, 'bo', { verdict: 'edit', args: { order: 'A-7', units: -1 } });
    await approved(env, packet);
  }),
  reject: given('rejected', (env, packet) =>
    send(env, packet, 'ana', { verdict: 'reject', comment: 'no stock' }),
  ),
  'quorum-2': given(
    'executed',
    async (env, packet) => {
      await send(env, packet, 'ana');
      await env.countersign.decide(packet.workflowId, { ...by(packet, 'bo') });
    },
    within('1 hour', { quorum: 2 }),
  ),
  refusals: given('executed', refused),
  expired: given('expired', async () => undefined, within('1 second')),
  'late-honoured': given(
    'executed',
    async (env, packet) => {
      await env.stopWorker();
      await send(env, packet, 'ana');
      await past(packet.deadline ?? '');
      await env.startWorker();
    },
    within('2 seconds'),
  ),
  'late-refused': given(
    'expired',
    async (env, packet) => {
      await env.stopWorker();
      await past(packet.deadline ?? '');
      await send(env, packet, 'ana');
      await env.startWorker();
    },
    within('2 seconds'),
  ),
  'cancel-by-requester': given('cancelled', (env, packet) =>
    send(env, packet, 'rita', { verdict: 'cancel' }),
  ),
  'temporal-cancel': given('cancelled', async (env, { workflowId }) => {
    await env.client.workflow.getHandle(workflowId).cancel();
  }),
  'failed-action': acting('failed', 'broken', () => ({})),
  'unregistered-action': acting('failed', 'launch', () => ({})),
  'remote-effect': acting('executed', 'remote', ({ otherQueue }) => ({
    taskQueue: otherQueue,
    activity: 'shipElsewhere',
    input: { order: 'A-7' },
  })),
  'store-down': given('executed', async (env, packet) => {
    env.faults.storeDown = true;
    await send(env, packet, 'ana');
    await env.until(packet.workflowId, ({ waitingFor }) => waitingFor !== undefined);
    await pause(1_500);
    env.faults.storeDown = false;
  }),
};

function given(outcome: Outcome, step: Step, policy = within('1 hour')): WorkflowPath {
  return {
    outcome,
    async walk(env) {
      const packet = await env.opened({ policy });
      await step(env, packet);
      return packet.workflowId;
    },
  };
}

function acting(outcome: Outcome, action: string, args: (env: WorkflowEnv) => object): WorkflowPath {
  return {
    outcome,
    async walk(env) {
      const packet = await env.opened({ proposal: { ...SHIP, action, args: args(env) as never } });
      if (packet.status === 'open') await approved(env, packet);
      return packet.workflowId;
    },
  };
}

function by(packet: Packet, reviewer: string, more: Partial<DecideInput> = {}): DecideInput {
  const verdict = more.verdict ?? 'approve';
  return { id: `${reviewer}-${verdict}`, digest: packet.digest ?? '', verdict, reviewer, ...more };
}

async function send(
  env: WorkflowEnv,
  packet: Packet,
  reviewer: string,
  more?: Partial<DecideInput>,
): Promise<void> {
  await env.countersign.send(packet.workflowId, by(packet, reviewer, more));
}

async function approved(env: WorkflowEnv, packet: Packet): Promise<void> {
  await send(env, packet, 'ana');
}

/** Each decision that does not count, and at the end one that does. */
async function refused(env: WorkflowEnv, packet: Packet): Promise<void> {
  const { workflowId } = packet;
  const comment = { verdict: 'comment', comment: 'looking', id: 'ana-looks' } as const;
  await send(env, packet, 'ana', { digest: '0'.repeat(64), id: 'stale' });
  await send(env, packet, 'ana', comment);
  await send(env, packet, 'ana', comment);
  await send(env, packet, 'ana', { ...comment, comment: 'something else' });
  await send(env, packet, 'rita', { id: 'requester' });
  const handle = env.client.workflow.getHandle(workflowId);
  await handle.signal('decide', { v: 1, id: 'malformed', verdict: 'yes' });
  await handle.signal('decied', { v: 1 });
  const bytes = (text: string) => new TextEncoder().encode(text);
  await sendRaw(env, workflowId, [{ metadata: { encoding: bytes('binary/unheard-of') }, data: bytes('??') }]);
  await sendRaw(env, workflowId, [{ metadata: { encoding: bytes('json/plain') }, data: bytes('{"v":1,') }]);
  await sendRaw(env, workflowId, undefined);
  await approved(env, packet);
}
