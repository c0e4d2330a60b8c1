/**
 * Questions that people were asked, and the evidence of their approval: first as it would honestly come about, under a policy and a
 * directory drawn at random. What goes wrong with it is in `naive-faults.ts` and `naive-claims.ts`.
 */
import { sign } from 'node:crypto';
import type { Evidence } from '../../src/domain/gate/evidence';
import { canonical, digestOf, sha256Hex } from '../../src/domain/digest';
import type { Decision } from '../../src/domain/gate/decision';
import type { JsonObject } from '../../src/domain/json';
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Directory, Door, ReviewerKey } from '../../src/domain/reviewers';
import { keyOf } from './given';
import type { Dice } from './naive-dice';
import { floor } from './naive-policy';
import type { Grade, Risk, Said } from './naive-world';

export const START = Date.parse('2026-06-01T09:00:00.000Z');
export const MINUTE = 60_000;
export const iso = (at: number) => new Date(at).toISOString();
export const ROOT = { workflowId: 'refund-4711', firstRunId: 'run-1' };
export const NAMES = ['ana', 'bo', 'cy', 'dan', 'mia', 'max', 'req', 'olaf'];
const ROLES: Record<string, string[]> = {
  ana: ['security'],
  bo: ['security', 'qa'],
  cy: ['qa'],
  mia: ['manager'],
  max: ['manager', 'security'],
};
export const ALIASES: Record<string, string> = { ana: 'ana.lee', req: 'r.quest', bo: 'bob' };
export const LEVELS = ['HUMAN', 'MANAGER', 'BOARD'];

export const publicOf = (name: string) => pair(name).public;
const pairs = new Map<string, ReturnType<typeof keyOf>>();
function pair(name: string) {
  const made = pairs.get(name) ?? keyOf(name);
  pairs.set(name, made);
  return made;
}

const signatures = new Map<string, string>();
/** Ed25519 of the text; the same text is signed once. */
function value(by: string, text: string): string {
  const at = `${by} ${text}`;
  const made =
    signatures.get(at) ?? sign(null, Buffer.from(text, 'utf8'), pair(by).secret).toString('base64');
  if (signatures.size > 20_000) signatures.clear();
  signatures.set(at, made);
  return made;
}

export const identity = (name: string) => ({ method: 'oidc', issuer: 'https://id.example', subject: name });
const key = (name: string): ReviewerKey => ({ id: `${name}-1`, public: publicOf(name) });

/** Nobody, names alone, keys, keys and a door, or a door alone. */
export function directoryOf(roll: Dice): Directory | undefined {
  const kind = roll.one(['none', 'names', 'keys', 'keys', 'keys', 'keys', 'both', 'both', 'doors']);
  if (kind === 'none') return undefined;
  const keys = kind === 'keys' || kind === 'both';
  const doors = kind === 'both' || kind === 'doors';
  const door: Door = {
    name: 'web',
    keys: [key('web')],
    methods: ['oidc'],
    ...(roll.often(30) ? { upTo: roll.one(['CONFIRM', 'VERIFY'] as const) } : {}),
    ...(roll.often(20) ? { risks: ['low', 'medium'] } : {}),
    ...(roll.often(10) ? { roles: ['security', 'qa'] } : {}),
  };
  return {
    people: NAMES.map((name) => ({
      name,
      ...(ALIASES[name] === undefined ? {} : { aliases: [ALIASES[name]] }),
      ...(ROLES[name] === undefined ? {} : { roles: ROLES[name] }),
      ...(keys && (kind === 'keys' || name !== 'cy') ? { keys: [key(name)] } : {}),
      ...(doors ? { identities: [identity(name)] } : {}),
    })),
    ...(roll.often(60) ? { agents: [{ name: 'AGENT', owners: ['olaf'] }] } : {}),
    ...(doors ? { doors: [door] } : {}),
  };
}

function levelOf(roll: Dice, name: string, keys: boolean): PeopleLevel {
  const people = roll.often(15) ? ['*'] : roll.some([...NAMES, 'ana.lee'], 60);
  const roles = roll.some(['security', 'qa', 'manager'], 20);
  const groups = roll.often(20)
    ? roll
        .mixed(['security', 'qa'])
        .slice(0, 1 + roll.below(2))
        .map((role) => ({
          role,
          quorum: 1,
          ...(roll.often(40) ? { rejections: 1 } : {}),
        }))
    : undefined;
  return {
    kind: 'people',
    name,
    approvers: {
      ...(people.length > 0 || roles.length === 0 ? { people: people.length > 0 ? people : ['ana'] } : {}),
      ...(roles.length > 0 ? { roles } : {}),
    },
    ...(groups === undefined ? {} : { groups }),
    quorum: roll.one([1, 1, 2, 2, 3]),
    ...(keys && roll.often(20) ? { signedAtLeast: roll.one([1, 2]) } : {}),
    rejections: roll.one([1, 1, 2]),
    respondWithin: '4 hours',
    ...(roll.often(10) ? { onSilence: roll.one(['expire', 'escalate'] as const) } : {}),
  };
}

