/**
 * The executor where a file of rules says who is asked: of evidence that holds, each field of its policy is left out or loosened, in a
 * record of the forger's own, with genuine signatures over what was forged. Nothing runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Execution } from '../../src/activities/types';
import { evidenceHash, shownOf, type Evidence } from '../../src/domain/gate/evidence';
import { append, openChain, type Fact } from '../../src/domain/audit';
import type { Decision } from '../../src/domain/gate/decision';
import { digestOf, effectKey } from '../../src/domain/digest';
import type { Grade } from '../../src/domain/grade';
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';
import type { Rules } from '../../src/domain/gate/policy-source';
import { createRules, loadPolicies } from '../../src/providers/policy';
import { SEED } from '../support/forged';
import { pair, placeOf, signed, vouched, type Place } from '../support/reviewers';
import { serverSays } from '../support/server-says';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

/** What is asked depends on how many are shipped. */
const POLICY = `policies:
  strict:
    confirmation: VERIFY
    phrase: SHIP A-7
    authentication: signed
    executeWithin: 1 hour
    maxRevisions: 1
    maxExtension: 1 hour
    verdicts: [approve, edit, reject, withdraw]
    onSilence: escalate
    levels:
      - name: HUMAN
        approvers: { people: [ana, bo, cy], roles: [manager] }
        groups: [{ role: security, quorum: 1, rejections: 1 }, { role: qa, quorum: 1 }]
        quorum: 2
        signedAtLeast: 2
        rejections: 1
        respondWithin: 1 hour
        remindEvery: 30 minutes
        warnBefore: 10 minutes
        onSilence: expire
      - { name: BOARD, approvers: { people: [mo] }, respondWithin: 1 hour }
  mixed:
    confirmation: CONFIRM
    authentication: vouched
    levels: [{ name: HUMAN, approvers: { people: [ana, bo] }, quorum: 2, signedAtLeast: 2, respondWithin: 1 hour }]
  half:
    confirmation: CONFIRM
    authentication: vouched
    levels: [{ name: HUMAN, approvers: { people: [ana, bo] }, quorum: 2, signedAtLeast: 1, respondWithin: 1 hour }]
  proven:
    confirmation: CONFIRM
    separation: { proven: true }
    levels: [{ name: HUMAN, approvers: { people: [ana, bo] }, respondWithin: 1 hour }]
rules:
  - { name: three, when: action == "ship" && args.units == 3, policy: mixed }
  - { name: four, when: action == "ship" && args.units == 4, policy: half }
  - { name: five, when: action == "ship" && args.units == 5, policy: proven }
default: strict
`;

const key = (id: string) => ({ id, public: pair(id).public });
const person = (name: string, ...roles: string[]) => ({
  name,
  roles,
  identities: [{ method: 'oidc', issuer: 'https://id.example', subject: name }],
  keys: [key(`${name}-1`)],
});
const DIRECTORY: Directory = {
  people: [
    person('ana', 'security'),
    person('bo', 'qa'),
    person('cy', 'security'),
    person('mo', 'manager'),
    person('rita', 'qa'),
    person('eve'),
  ],
  doors: [{ name: 'web', methods: ['oidc'], keys: [key('web-1')] }],
};

let env: WorkflowEnv;
let rules: Rules;
/** Of an approval by the rules, as a genuine run left it. */
let honest: Execution;
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-executor-rules-'));

beforeAll(async () => {
  writeFileSync(path.join(folder, 'policy.yaml'), POLICY);
  rules = createRules(await loadPolicies('policy.yaml', folder));
  env = await startWorkflowEnv([], undefined, { rules, reviewers: DIRECTORY });
  const packet = await env.opened();
  for (const reviewer of ['ana', 'bo']) {
    const decision = { v: 1 as const, id: reviewer, digest: packet.digest!, verdict: 'approve' as const };
    const sent = signed({ ...decision, reviewer, phrase: 'SHIP A-7' }, placeOf(packet));
    await env.countersign.send(packet.workflowId, sent);
  }
  await env.countersign.result(packet.workflowId);
  honest = env.executions[0]!;
});
afterAll(async () => {
  await env.stop();
  rmSync(folder, { recursive: true });
});

interface Forged {
  /** Which of the rules it falls under. */
  readonly units?: number;
  /** Of the policy that the rules picked. */
  readonly policy?: (policy: Policy) => object;
  readonly evidence?: Partial<Evidence>;
  /** Who has said yes, and with what to prove it. */
  readonly by?: Readonly<Record<string, Grade>>;
  /** What is typed. */
  readonly phrase?: string;
  /** What the evidence says of each signature. */
  readonly claimed?: Grade;
}

