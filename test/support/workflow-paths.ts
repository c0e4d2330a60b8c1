/** Every path through the workflow, walked once: what scripts/record-history.ts records and the replay test asks for. */
import type { DecideInput, Packet, ProposeInput } from '../../src/client';
import type { Outcome } from '../../src/domain/gate';
import { DIRECTORY, placeOf, signed } from './reviewers';
import { FEEDBACKS } from './workflow-feedback';
import { SEQUENCES } from './workflow-sequences';
import { past, pause, sendRaw, SHIP, within, type WorkflowEnv } from './workflow-env';

export interface WorkflowPath {
  /** Undefined where its result has none. */
  readonly outcome?: Outcome | undefined;
  /** Answers the workflow id. */
  walk(env: WorkflowEnv): Promise<string>;
}

type Step = (env: WorkflowEnv, packet: Packet) => Promise<void>;

export const PATHS: Readonly<Record<string, WorkflowPath>> = {
  ...SEQUENCES,
  ...FEEDBACKS,
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
  info: given('executed', async () => undefined, { ...within('1 hour'), confirmation: 'INFO' as const }),
  verify: given(
    'executed',
    async (env, packet) => {
      await send(env, packet, 'ana', { id: 'no-phrase' });
      await send(env, packet, 'ana', { phrase: packet.phrase });
    },
    { ...within('1 hour'), confirmation: 'VERIFY' as const },
  ),
  confirm: {
    outcome: 'approved',
    async walk(env) {
      const argument = { v: 1, action: 'Delete resource orders-eu', level: 'CONFIRM', requester: 'rita' };
      const { workflowId } = await env.countersign.start('confirm', argument);
      await approved(env, await env.until(workflowId, ({ status }) => status === 'open'));
      return workflowId;
    },
  },
  'delegated-withdrawn-extended': given(
    'executed',
    async (env, packet) => {
      const until = new Date(Date.parse(packet.deadline ?? '') + 3_600_000).toISOString();
      await send(env, packet, 'ana');
      await send(env, packet, 'ana', { verdict: 'withdraw' });
      await send(env, packet, 'ana', { verdict: 'delegate', to: 'dee' });
      await send(env, packet, 'bo', { verdict: 'extend', until });
      await send(env, packet, 'dee');
      await send(env, packet, 'bo');
    },
    within('1 hour', { approvers: { people: ['ana', 'bo'] }, quorum: 2 }),
  ),
  reminded: given(
    'expired',
    async () => undefined,
    within('4 seconds', { remindEvery: '1 second', warnBefore: '500 ms' }),
  ),
  'silence-approves': given('executed', async () => undefined, within('1 second', { onSilence: 'approve' })),
  'execute-too-late': {
    outcome: 'expired',
    async walk(env) {
      const args = { taskQueue: env.otherQueue, activity: 'nobodyHasThis', input: null };
      const proposal = { ...SHIP, action: 'remote', args };
      const policy = { ...within('1 hour'), executeWithin: '2 seconds' };
      const packet = await env.opened({ proposal, policy });
      await approved(env, packet);
      return packet.workflowId;
    },
  },
  escalated: ladder('executed', async (env, child) => {
    await send(env, child, 'mo');
  }),
  'escalated-level': ladder(
    'approved',
    async (env, child) => {
      await send(env, child, 'mo');
    },
    'child',
  ),
  'escalated-by-silence': given('expired', async () => undefined, {
    ...within('1 second'),
    levels: [...within('1 second').levels, ...within('1 second', { name: 'MANAGER' }).levels],
  }),
  'level-edited': ladder('executed', async (env, child) => {
    await send(env, child, 'mo', { verdict: 'edit', args: { order: 'A-7', units: 1 } });
  }),
  'level-revised': ladder('executed', async (env, child) => {
    await send(env, child, 'mo', { verdict: 'revise', comment: 'are you sure?' });
    const again = await env.until(
      child.workflowId,
      ({ status, revision }) => status === 'open' && revision === 2,
    );
    await send(env, again, 'mo');
  }),
  'level-terminated': ladder('failed', async (env, { workflowId }) => {
    await env.client.workflow.getHandle(workflowId).terminate();
  }),
  'level-called-off': ladder('cancelled', async (env, { root }) => {
    await env.client.workflow.getHandle(root?.workflowId ?? '').cancel();
  }),
  'rolled-over': given('executed', async (env, packet) => {
    const handle = env.client.workflow.getHandle(packet.workflowId);
    for (let sent = 0; sent < 2_010; sent += 30)
      await Promise.all(Array.from({ length: 30 }, () => handle.signal('decied', { v: 1 })));
    const { firstRunId } = await env.countersign.status(packet.workflowId);
    while ((await handle.describe()).runId === firstRunId) await pause(100);
    await approved(env, await env.until(packet.workflowId, ({ status }) => status === 'open'));
  }),
  notified: {
    outcome: 'executed',
    async walk(env) {
      env.configured.channels?.push({ name: 'ears', tell: () => Promise.resolve() });
      const packet = await env.opened({ policy: within('1 hour') });
      await approved(env, packet);
      await env.countersign.result(packet.workflowId);
      env.configured.channels?.pop();
      return packet.workflowId;
    },
  },
  queued: {
    outcome: 'executed',
    async walk(env) {
      env.configured.limits = { openPerRequester: 1 };
      const before = await env.opened();
      const { workflowId } = await env.countersign.propose({
        task: 'ship it',
        requester: 'rita',
        proposal: SHIP,
      });
      await env.until(workflowId, ({ waitingFor }) => waitingFor !== undefined);
      env.configured.limits = undefined;
      await approved(env, before);
      await approved(env, await env.until(workflowId, ({ status }) => status === 'open', 40_000));
      return workflowId;
    },
  },
  signed: secured('executed', async (env, packet) => {
    const where = placeOf(packet);
    const decision = { v: 1 as const, ...by(packet, 'ana'), id: 'ana-signs' };
    await env.countersign.send(
      packet.workflowId,
      signed({ ...decision, id: 'forged' }, where, { by: 'eve' }),
    );
    await env.countersign.send(packet.workflowId, signed(decision, where));
  }),
};

/** Passed up at once by ana; what happens at MANAGER, in the child. @param of whose history is recorded */
function ladder(outcome: Outcome, step: Step, of: 'owner' | 'child' = 'owner'): WorkflowPath {
  return {
    outcome,
    async walk(env) {
      const task = `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}`;
      const levels = [...within('1 hour').levels, ...within('1 hour', { name: 'MANAGER' }).levels];
      const packet = await env.propose({ task, requester: 'rita', policy: { ...within('1 hour'), levels } });
      await send(env, packet, 'ana', { verdict: 'escalate', comment: 'above my limit' });
      const child = await env.until(`${packet.workflowId}/MANAGER`, ({ status }) => status === 'open');
      await step(env, child);
      await env.countersign.result(packet.workflowId);
      return of === 'child' ? child.workflowId : packet.workflowId;
    },
  };
}

/** With a reviewers directory that holds keys. */
function secured(outcome: Outcome, step: Step): WorkflowPath {
  return {
    outcome,
    async walk(env) {
      env.configured.reviewers = DIRECTORY;
      const packet = await env.opened({ policy: within('1 hour') });
      await step(env, packet);
      await env.countersign.result(packet.workflowId);
      env.configured.reviewers = undefined;
      return packet.workflowId;
    },
  };
}

function given(
  outcome: Outcome,
  step: Step,
  policy: ProposeInput['policy'] = within('1 hour'),
): WorkflowPath {
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
