/** Every path through plans, reviews after generation and ladders, walked once; see workflow-paths.ts. */
import type { DecideInput, Packet } from '../../src/client';
import type { Outcome } from '../../src/domain/gate';
import type { WorkflowPath } from './workflow-paths';
import { pause, SHIP, within, type WorkflowEnv } from './workflow-env';

type Says = Partial<DecideInput> & { readonly at: string };

const order = (name: string) => ({ ...SHIP, args: { order: name, units: 1 }, title: `Ship ${name}` });
const step = (name: string, more: object = {}) => ({ name, proposal: order(name), ...more });
const undo = (name: string, more: object = {}) => ({
  undo: { action: 'ship', args: { order: `${name}-back`, units: 1 }, ...more },
});
const no = { verdict: 'reject', comment: 'not today' } as const;
const policy = within('1 hour');
const two = { ...policy, levels: [...policy.levels, { ...policy.levels[0]!, name: 'MANAGER' }] };

export const SEQUENCES: Readonly<Record<string, WorkflowPath>> = {
  'plan-completed': plan('executed', { policy, steps: [step('a'), { name: 'b', task: agentShips('b') }] }, [
    { at: 'a' },
    { at: 'b' },
  ]),
  'plan-stopped': plan('rejected', { policy, steps: [step('a'), step('b'), step('c')] }, [
    { at: 'a' },
    { at: 'b', ...no },
  ]),
  'plan-skipped': plan('executed', { policy, onReject: 'skip', steps: [step('a'), step('b')] }, [
    { at: 'a', ...no },
    { at: 'b' },
  ]),
  'plan-undone': plan(
    'rejected',
    { policy, onReject: 'undo', steps: [step('a', undo('a')), step('b', undo('b', { policy })), step('c')] },
    [{ at: 'a' }, { at: 'b' }, { at: 'c', ...no }, { at: 'undo/b' }],
  ),
  'plan-called-off': {
    outcome: 'cancelled',
    async walk(env) {
      const id = await start(env, 'multiStepApproval', {
        policy,
        onReject: 'undo',
        steps: [step('a', undo('a')), step('b')],
      });
      await says(env, id, { at: 'a' });
      await asked(env, id, 'b');
      await env.client.workflow.getHandle(id).signal('decied', 1);
      await env.client.workflow.getHandle(id).cancel();
      return id;
    },
  },
  'plan-rolled-over': {
    outcome: 'executed',
    async walk(env) {
      const steps = Array.from({ length: 116 }, (_, index) => step(`s${String(index)}`));
      const id = await start(env, 'multiStepApproval', {
        policy: { ...policy, confirmation: 'INFO' },
        steps,
      });
      await env.countersign.result(id);
      return id;
    },
  },
  step: below('a', plan('executed', { policy, steps: [step('a', undo('a'))] }, [{ at: 'a' }]), 'executed'),
  'step-passed-up': below(
    'a',
    plan('executed', { policy: two, steps: [step('a')] }, [
      { at: 'a', verdict: 'escalate', comment: 'above me' },
      { at: 'a/MANAGER', reviewer: 'mo' },
    ]),
    'executed',
  ),
  'step-undone': below(
    'undo/a',
    plan('rejected', { policy, onReject: 'undo', steps: [step('a', undo('a')), step('b')] }, [
      { at: 'a' },
      { at: 'b', ...no },
    ]),
    'executed',
  ),
  'reviewed-output': {
    outcome: 'approved',
    async walk(env) {
      const id = await start(env, 'generateAndReview', { task: 'answer: We ship on Monday.' });
      await decide(env, await open(env, id, 1), {
        verdict: 'revise',
        comment: 'answer: We ship on Tuesday.',
      });
      await decide(env, await open(env, id, 2), { verdict: 'edit', args: { output: 'We ship on Friday.' } });
      return id;
    },
  },
  'ladder-sure': ladder('approved', 'answer: Monday\nconfidence: 0.9', []),
  'ladder-climbed': ladder(
    'approved',
    'answer: Monday\nAGENT.confidence: 0.41\nSENIOR_AGENT.sensitive: yes\nconfidence: 0.9',
    [
      { at: 'HUMAN', verdict: 'escalate', comment: 'above me' },
      { at: 'MANAGER', reviewer: 'mo' },
    ],
  ),
  'ladder-in-vain': ladder('answered', 'fail: no idea', [
    { at: 'HUMAN', verdict: 'respond', answer: 'by hand' },
  ]),
  'ladder-acts': ladder('executed', agentShips('z'), [{ at: 'HUMAN' }]),
  'ladder-level-lost': {
    outcome: 'approved',
    async walk(env) {
      const id = await start(env, 'escalation', { task: 'answer: Monday\nconfidence: 0.1' });
      await asked(env, id, 'HUMAN');
      await env.client.workflow.getHandle(`${id}/HUMAN`).terminate('operator');
      await says(env, id, { at: 'MANAGER' });
      return id;
    },
  },
  'ladder-called-off': {
    outcome: 'cancelled',
    async walk(env) {
      env.faults.agentTakes = 60_000;
      const id = await start(env, 'escalation', { task: 'answer: Monday' });
      await env.until(id, ({ waitingOn }) => waitingOn === `${id}/AGENT`);
      await env.client.workflow.getHandle(id).cancel();
      await env.countersign.result(id);
      env.faults.agentTakes = 0;
      return id;
    },
  },
  reconciled: {
    async walk(env) {
      const since = new Date().toISOString();
      const packet = await env.opened({ policy });
      await env.client.workflow.getHandle(packet.workflowId).terminate('an operator');
      await pause(2_000); // visibility comes a moment later
      const id = 'reconciled';
      const argument = { v: 1, since, settle: '1ms' };
      await env.client.workflow.execute('reconcile', {
        taskQueue: env.taskQueue,
        workflowId: id,
        args: [argument],
      });
      return id;
    },
  },
  'agent-level': below('AGENT', ladder('approved', 'answer: Monday\nconfidence: 0.9', [])),
  'agent-level-fails': below(
    'AGENT',
    ladder('answered', 'fail: no idea', [{ at: 'HUMAN', verdict: 'respond', answer: 'x' }]),
  ),
};