const PROOFS: Record<Grade, (decision: Decision, place: Place) => Decision> = {
  signed,
  vouched: (decision, place) => vouched(decision, place),
  open: (decision) => decision,
};

function evidenceOf({ units = 2, policy: change = (same) => same, evidence }: Forged): Evidence {
  const { confidence, sensitive } = SHIP;
  const asked = { confidence, sensitive, requester: 'rita', requesterProven: false, risk: 'low' as const };
  const picked = rules.pick({ action: 'ship', args: { order: 'A-7', units }, ...asked });
  if (!picked.ok) throw new Error(picked.message);
  const { policy, phrase, executeBefore, ...rest } = honest.approval;
  const ruled = units === 2 ? policy : picked.policy;
  const own = units === 2 ? { phrase, executeBefore } : {};
  return { ...rest, ...own, policy: change(ruled) as Policy, ...evidence } as Evidence;
}

/** A record of its own, under a run that the server confirms, with all that an approval leaves there. */
async function forgery(forged: Forged): Promise<Execution> {
  const { units = 2, by = { ana: 'signed', bo: 'signed' }, phrase = 'SHIP A-7', claimed = 'signed' } = forged;
  const root = { workflowId: honest.root.workflowId, firstRunId: `run-${String(Math.random())}` };
  const args = { order: 'A-7', units };
  const digest = digestOf({ ...root, gate: 'main', revision: 1, action: 'ship', args });
  const claims = evidenceOf(forged);
  const shown = Array.isArray(claims.policy.levels) ? shownOf(claims, { action: 'ship', args }) : undefined;
  const place = { ...root, gate: 'main', level: 'HUMAN', shown };
  const at = new Date().toISOString();
  const sent = Object.entries(by).map(([reviewer, proof]) => {
    const said = { v: 1 as const, id: `${reviewer}-approves`, digest, verdict: 'approve' as const, reviewer };
    const typed = units === 2 ? { ...said, phrase } : said;
    return PROOFS[proof](shown === undefined ? typed : { ...typed, shown }, place);
  });
  const approval: Evidence = {
    ...claims,
    signatures: sent.map(({ id, reviewer }) => ({
      ...{ reviewer, decision: id, at, revision: 1, authentication: claimed },
    })),
    decisions: sent.map((one) => ({ ...one, at, revision: 1, level: 'HUMAN' })),
  };
  const effect = effectKey(root, 'main', digest);
  const facts: Fact[] = [
    ...sent.map((decision): Fact => {
      const of = {
        gate: 'main',
        revision: 1,
        level: 'HUMAN',
        via: 'signal',
        authentication: claimed,
      } as const;
      return { type: 'decided', ...of, decision };
    }),
    {
      ...{ type: 'approved', gate: 'main', revision: 1, digest, level: 'HUMAN', signers: Object.keys(by) },
      ...{ action: 'ship', key: effect, basis: approval.basis, evidence: evidenceHash(approval) },
    },
  ];
  const chain = facts.reduce((on, one) => append(on, one, at), openChain(root, SEED));
  await env.store.append(chain.pending.map((entry) => ({ ...root, ...entry })));
  const { seq, hash } = chain.pending.at(-1)!;
  return { ...honest, root, args, digest, key: effect, approval, evidence: { seq, hash } };
}

async function execute(execution: Execution): Promise<unknown> {
  const { workflowId, firstRunId } = execution.root;
  const here = { workflowExecution: { workflowId, runId: firstRunId } };
  const client = serverSays(env.client, { workflowId, firstRunId });
  const mock = new MockActivityEnvironment(here, { logger: new DefaultLogger('ERROR'), client });
  return mock.run(env.activities.execute, execution);
}

async function isRefused(forged: Forged, code: string): Promise<void> {
  const runs = env.actions.runs['ship'];
  const execution = await forgery(forged);
  await expect(execute(execution)).rejects.toMatchObject({ type: code, nonRetryable: true });
  expect(env.actions.runs['ship']).toBe(runs);
}

const without =
  (field: keyof Policy) =>
  ({ [field]: _, ...policy }: Policy) =>
    policy;
const saying = (change: object) => (policy: Policy) => ({ ...policy, ...change });
const level = (change: (level: PeopleLevel) => object) => (policy: Policy) => ({
  ...policy,
  levels: policy.levels.map((one, rung) => (rung === 0 ? change(one) : one)),
});
const levelWithout = (field: keyof PeopleLevel) => level(({ [field]: _, ...rest }) => rest);
const levelSaying = (change: object) => level((one) => ({ ...one, ...change }));