export function policyOf(roll: Dice, directory: Directory | undefined, risk: Risk): Policy {
  const confirmation = roll.often(3) ? 'INFO' : roll.often(40) ? 'VERIFY' : 'CONFIRM';
  const least = floor(directory, confirmation, risk);
  const keys = directory?.people.some((one) => one.keys !== undefined) === true;
  const authentication: Grade = keys && roll.often(30) ? 'signed' : least;
  return {
    confirmation,
    ...(confirmation === 'VERIFY' && roll.often(40) ? { phrase: 'REFUND it' } : {}),
    levels: LEVELS.slice(0, roll.one([1, 1, 2, 3])).map((name) => levelOf(roll, name, keys)),
    onSilence: roll.often(5) ? 'approve' : 'escalate',
    separation: {
      requester: roll.often(80),
      acrossLevels: roll.often(75),
      ...(roll.often(8) ? { proven: true } : {}),
    },
    ...(roll.often(30) ? { executeWithin: '2 hours' } : {}),
    ...(roll.often(5) ? { verdicts: ['approve', 'edit', 'reject', 'delegate', 'withdraw'] } : {}),
    authentication,
  };
}

/** As the action's schema takes args: without what it does not know. */
export function normal({ order, amount }: JsonObject): JsonObject | undefined {
  return typeof order === 'string' && typeof amount === 'number' ? { order, amount } : undefined;
}

export interface Place {
  readonly deployment: string;
  readonly root: typeof ROOT;
  readonly gate: string;
  readonly level: string;
}

const words = (place: Place, decision: Decision, type: string, more: object) => {
  const { signature: _s, vouch: _v, ...said } = decision;
  return `countersign/${type}/1\n${canonical({ ...place, decision: said, ...more })}`;
};

export interface Signing {
  /** Whose private key. */
  readonly by?: string;
  readonly key?: string;
  readonly issued?: number;
  readonly lasts?: number;
}

export function withSignature(place: Place, decision: Decision, at: number, as: Signing = {}): Decision {
  const name = personBehind(decision.reviewer);
  const { by = name, key: id = `${name}-1`, issued = at - 1_000, lasts = 60 * MINUTE } = as;
  const times = { issued: iso(issued), expires: iso(issued + lasts) };
  const text = words(place, decision, 'decision', { signer: id, ...times });
  return { ...decision, signature: { key: id, ...times, value: value(by, text) } };
}

export interface Vouching {
  readonly by?: string;
  readonly issued?: number;
  readonly lasts?: number;
  readonly change?: Partial<NonNullable<Decision['vouch']>>;
}

export function withVouch(place: Place, decision: Decision, at: number, as: Vouching = {}): Decision {
  const name = personBehind(decision.reviewer);
  const { by = 'web', issued = at - 1_000, lasts = 4 * MINUTE, change = {} } = as;
  const says = {
    ...{ door: 'web', key: 'web-1', person: name, ...identity(name), authTime: iso(issued - MINUTE) },
    ...{ session: 'b'.repeat(64), issued: iso(issued), expires: iso(issued + lasts), ...change },
  };
  const { key: signer, ...rest } = says;
  const text = words(place, decision, 'vouch', { ...rest, signer });
  return { ...decision, vouch: { ...says, value: value(by, text) } };
}

export const personBehind = (name: string) =>
  Object.entries(ALIASES).find(([, alias]) => alias === name)?.[0] ?? name;

/** What was shown of a question, as its gate makes it. */
export function shownOf(evidence: Evidence, action: string, args: JsonObject, undo?: object): string {
  const {
    words: told,
    requester,
    requesterProof,
    by,
    policy,
    rung,
    phrase,
    risk,
    preview,
    plan,
    callback,
  } = evidence;
  const all = { v: 1, proposal: { ...told, action, args }, requester, requesterProof, by, policy };
  const some = Object.entries({ phrase, risk, preview, undo, plan, callback }).filter(
    ([, one]) => one !== undefined,
  );
  return sha256Hex(
    canonical({ ...all, level: policy.levels[rung]?.name ?? '', ...Object.fromEntries(some) }),
  );
}

export const digestAt = (revision: number, args: JsonObject, undo?: { action: string; args: JsonObject }) =>
  digestOf({ ...ROOT, gate: 'main', revision, action: 'refund', args, undo });

export const saidAt = (decision: Decision, at: number, level?: string): Said => ({
  decision,
  at,
  ...(level === undefined ? {} : { level }),
});
