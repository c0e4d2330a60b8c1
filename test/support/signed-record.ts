/** A record whose people, front door and worker have signed what it says of them, and the directory that says whose keys count. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { append, openChain, type Chain } from '../../src/domain/audit';
import { canonical, digestOf, effectKey, sha256Hex, type Root } from '../../src/domain/digest';
import type { AuditRecord } from '../../src/store/audit-store';
import { SEED } from './forged';

type Fields = Record<string, unknown>;

interface Key {
  readonly public: string;
  readonly private: KeyObject;
}

function key(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { public: Buffer.from(x, 'base64url').toString('base64'), private: privateKey };
}

export const KEYS = Object.fromEntries(
  ['ana', 'bo', 'mo', 'mallory', 'page', 'worker', 'rogue'].map((name) => [name, key()]),
) as Record<'ana' | 'bo' | 'mo' | 'mallory' | 'page' | 'worker' | 'rogue', Key>;

const listed = (name: keyof typeof KEYS, more: Fields = {}) => ({
  name,
  keys: [{ id: `${name}-1`, public: KEYS[name].public, ...more }],
});
const ANA = { method: 'oidc', issuer: 'https://id.example', subject: 'u-ana' };

export const DIRECTORY = {
  deployment: 'prod',
  people: [
    { ...listed('ana'), aliases: ['ana@example.com'], identities: [ANA] },
    { ...listed('bo'), identities: [{ ...ANA, subject: 'u-bo' }] },
    listed('mo'),
    { name: 'mallory', roles: ['intern'] },
  ],
  workers: [listed('worker')],
};
/** The same with a front door: its vouch is enough for what no policy asks a signature for. */
export const WITH_DOOR = { ...DIRECTORY, doors: [{ ...listed('page'), methods: ['oidc'] }] };

const AT = Date.parse('2026-03-02T09:00:00.000Z');
export const at = (minute: number): string => new Date(AT + minute * 60_000).toISOString();

/** Ed25519 over a text of that kind, in base64. */
function signed(type: string, holds: object, by: Key): string {
  return sign(null, Buffer.from(`countersign/${type}/1\n${canonical(holds)}`), by.private).toString('base64');
}

export interface Where {
  readonly deployment: string;
  readonly root: Root;
  readonly gate: string;
  readonly level: string;
}

export function signature(where: Where, decision: Fields, by: keyof typeof KEYS, more: Fields = {}): Fields {
  const said = { key: `${by}-1`, issued: at(0), expires: at(60), ...more };
  const { key: signer, ...life } = said;
  return { ...said, value: signed('decision', { ...where, decision, signer, ...life }, KEYS[by]) };
}

export function vouch(
  where: Where,
  decision: Fields,
  more: Fields = {},
  by: keyof typeof KEYS = 'page',
): Fields {
  const said = {
    ...{ door: 'page', key: 'page-1', person: 'ana', ...ANA, authTime: at(0), session: 'a'.repeat(64) },
    ...{ issued: at(1), expires: at(5), ...more },
  };
  const { key: signer, ...rest } = said;
  return { ...said, value: signed('vouch', { ...where, decision, signer, ...rest }, KEYS[by]) };
}

export interface Gate {
  readonly root: Root;
  /** Whose chain it is told in, where that is not the root's. */
  readonly chain?: Root;
  readonly gate?: string;
  readonly level?: string;
  readonly policy?: Fields;
  readonly directory?: object | null;
  readonly args?: Fields;
}

