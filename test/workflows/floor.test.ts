/**
 * A directory with keys and no rules: each way in which a caller could have something happen that nobody has signed, and its own
 * policy where it lowers nothing.
 */
import type { Packet } from '../../src/client';
import type { Directory } from '../../src/domain/reviewers';
import { DIRECTORY, pair, placeOf, signed } from '../support/reviewers';
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

describe('a directory with doors', () => {
  const door = (more: object = {}): Directory['doors'] => [
    { name: 'page', methods: ['oidc'], keys: [{ id: 'p', public: pair('page').public }], ...more },
  ];
  const OPEN = {
    people: [{ name: 'ana', identities: [{ method: 'oidc', issuer: 'i', subject: '1' }] }, { name: 'mo' }],
  };

  it.each<{ said: string; reviewers: Directory; policy: object; asks: string }>([
    { said: 'keys and a door', reviewers: { ...DIRECTORY, doors: door() }, policy: {}, asks: 'vouched' },
    {
      said: 'its own keys',
      reviewers: { ...DIRECTORY, doors: door() },
      policy: { authentication: 'signed' },
      asks: 'signed',
    },
    {
      said: 'VERIFY',
      reviewers: { ...DIRECTORY, doors: door() },
      policy: { confirmation: 'VERIFY' },
      asks: 'signed',
    },
    {
      said: 'another risk',
      reviewers: { ...DIRECTORY, doors: door({ risks: ['medium'] }) },
      policy: {},
      asks: 'signed',
    },
    { said: 'doors and no keys', reviewers: { ...OPEN, doors: door() }, policy: {}, asks: 'vouched' },
    {
      said: 'doors and no keys at VERIFY',
      reviewers: { ...OPEN, doors: door() },
      policy: { confirmation: 'VERIFY' },
      asks: 'vouched',
    },
    { said: 'neither', reviewers: OPEN, policy: {}, asks: 'open' },
  ])('$said: $asks', async ({ reviewers, policy: more, asks }) => {
    env.configured.reviewers = reviewers;
    const packet = await env.opened({ policy: policy(more) as never });
    expect(packet).toMatchObject({ authentication: asks, policy: { authentication: asks } });
  });

  it.each<{ said: string; reviewers: Directory | undefined; policy: object; reason: string }>([
    {
      said: 'beyond what the only door may say, and nobody holds a key',
      reviewers: { ...OPEN, doors: door({ upTo: 'CONFIRM' }) },
      policy: policy({ confirmation: 'VERIFY' }),
      reason:
        'NO_DIRECTORY: the policy asks for decisions that a door vouches for, and no door of a reviewers directory does at VERIFY and low risk',
    },
    {
      said: 'a policy that wants doors where there are none',
      reviewers: undefined,
      policy: policy({ authentication: 'vouched' }),
      reason: 'NO_DIRECTORY: the policy asks for decisions that a door vouches for',
    },
    {
      said: 'a level that wants signatures where nobody holds a key',
      reviewers: { ...OPEN, doors: door() },
      policy: policy({ levels: [level({ signedAtLeast: 1 })] }),
      reason: 'NO_DIRECTORY: level HUMAN asks for signed decisions',
    },
    {
      said: 'somebody whom no door knows',
      reviewers: { ...OPEN, doors: door() },
      policy: policy({ levels: [BOSS] }),
      reason:
        'QUORUM_UNREACHABLE: policy.levels[0].quorum: asks 1 of 0 people who may decide and for whom a door vouches',
    },
    {
      said: 'open names',
      reviewers: { ...OPEN, doors: door() },
      policy: policy({ authentication: 'open' }),
      reason: 'POLICY_TOO_WEAK: policy.authentication: open is less than vouched',
    },
  ])('$said: not asked', async ({ reviewers, policy: given, reason }) => {
    env.configured.reviewers = reviewers;
    const id = await started('proposeAndExecute', { ...ship, policy: given });
    const result = await env.countersign.result(id);
    expect(result.outcome).toBe('failed');
    expect(result.reason).toContain(reason);
  });
});

it('in open mode a caller is as free as before', async () => {
  env.configured.reviewers = undefined;
  for (const free of [{ confirmation: 'INFO' }, { authentication: 'open', confirmation: 'INFO' }]) {
    const id = await started('proposeAndExecute', { ...ship, policy: policy(free) });
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'executed' });
  }
});
