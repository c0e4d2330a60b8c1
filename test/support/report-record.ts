/** A record made of facts, chain after chain, as a store would read it: for whatever tells of it. */
import { append, openChain, type Fact } from '../../src/domain/audit';
import type { Decision } from '../../src/domain/gate/decision';
import { sha256Hex, type Root } from '../../src/domain/digest';
import { Policy } from '../../src/domain/policy';
import type { Row } from '../../src/domain/chain';
import { SEED } from './forged';
import { authenticatorData as authenticatorBytes } from './passkey';

export const BEGUN = Date.parse('2026-03-02T09:00:00.000Z');
const MINUTE = 60_000;
export const DIGESTS = ['1', '2', '3'].map((digit) => digit.repeat(64));
const KEY = 'e'.repeat(64);

/** Minutes since the beginning, and what was put on record then. */
export type Timed = readonly [minute: number, fact: Fact];

export function chainOf(workflowId: string, ...facts: readonly Timed[]): Row[] {
  const root: Root = { workflowId, firstRunId: `${workflowId} run` };
  const chain = facts.reduce(
    (before, [minute, fact]) => append(before, fact, new Date(BEGUN + minute * MINUTE).toISOString()),
    openChain(root, SEED),
  );
  return chain.pending.map((entry) => ({ ...root, ...entry }));
}

const at = { gate: 'main' };

export const proposed = (
  more: { action?: string; title?: string; args?: object; by?: string } = {},
): Fact => ({
  type: 'proposed',
  by: more.by ?? 'AGENT (offline)',
  requester: 'svc-orders',
  task: 'see to it',
  proposal: {
    action: more.action ?? 'refund',
    args: (more.args ?? { order: 1042 }) as never,
    title: more.title ?? 'Refund order 1042',
    rationale: 'arrived broken',
    confidence: 0.8,
    sensitive: false,
  },
});

export const asks = (confirmation: 'INFO' | 'CONFIRM' | 'VERIFY', authentication?: 'signed'): Policy =>
  Policy.parse({
    confirmation,
    levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '1 day' }],
    ...(authentication === undefined ? {} : { authentication }),
  });

export const opened = (policy = asks('CONFIRM'), level = 'HUMAN'): Fact => ({
  type: 'opened',
  ...at,
  revision: 1,
  digest: DIGESTS[0]!,
  policy,
  level,
  shown: KEY,
});

export const said = (
  reviewer: string,
  verdict: Decision['verdict'],
  { signed = false, revision = 1, ...more }: Partial<Decision> & { signed?: boolean; revision?: number } = {},
): Fact => ({
  type: 'decided',
  level: 'HUMAN',
  ...at,
  revision,
  decision: {
    v: 1,
    id: `${reviewer}-${verdict}`,
    digest: DIGESTS[revision - 1]!,
    verdict,
    reviewer,
    ...more,
  },
  via: 'signal',
  authentication: signed ? 'signed' : 'open',
});

export const revised = (by: string, revision = 2): Fact => ({
  type: 'revised',
  ...at,
  revision,
  digest: DIGESTS[revision - 1]!,
  by,
  args: { order: 1042, amount: 10 },
  shown: KEY,
});

export const approved = (
  signers: string[],
  basis: 'signatures' | 'notice' | 'silence' = 'signatures',
  revision = 1,
  level = 'HUMAN',
): Fact => ({
  type: 'approved',
  ...at,
  revision,
  digest: DIGESTS[revision - 1]!,
  level,
  signers,
  action: 'refund',
  key: KEY,
  basis,
  evidence: KEY,
});

export const refused = (code: 'STALE_REVISION' | 'NOT_AN_APPROVER', reviewer = 'mallory'): Fact => ({
  type: 'refused',
  ...at,
  id: 'r1',
  reviewer,
  verdict: 'approve',
  via: 'update',
  code,
  message: 'no',
});

const RECEIPT = { effectKey: KEY, digest: KEY, result: KEY, signer: 'w-1', value: `${'A'.repeat(86)}==` };
export const executed: Extract<Fact, { type: 'executed' }> = {
  type: 'executed',
  ...at,
  key: KEY,
  result: KEY,
  receipt: RECEIPT,
};
/** Another worker's word alone. */
export const remotely: Fact = {
  ...executed,
  receipt: 'none',
  by: { taskQueue: 'payments', activity: 'pay' },
};
export const byHand: Fact = { type: 'completed-by-hand', ...at, key: KEY, result: KEY };
export const closed = (outcome: string, reason?: string): Fact => ({
  type: 'closed',
  outcome,
  ...(reason === undefined ? {} : { reason }),
});

/** Passed up to a level of its own: what the owner's record tells, and the level's. */
export function passedUp(
  workflowId: string,
  level: string,
  end: readonly Timed[],
): [owner: Row[], level: Row[]] {
  const child = { workflowId: `${workflowId}/${level}`, firstRunId: `${workflowId}/${level} run` };
  const asked = chainOf(child.workflowId, [10, opened(asks('VERIFY'), level)], ...end);
  const last = asked.at(-1)!;
  const minute = (end.at(-1)?.[0] ?? 0) + 1;
  const owner = chainOf(
    workflowId,
    [0, proposed()],
    [0, opened()],
    [10, { type: 'escalated', ...at, revision: 1, from: 'HUMAN', to: level, reason: 'nobody answered' }],
    [10, { type: 'level-opened', ...at, level, child }],
    [
      minute,
      {
        type: 'level-ended',
        ...at,
        level,
        child: child.workflowId,
        outcome: 'approved',
        audit: { entries: last.seq, head: last.hash },
      },
    ],
    [minute, approved(['mo'], 'signatures', 1, level)],
    [minute, executed],
    [minute, closed('executed')],
  );
  return [owner, asked];
}

/** What a passkey with that counter leaves on a decision. */
export function touched(signCount: number, issued: string, key = 'phone') {
  const authenticatorData = authenticatorBytes('example.com', 0x1d, signCount).toString('base64url');
  const life = { issued, expires: new Date(Date.parse(issued) + 5 * MINUTE).toISOString() };
  return { key, ...life, value: sha256Hex(`${key} ${issued}`), authenticatorData, clientDataJSON: 'e30' };
}