/** What one gate tells, step by step; each is a fact of the record. */
export function gateOf({
  root,
  chain = root,
  gate = 'main',
  level = 'HUMAN',
  policy = {},
  directory = DIRECTORY,
  args = { to: 'bob', amount: 7 },
}: Gate) {
  const where = { deployment: 'prod', root, gate, level };
  const digest = (revision = 1, own = args) =>
    digestOf({ ...root, gate, revision, action: 'pay', args: own as never });
  const effect = (revision = 1, own = args) => effectKey(root, gate, digest(revision, own));
  const said = (reviewer: string, more: Fields = {}): Fields => ({
    ...{ v: 1, id: `${reviewer}-1`, digest: digest(), verdict: 'approve', reviewer, ...more },
  });
  const decided = (decision: Fields, authentication: string): Fields => ({
    ...{ type: 'decided', gate, revision: 1, decision, via: 'signal', authentication },
  });
  const result = { paid: true };
  return {
    chain,
    where,
    digest,
    said,
    decided,
    opened: (more: Fields = {}): Fields => ({
      ...{ type: 'opened', gate, revision: 1, digest: digest(), level, shown: 'a'.repeat(64) },
      policy: {
        confirmation: 'CONFIRM',
        authentication: 'signed',
        levels: [{ name: level, quorum: 1 }],
        ...policy,
      },
      ...(directory === null ? {} : { reviewers: sha256Hex(canonical(directory)) }),
      ...more,
    }),
    bySignature: (by: keyof typeof KEYS, more: Fields = {}, times: Fields = {}): Fields => {
      const decision = said(by, more);
      return decided({ ...decision, signature: signature(where, decision, by, times) }, 'signed');
    },
    byVouch: (more: Fields = {}): Fields => {
      const decision = said('ana');
      return decided({ ...decision, vouch: vouch(where, decision, more) }, 'vouched');
    },
    approved: (signers: string[], more: Fields = {}, revision = 1, own = args): Fields => ({
      ...{ type: 'approved', gate, revision, digest: digest(revision, own), level, signers, action: 'pay' },
      ...{ key: effect(revision, own), basis: 'signatures', evidence: 'a'.repeat(64), ...more },
    }),
    executed: (more: Fields = {}, by: keyof typeof KEYS = 'worker', revision = 1, own = args): Fields => {
      const holds = {
        ...{
          effectKey: effect(revision, own),
          digest: digest(revision, own),
          result: sha256Hex(canonical(result)),
        },
        ...{ directory: sha256Hex(canonical(directory)), signer: `${by}-1`, ...more },
      };
      const receipt = { ...holds, value: signed('receipt', holds, KEYS[by]) };
      return {
        type: 'executed',
        gate,
        key: effect(revision, own),
        result: sha256Hex(canonical(result)),
        receipt,
      };
    },
    closed: (outcome = 'executed'): Fields => ({ type: 'closed', outcome }),
  };
}

/** A chain of these facts, a minute apart. */
export function told(root: Root, ...facts: Fields[]): AuditRecord[] {
  const chain = facts.reduce<Chain>(
    (on, fact, nth) => append(on, fact as never, at(nth + 1)),
    openChain(root, SEED),
  );
  return chain.pending.map((entry) => ({ ...root, ...entry }));
}

export const PROPOSED = { type: 'proposed', by: 'AGENT', requester: 'svc', task: 'pay', proposal: {} };
export const rootOf = (workflowId: string): Root => ({ workflowId, firstRunId: `run of ${workflowId}` });

/** Where nobody has forged anything: one signed by two, one passed up, a plan's step, an edit, one by notice and another worker. */
export function honest(): AuditRecord[][] {
  const two = gateOf({
    root: rootOf('a-two'),
    policy: { levels: [{ name: 'HUMAN', quorum: 2, signedAtLeast: 2 }] },
  });
  const up = gateOf({ root: rootOf('b-up') });
  const level = gateOf({ root: rootOf('b-up'), chain: rootOf('b-up/MANAGER'), level: 'MANAGER' });
  const plan = rootOf('c-plan');
  const step = gateOf({ root: plan, chain: rootOf('c-plan/a'), gate: 'a' });
  const edit = gateOf({ root: rootOf('d-edit') });
  const args = { to: 'bob', amount: 5 };
  const noticed = gateOf({
    root: rootOf('e-notice'),
    policy: { confirmation: 'INFO', authentication: 'open' },
  });
  const { receipt: _, ...remote } = noticed.executed();
  return [
    told(
      two.chain,
      ...[PROPOSED, two.opened(), two.bySignature('ana'), two.bySignature('bo')],
      ...[two.approved(['ana', 'bo']), two.executed(), two.closed()],
    ),
    told(
      up.chain,
      ...[PROPOSED, up.opened()],
      { type: 'escalated', gate: 'main', revision: 1, from: 'HUMAN', to: 'MANAGER', reason: 'late' },
      { type: 'level-opened', gate: 'main', level: 'MANAGER', child: level.chain },
      ...[up.approved(['mo'], { level: 'MANAGER' }), up.executed(), up.closed()],
    ),
    told(level.chain, level.opened(), level.bySignature('mo'), level.closed('approved')),
    told(plan, { type: 'step-opened', step: 'a', child: step.chain }),
    told(
      step.chain,
      ...[
        PROPOSED,
        step.opened(),
        step.bySignature('bo'),
        step.approved(['bo']),
        step.executed(),
        step.closed(),
      ],
    ),
    told(
      edit.chain,
      ...[PROPOSED, edit.opened(), edit.bySignature('ana', { verdict: 'edit', args })],
      {
        type: 'revised',
        gate: 'main',
        revision: 2,
        digest: edit.digest(2, args),
        by: 'ana',
        args,
        shown: 'b'.repeat(64),
      },
      ...[edit.approved(['ana'], {}, 2, args), edit.executed({}, 'worker', 2, args), edit.closed()],
    ),
    told(
      noticed.chain,
      ...[PROPOSED, noticed.opened(), noticed.approved([], { basis: 'notice' })],
      { ...remote, receipt: 'none', by: { taskQueue: 'payments', activity: 'pay' } },
      noticed.closed(),
    ),
  ];
}
