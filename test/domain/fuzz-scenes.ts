/**
 * Chance with a seed, and the gates that it makes for the million decisions: people, policies, questions. Cheap on purpose: a
 * generator that shrinks would cost more than the core that it tries.
 */
import type { Asked, Assessment } from '../../src/domain/gate';
import type { JsonObject } from '../../src/domain/json';
import { Policy, type PeopleLevel } from '../../src/domain/policy';
import { ALL_VERDICTS } from '../../src/domain/verdicts';
import { Directory } from '../../src/domain/reviewers';
import { HOUR, PLACE, ROOT, keyOf } from './given';

/** A whole number from 0 up to, not including, the one given. */
export type Dice = (below: number) => number;

/** mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

export const pick = <T>(dice: Dice, list: readonly T[]): T => list[dice(list.length)] as T;

export const NAMES = 'ana ana.lee bo cy dan eve mia max req r.quest svc mallory *'.split(' ');
const APPROVERS = 'ana a.lee bo cy dan eve mia max req'.split(' ');
const ROLES = ['security', 'qa', 'manager'];

function key(name: string, id = `${name}-1`, more: object = {}) {
  return { id, public: keyOf(id).public, ...more };
}

export const START = Date.parse('2026-03-02T09:00:00.000Z');
export const day = (nth: number) => new Date(START + nth * 24 * HOUR).toISOString();

/** ana has a key that was, one that is to be, and one that is revoked; max has none; dan answers for AGENT, eve for svc. */
export const KEYED: Directory = Directory.parse({
  people: [
    {
      name: 'ana',
      aliases: ['ana.lee', 'a.lee'],
      roles: ['security'],
      keys: [
        key('ana'),
        key('ana', 'ana-was', { until: day(0) }),
        key('ana', 'ana-will', { from: day(9) }),
        key('ana', 'ana-lost', { revoked: day(0) }),
      ],
    },
    { name: 'bo', roles: ['security', 'qa'], keys: [key('bo')] },
    { name: 'cy', roles: ['qa'], keys: [key('cy')] },
    { name: 'dan', roles: ['qa'], keys: [key('dan')] },
    { name: 'eve', keys: [key('eve')] },
    { name: 'mia', roles: ['manager', 'security'], keys: [key('mia')] },
    { name: 'max', roles: ['manager'] },
    { name: 'req', aliases: ['r.quest'], keys: [key('req')] },
  ],
  agents: [
    { name: 'AGENT', owners: ['dan'] },
    { name: 'svc', owners: ['eve'] },
  ],
});

function some(dice: Dice, from: readonly string[], most: number): string[] {
  return [...new Set(Array.from({ length: 1 + dice(most) }, () => pick(dice, from)))];
}

function approversAt(dice: Dice, roles: boolean) {
  if (dice(7) === 0) return { people: ['*'] };
  if (roles && dice(3) === 0) return { roles: some(dice, ROLES, 2) };
  return {
    people: some(dice, APPROVERS, 6),
    ...(roles && dice(4) === 0 ? { roles: [pick(dice, ROLES)] } : {}),
  };
}

function levelOf(dice: Dice, name: string, directory: Directory | undefined) {
  const groups = () =>
    some(dice, ROLES, 2).map((role) => ({
      role,
      quorum: 1 + Number(dice(4) === 0),
      ...(dice(3) === 0 ? { rejections: 1 + dice(2) } : {}),
    }));
  return {
    name,
    approvers: approversAt(dice, directory !== undefined),
    ...(directory !== undefined && dice(3) === 0 ? { groups: groups() } : {}),
    quorum: pick(dice, [1, 1, 2, 2, 2, 3]),
    rejections: pick(dice, [1, 2, 2]),
    respondWithin: pick(dice, ['30 minutes', '2 hours', '4 hours']),
    ...(dice(3) === 0 ? { remindEvery: pick(dice, ['20 minutes', '1 hour']) } : {}),
    ...(dice(3) === 0 ? { warnBefore: pick(dice, ['10 minutes', '3 hours']) } : {}),
    ...(dice(3) === 0 ? { onSilence: pick(dice, ['escalate', 'expire', 'approve'] as const) } : {}),
  };
}

/** So many are made, each when it is first asked for: a schema costs more than what is tried under it. */
const POLICIES = 3_000;
const made = new Map<number, Policy>();

function policyOf(dice: Dice, directory: Directory | undefined): Policy {
  const nth = 2 * dice(POLICIES) + Number(directory === undefined);
  const policy = made.get(nth) ?? madeBy(diceOf(nth), directory);
  made.set(nth, policy);
  return policy;
}