let started = 0;
async function start(env: WorkflowEnv, type: string, argument: object): Promise<string> {
  const id = `${type}-${String(++started)}`;
  await env.countersign.start(type, { v: 1, requester: 'rita', ...argument }, id);
  return id;
}

function agentShips(name: string): string {
  return `propose: ${JSON.stringify({ action: 'ship', args: order(name).args })}`;
}

/** Started, said what is said at each workflow below it, in that order. */
function played(type: string, outcome: Outcome, argument: object, said: readonly Says[]): WorkflowPath {
  return {
    outcome,
    async walk(env) {
      const id = await start(env, type, argument);
      for (const one of said) await says(env, id, one);
      await env.countersign.result(id);
      return id;
    },
  };
}

function plan(outcome: Outcome, argument: object, said: readonly Says[]): WorkflowPath {
  return played('multiStepApproval', outcome, argument, said);
}

function ladder(outcome: Outcome, task: string, said: readonly Says[]): WorkflowPath {
  return played('escalation', outcome, { task }, said);
}

/** The history of a workflow that the path's own has started. An agent's level has no outcome. */
function below(name: string, { walk }: WorkflowPath, outcome?: Outcome): WorkflowPath {
  return { outcome, walk: async (env) => `${await walk(env)}/${name}` };
}

async function asked(env: WorkflowEnv, id: string, name: string): Promise<Packet> {
  const owner = name.includes('/') && !name.startsWith('undo/') ? `${id}/${name.split('/')[0] ?? ''}` : id;
  await env.until(owner, ({ waitingOn }) => waitingOn === `${id}/${name}`);
  return env.until(`${id}/${name}`, ({ status }) => status === 'open');
}

async function open(env: WorkflowEnv, id: string, revision: number): Promise<Packet> {
  return env.until(id, (packet) => packet.status === 'open' && packet.revision === revision);
}

async function says(env: WorkflowEnv, id: string, { at, ...more }: Says): Promise<void> {
  await decide(env, await asked(env, id, at), more);
}

async function decide(env: WorkflowEnv, packet: Packet, more: Partial<DecideInput>): Promise<void> {
  const { workflowId, digest = '', revision } = packet;
  const { verdict = 'approve', reviewer = 'ana' } = more;
  const id = `${reviewer}-${verdict}-${String(revision)}`;
  await env.countersign.send(workflowId, { id, digest, verdict, reviewer, ...more });
}