test.each<[string, Forged]>([
  ['as the rules have it', {}],
  ['of three, by two who have signed', { units: 3 }],
  [
    'of four, by one who has signed and one for whom a door vouches',
    { units: 4, by: { ana: 'signed', bo: 'vouched' } },
  ],
  [
    'of four, whatever the evidence says of the grades',
    { units: 4, by: { ana: 'vouched', bo: 'signed' }, claimed: 'open' },
  ],
])(
  'what is made up like that runs where nothing is loosened, so that the refusals have a reason: %s',
  async (_, forged) => {
    await expect(execute(await forgery(forged))).resolves.toMatchObject({ v: 1 });
  },
);

/** One row a field: left out, and looser. */
test.each<[string, Forged, string]>([
  ['confirmation left out', { policy: without('confirmation') }, 'POLICY_TOO_WEAK'],
  ['confirmation CONFIRM', { policy: saying({ confirmation: 'CONFIRM' }) }, 'POLICY_TOO_WEAK'],
  [
    'confirmation INFO, on notice',
    { policy: saying({ confirmation: 'INFO' }), evidence: { basis: 'notice' }, by: {} },
    'POLICY_TOO_WEAK',
  ],
  [
    'phrase left out, and the wrong one typed',
    { policy: without('phrase'), phrase: 'SHIP' },
    'PHRASE_MISMATCH',
  ],
  ['another phrase', { policy: saying({ phrase: 'SHIP' }), phrase: 'SHIP' }, 'POLICY_TOO_WEAK'],
  [
    'authentication left out, and nothing signed',
    { policy: without('authentication'), by: { ana: 'open', bo: 'open' } },
    'UNAUTHENTICATED',
  ],
  [
    'authentication left out, and a door’s word',
    { policy: without('authentication'), by: { ana: 'signed', bo: 'vouched' } },
    'DOOR_NOT_ALLOWED',
  ],
  ['authentication open', { policy: saying({ authentication: 'open' }) }, 'POLICY_TOO_WEAK'],
  ['authentication vouched', { policy: saying({ authentication: 'vouched' }) }, 'POLICY_TOO_WEAK'],
  [
    'executeWithin left out, and no limit',
    { policy: without('executeWithin'), evidence: { executeBefore: undefined as never } },
    'APPROVAL_EXPIRED',
  ],
  ['executeWithin longer', { policy: saying({ executeWithin: '2 hours' }) }, 'POLICY_TOO_WEAK'],
  ['maxRevisions more', { policy: saying({ maxRevisions: 2 }) }, 'POLICY_TOO_WEAK'],
  ['maxExtension longer', { policy: saying({ maxExtension: '2 hours' }) }, 'POLICY_TOO_WEAK'],
  ['verdicts without reject', { policy: saying({ verdicts: ['approve'] }) }, 'POLICY_TOO_WEAK'],
  [
    'verdicts with more',
    { policy: saying({ verdicts: ['approve', 'reject', 'delegate'] }) },
    'POLICY_TOO_WEAK',
  ],
  ['onSilence left out', { policy: without('onSilence') }, 'POLICY_TOO_WEAK'],
  [
    'onSilence approve, on silence',
    { policy: saying({ onSilence: 'approve' }), evidence: { basis: 'silence' }, by: {} },
    'POLICY_TOO_WEAK',
  ],
  ['separation left out', { policy: without('separation') }, 'POLICY_TOO_WEAK'],
  [
    'separation from the requester off, who signs',
    {
      policy: saying({ separation: { requester: false, acrossLevels: true } }),
      by: { ana: 'signed', rita: 'signed' },
    },
    'POLICY_TOO_WEAK',
  ],
  [
    'separation across levels off',
    { policy: saying({ separation: { requester: true, acrossLevels: false } }) },
    'POLICY_TOO_WEAK',
  ],
  [
    'separation.proven left out',
    {
      units: 5,
      policy: saying({ separation: { requester: true, acrossLevels: true } }),
      by: { ana: 'signed' },
    },
    'REQUESTER_UNPROVEN',
  ],
  [
    'separation.proven false',
    {
      units: 5,
      policy: saying({ separation: { requester: true, acrossLevels: true, proven: false } }),
      by: { ana: 'signed' },
    },
    'POLICY_TOO_WEAK',
  ],
  ['levels left out', { policy: without('levels') }, 'POLICY_TOO_WEAK'],
  [
    'one level fewer',
    { policy: ({ levels, ...rest }) => ({ ...rest, levels: levels.slice(0, 1) }) },
    'POLICY_TOO_WEAK',
  ],
  [
    'one level more',
    { policy: ({ levels, ...rest }) => ({ ...rest, levels: [...levels, { ...levels[1]!, name: 'MORE' }] }) },
    'POLICY_TOO_WEAK',
  ],
])('policy: %s', (_, forged, code) => isRefused(forged, code));