const ORDERS = ['HUMAN LEAD MANAGER', 'HUMAN MANAGER LEAD', 'LEAD HUMAN MANAGER', 'MANAGER LEAD HUMAN'];

function madeBy(dice: Dice, directory: Directory | undefined): Policy {
  const names = pick(dice, ORDERS).split(' ');
  const levels = names.slice(0, pick(dice, [1, 2, 2, 3])).map((name) => levelOf(dice, name, directory));
  return Policy.parse({
    confirmation: pick(dice, ['CONFIRM', 'CONFIRM', 'CONFIRM', 'VERIFY', 'VERIFY', 'INFO']),
    ...(dice(4) === 0 ? { phrase: 'DELETE orders-eu' } : {}),
    levels,
    onSilence: pick(dice, ['escalate', 'escalate', 'escalate', 'expire', 'approve']),
    separation: { requester: dice(4) > 0, acrossLevels: dice(4) > 0 },
    ...(dice(2) === 0 ? { maxRevisions: dice(4) } : {}),
    ...(dice(2) === 0 ? { maxExtension: pick(dice, ['1 minute', '3 hours']) } : {}),
    ...(dice(3) === 0 ? { executeWithin: '1 hour' } : {}),
    ...(dice(8) === 0 ? { verdicts: ['approve', ...some(dice, ALL_VERDICTS, 5)] } : {}),
    ...(directory !== undefined && dice(3) === 0 ? { authentication: 'signed' } : {}),
  });
}

/** What an edit, or an agent's next revision, may meet: mostly what it had, with one thing or all of it changed. */
export function otherPolicy(dice: Dice, policy: Policy, directory: Directory | undefined): Policy {
  const [first, ...rest] = policy.levels as [PeopleLevel, ...PeopleLevel[]];
  switch (dice(9)) {
    case 0:
      return policyOf(dice, directory);
    case 1:
      return { ...policy, confirmation: pick(dice, ['INFO', 'CONFIRM', 'VERIFY']) };
    case 2:
      return { ...policy, authentication: directory !== undefined && dice(3) > 0 ? 'signed' : 'open' };
    case 3:
      return { ...policy, separation: { requester: dice(3) > 0, acrossLevels: dice(2) > 0 } };
    case 4:
      return { ...policy, levels: [...rest, first] };
    case 5: {
      const approvers = approversAt(dice, directory !== undefined);
      return { ...policy, levels: [{ ...first, approvers }, ...rest] };
    }
    case 6:
      return { ...policy, levels: [{ ...first, quorum: 1 + dice(3) }, ...rest] };
    default:
      return policy;
  }
}

/** As an action's schema may do it, it adds what was left out. */
export function assessedAs(args: JsonObject): Assessment {
  const whole = { currency: 'EUR', ...args };
  const amount = args['amount'];
  const phrase = typeof amount === 'number' && amount % 3 === 0 ? { phrase: `REFUND ${amount}` } : {};
  return { args: whole, risk: 'medium', runs: { in: 'worker', timeout: '1 minute' }, ...phrase };
}

export function questionOf(args: JsonObject): Pick<Asked, 'proposal' | 'assessment'> {
  const words = { title: 'Refund it', rationale: 'broken', confidence: 0.8, sensitive: false };
  return { proposal: { action: 'refund', args, ...words }, assessment: assessedAs(args) };
}

/** Where nobody is in a hurry, a gate can be filled. */
const PATIENT = Policy.parse({
  confirmation: 'CONFIRM',
  levels: [
    { name: 'HUMAN', approvers: { people: ['*'] }, quorum: 4, rejections: 9, respondWithin: '9 days' },
  ],
});

export function askedOf(dice: Dice, patient = false): Asked {
  const reviewers = dice(4) === 0 ? undefined : KEYED;
  const args = { amount: dice(100) };
  return {
    root: ROOT,
    ...PLACE,
    gate: 'main',
    requester: pick(dice, ['req', 'r.quest', 'svc']),
    ...questionOf(args),
    policy: patient ? PATIENT : policyOf(dice, reviewers),
    by: pick(dice, ['AGENT (rules)', 'SENIOR (AGENT)', 'req', 'svc']),
    ...(dice(12) === 0 && !patient ? { failure: { code: 'AGENT_FAILED', message: 'no idea' } } : {}),
    ...(reviewers === undefined ? {} : { reviewers }),
  };
}
