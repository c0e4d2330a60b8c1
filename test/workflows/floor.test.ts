/**
 * A directory with keys and no rules: each way in which a caller could have something happen that nobody has signed, and its own
 * policy where it lowers nothing.
 */
import type { Packet } from '../../src/client';
import { DIRECTORY, placeOf, signed } from '../support/reviewers';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
});
afterEach(() => {
  env.configured.reviewers = DIRECTORY;
});
afterAll(() => env.stop());

const level = (more: object = {}) => ({
  name: 'HUMAN',
  approvers: { people: ['ana'] },
  respondWithin: '1 hour',
  ...more,
});
const policy = (more: object = {}, ...levels: object[]) => ({
  confirmation: 'CONFIRM',
  levels: [level(), ...levels],
  ...more,
});
const BOSS = { name: 'BOSS', approvers: { people: ['mo'] }, respondWithin: '1 hour' };
const silence = (at: string) => `policy.${at}: approve takes silence for consent`;
const INFO = 'policy.confirmation: INFO lets an effect happen unasked';
const less = (authentication: string) =>
  `policy.authentication: ${authentication} is less than signed, which the reviewers directory asks`;

const ship = { task: 'ship it', requester: 'rita', proposal: SHIP };
const told = { task: `propose: ${JSON.stringify(SHIP)}`, requester: 'rita' };
const step = (more: object) => ({
  requester: 'rita',
  steps: [{ name: 'one', proposal: SHIP, ...more }],
});
const undo = { action: 'ship', args: { order: 'A-7', units: 1 } };

let named = 0;
const newId = () => `floor-${String(++named)}`;

async function started(type: string, argument: object): Promise<string> {
  const id = newId();
  await env.countersign.start(type, { v: 1, ...argument }, id);
  return id;
}

const WAYS: [string, string, object, string][] = [
  ['nobody asked', 'proposeAndExecute', { ...ship, policy: policy({ confirmation: 'INFO' }) }, INFO],
  [
    'nobody asked about what an agent proposes',
    'proposeAndExecute',
    { ...told, policy: policy({ confirmation: 'INFO' }) },
    INFO,
  ],
  [
    'silence for consent',
    'proposeAndExecute',
    { ...ship, policy: policy({ onSilence: 'approve' }) },
    silence('onSilence'),
  ],
  [
    'silence of the first level',
    'proposeAndExecute',
    { ...ship, policy: policy({ levels: [level({ onSilence: 'approve' }), BOSS] }) },
    silence('levels[0].onSilence'),
  ],
  [
    'silence of the last level',
    'proposeAndExecute',
    { ...ship, policy: policy({}, { ...BOSS, onSilence: 'approve' }) },
    silence('levels[1].onSilence'),
  ],
  [
    'names believed',
    'proposeAndExecute',
    { ...ship, policy: policy({ authentication: 'open' }) },
    less('open'),
  ],
  [
    'a door that is not there',
    'proposeAndExecute',
    { ...ship, policy: policy({ authentication: 'vouched' }) },
    less('vouched'),
  ],
  [
    'an output that silence approves',
    'generateAndReview',
    { task: 'answer: hello', requester: 'rita', policy: policy({ onSilence: 'approve' }) },
    silence('onSilence'),
  ],
  [
    'a question that silence confirms',
    'confirm',
    {
      action: 'Delete orders-eu',
      level: 'CONFIRM',
      requester: 'rita',
      policy: { ...policy(), onSilence: 'approve' },
    },
    silence('onSilence'),
  ],
  [
    'a ladder that ends in silence',
    'escalation',
    {
      ...told,
      ladder: [{ kind: 'agent', name: 'AGENT' }, level({ onSilence: 'approve' })],
    },
    silence('levels[0].onSilence'),
  ],
  [
    'a plan that asks nobody',
    'multiStepApproval',
    { ...step({}), policy: policy({ confirmation: 'INFO' }) },
    INFO,
  ],
  [
    'a step with open names',
    'multiStepApproval',
    step({ policy: policy({ authentication: 'open' }) }),
    less('open'),
  ],
  [
    'an undo that asks nobody',
    'multiStepApproval',
    step({ undo: { ...undo, policy: policy({ confirmation: 'INFO' }) } }),
    INFO,
  ],
];

/** Of a plan the step's own workflow says why. */
async function reasonOf(id: string, type: string): Promise<string> {
  const whole = await env.countersign.result(id);
  const result = type === 'multiStepApproval' ? await env.countersign.result(`${id}/one`) : whole;
  expect(result).toMatchObject({ outcome: 'failed', decisions: [] });
  return result.reason ?? '';
}

it.each(WAYS)('%s: %s is refused', async (_, type, argument, problem) => {
  const reason = await reasonOf(await started(type, argument), type);
  expect(reason).toMatch(/^POLICY_TOO_WEAK: /);
  expect(reason).toContain(problem);
});

it('none of them has executed anything', async () => {
  expect(WAYS.length).toBeGreaterThanOrEqual(12);
  expect(await env.actions.effects()).toEqual([]);
  expect({ ran: env.actions.runs, asked: env.executions }).toEqual({ ran: {}, asked: [] });
});

function approval(packet: Packet, reviewer: string) {
  const decision = {
    v: 1 as const,
    id: `${reviewer}-${packet.workflowId}`,
    digest: packet.digest!,
    verdict: 'approve' as const,
    reviewer,
  };
  return { decision, where: placeOf(packet) };
}

describe("a caller's own policy that lowers nothing", () => {
  it('two people, each by a signature of their own, and it runs', async () => {
    const packet = await env.opened({
      policy: policy({ levels: [level({ approvers: { people: ['ana', 'bo'] }, quorum: 2 })] }) as never,
    });
    expect(packet.policy).toMatchObject({ authentication: 'signed' });
    for (const reviewer of ['ana', 'bo']) {
      const { decision, where } = approval(packet, reviewer);
      expect((await env.countersign.decide(packet.workflowId, decision)).status).toBe('refused');
      const receipt = await env.countersign.decide(
        packet.workflowId,
        signed({ ...decision, id: `s-${reviewer}` }, where),
      );
      expect(receipt).not.toHaveProperty('code');
    }
    expect(await env.countersign.result(packet.workflowId)).toMatchObject({ outcome: 'executed' });
  });

  it('two levels, the first of which passes it up', async () => {
    const id = await started('proposeAndExecute', { ...ship, policy: policy({}, BOSS) });
    const first = await env.until(id, ({ status }) => status === 'open');
    expect(first).toMatchObject({ authentication: 'signed', level: 'HUMAN' });
    const up = approval(first, 'ana');
    const escalates = { ...up.decision, verdict: 'escalate' as const, comment: 'yours' };
    await env.countersign.send(first.workflowId, signed(escalates, up.where));
    const next = await env.until(id, ({ waitingOn }) => waitingOn?.endsWith('/BOSS') === true);
    const second = await env.until(next.waitingOn!, ({ status }) => status === 'open');
    const last = approval(second, 'mo');
    await env.countersign.send(second.workflowId, signed(last.decision, last.where));
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'executed' });
  });

  it('INFO where nothing has an effect', async () => {
    const id = await started('confirm', { action: 'Backups ran', level: 'INFO', requester: 'rita' });
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'approved' });
  });
});

it('in open mode a caller is as free as before', async () => {
  env.configured.reviewers = undefined;
  for (const free of [{ confirmation: 'INFO' }, { authentication: 'open', confirmation: 'INFO' }]) {
    const id = await started('proposeAndExecute', { ...ship, policy: policy(free) });
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'executed' });
  }
});
