/** A question before anybody has spoken: everything that the worker's own files and the server say of it. */
import type { Evidence } from '../../src/domain/gate/evidence';
import type { Policy } from '../../src/domain/policy';
import type { Dice } from './naive-dice';
import { owners } from './naive-people';
import { digestAt, directoryOf, normal, policyOf, ROOT, START } from './naive-scenes';
import type { Asked, Files, Risk, Said, Server, World } from './naive-world';

type Loose<T> = { -readonly [Part in keyof T]: T[Part] };
type Lists = 'signatures' | 'delegations' | 'decisions' | 'before';

/** A world that goes on, and that a fault may change. */
export interface Play {
  files: Loose<Files>;
  server: Omit<Loose<Server>, 'heard' | 'received' | 'record'> & {
    heard: Loose<Said>[];
    received: Loose<Said>[];
    record: Server['record'][number][];
  };
  question: Asked;
  evidence: Omit<Loose<Evidence>, Lists> & { [List in Lists]: Loose<Evidence[List][number]>[] };
}

export const ARGS = { order: 'A-4711', amount: 40 };

/** What the rules said when it was opened: the policy itself, or one that the policy tightens. */
function rulesOf(roll: Dice, policy: Policy): Policy {
  const { phrase: _, verdicts: _v, executeWithin, ...rest } = policy;
  const looser = roll.often(50);
  return {
    ...rest,
    ...(policy.phrase === undefined ? {} : { phrase: policy.phrase }),
    ...(executeWithin === undefined ? {} : { executeWithin: looser ? '4 hours' : executeWithin }),
    ...(looser && policy.phrase === undefined && roll.often(30) ? { confirmation: 'CONFIRM' as const } : {}),
    levels: policy.levels.map((level) => ({
      ...level,
      quorum: looser ? Math.max(1, level.quorum - 1) : level.quorum,
      rejections: looser ? level.rejections + 1 : level.rejections,
    })),
  };
}

/** The question and everything that the worker's own files and the server say, before anybody has spoken. */
export function opened(roll: Dice): Play {
  const directory = directoryOf(roll);
  const risk: Risk = roll.one(['low', 'medium', 'high']);
  const policy = policyOf(roll, directory, risk);
  const revision = roll.one([1, 1, 1, 2, 3]);
  const undo = roll.often(15) ? { action: 'take-back', args: { order: 'A-4711' } } : undefined;
  const digest = digestAt(revision, ARGS, undo);
  const requester = roll.one(['req', 'req', 'r.quest', 'svc-orders', 'ana']);
  const by = roll.one(['req', 'AGENT', 'AGENT (offline)', 'bo']);
  const phrase = roll.often(60) ? 'REFUND A-4711' : undefined;
  const files: Files = {
    directory,
    rules: roll.often(35) ? rulesOf(roll, policy) : undefined,
    deployment: 'prod',
    risk,
    phrase,
    normal,
  };
  const typed = policy.phrase ?? phrase ?? `REFUND ${digest.slice(0, 8)}`;
  const proof = roll.one(['claimed', 'claimed', 'signed', 'vouched'] as const);
  const evidence: Evidence = {
    basis: basisOf(roll, policy),
    policy,
    rung: roll.below(policy.levels.length),
    requester,
    requesterProof: proof,
    by,
    owners: policy.separation.requester ? owners(directory, requester, by) : [],
    before: [],
    ...(policy.confirmation === 'VERIFY' ? { phrase: typed } : {}),
    risk,
    ...(roll.often(20) ? { preview: { rows: 3 } } : {}),
    ...(roll.often(10) ? { callback: 'billing' } : {}),
    words: { title: 'Refund', rationale: 'arrived broken', confidence: 0.8, sensitive: false },
    ...(directory === undefined ? {} : { reviewers: directory }),
    signatures: [],
    delegations: [],
    decisions: [],
  };
  const server: Server = { now: START, requesterProof: proof, heard: [], received: [], record: [] };
  const question = { root: { ...ROOT }, gate: 'main', digest, revision, action: 'refund', args: { ...ARGS } };
  return apart({
    files,
    server,
    question: undo === undefined ? question : { ...question, undo },
    evidence,
  });
}

/** Where the policy says so in words nobody needs to have signed. */
function basisOf(roll: Dice, policy: Policy): Evidence['basis'] {
  if (policy.confirmation === 'INFO') return 'notice';
  return policy.onSilence === 'approve' && roll.often(50) ? 'silence' : 'signatures';
}

const copied = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

/** Nothing of it is shared but the decisions that were heard, which nobody changes. */
export function apart({ files, server, question, evidence }: World): Play {
  const { normal: same, directory, rules, ...rest } = files;
  const own = { ...rest, normal: same, directory: copied(directory), rules: copied(rules) };
  const { heard, received, record } = server;
  const lists = { record: [...record], ...each({ heard, received }) };
  return { files: own, server: { ...server, ...lists }, question, evidence: copied(evidence) } as Play;
}

const each = ({ heard, received }: Pick<Server, 'heard' | 'received'>) => ({
  heard: heard.map((one) => ({ ...one })),
  received: received.map((one) => ({ ...one })),
});