test.each<[string, Forged, string]>([
  ['name left out', { policy: levelWithout('name') }, 'POLICY_TOO_WEAK'],
  ['approvers left out', { policy: levelWithout('approvers') }, 'POLICY_TOO_WEAK'],
  [
    'approvers anybody, one of them eve',
    {
      policy: levelSaying({ approvers: { people: ['*'] } }),
      by: { ana: 'signed', bo: 'signed', eve: 'signed' },
    },
    'POLICY_TOO_WEAK',
  ],
  [
    'approvers with one more',
    { policy: levelSaying({ approvers: { people: ['ana', 'eve'] } }), by: { ana: 'signed', eve: 'signed' } },
    'POLICY_TOO_WEAK',
  ],
  [
    'approvers of another role',
    { policy: levelSaying({ approvers: { roles: ['intern'] } }) },
    'POLICY_TOO_WEAK',
  ],
  ['quorum left out', { policy: levelWithout('quorum'), by: { ana: 'signed' } }, 'POLICY_TOO_WEAK'],
  ['quorum 1', { policy: levelSaying({ quorum: 1 }), by: { ana: 'signed' } }, 'POLICY_TOO_WEAK'],
  [
    'groups left out, and one of them not met',
    { policy: levelWithout('groups'), by: { ana: 'signed', cy: 'signed' } },
    'QUORUM_NOT_MET',
  ],
  [
    'groups without one of them',
    {
      policy: levelSaying({ groups: [{ role: 'security', quorum: 1 }] }),
      by: { ana: 'signed', cy: 'signed' },
    },
    'POLICY_TOO_WEAK',
  ],
  [
    'groups with another role',
    {
      policy: levelSaying({
        groups: [
          { role: 'security', quorum: 1 },
          { role: 'intern', quorum: 1 },
        ],
      }),
    },
    'POLICY_TOO_WEAK',
  ],
  [
    'groups that take more to reject',
    {
      policy: levelSaying({
        groups: [
          { role: 'security', quorum: 1, rejections: 2 },
          { role: 'qa', quorum: 1 },
        ],
      }),
    },
    'POLICY_TOO_WEAK',
  ],
  ['rejections left out', { policy: levelWithout('rejections') }, 'POLICY_TOO_WEAK'],
  ['rejections 2', { policy: levelSaying({ rejections: 2 }) }, 'POLICY_TOO_WEAK'],
  ['signedAtLeast 1', { policy: levelSaying({ signedAtLeast: 1 }) }, 'POLICY_TOO_WEAK'],
  [
    'onSilence left out, on silence',
    { policy: levelWithout('onSilence'), evidence: { basis: 'silence' }, by: {} },
    'NOT_CONSENT',
  ],
  [
    'onSilence approve, on silence',
    { policy: levelSaying({ onSilence: 'approve' }), evidence: { basis: 'silence' }, by: {} },
    'POLICY_TOO_WEAK',
  ],
  ['onSilence escalate', { policy: levelSaying({ onSilence: 'escalate' }) }, 'POLICY_TOO_WEAK'],
  ['respondWithin left out', { policy: levelWithout('respondWithin') }, 'POLICY_TOO_WEAK'],
  ['respondWithin longer', { policy: levelSaying({ respondWithin: '2 hours' }) }, 'POLICY_TOO_WEAK'],
  ['remindEvery more rarely', { policy: levelSaying({ remindEvery: '50 minutes' }) }, 'POLICY_TOO_WEAK'],
  ['warnBefore later', { policy: levelSaying({ warnBefore: '1 minute' }) }, 'POLICY_TOO_WEAK'],
])('a level: %s', (_, forged, code) => isRefused(forged, code));

describe('so many have signed with keys of their own: by the grades that the executor finds', () => {
  test.each<[string, Forged]>([
    ['one of two has', { units: 3, by: { ana: 'signed', bo: 'vouched' } }],
    ['neither has', { units: 3, by: { ana: 'vouched', bo: 'vouched' } }],
    [
      'it is left out',
      { units: 3, policy: levelWithout('signedAtLeast'), by: { ana: 'signed', bo: 'vouched' } },
    ],
    [
      'of four one is enough, and a door’s word that says it is signed is none',
      { units: 4, by: { ana: 'vouched', bo: 'vouched' } },
    ],
  ])('%s', (_, forged) => isRefused({ ...forged, claimed: 'signed' }, 'QUORUM_NOT_MET'));

  test('it may not be less than the rules say', () =>
    isRefused(
      { units: 3, policy: levelSaying({ signedAtLeast: 1 }), by: { ana: 'signed', bo: 'vouched' } },
      'POLICY_TOO_WEAK',
    ));
});
