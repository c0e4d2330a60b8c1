/** What is said to a gate, by chance: mostly sound, now and then wrong in one way, and payloads that are no decision at all. */
import type { Decision } from '../../src/domain/gate/decision';
import type { Gate } from '../../src/domain/gate';
import { levelAt, type Verdict } from '../../src/domain/policy';
import { holders } from '../../src/domain/reviewers';
import { NAMES, START, day, pick, type Dice } from './fuzz-scenes';
import { HOUR, UNKNOWN_DIGEST } from './given';

const many = <T extends string>(weights: { readonly [K in T]?: number }): T[] =>
  Object.entries<number | undefined>(weights).flatMap(([one, weight = 0]) =>
    Array.from({ length: weight }, () => one as T),
  );

const OFTEN = many<Verdict>({
  approve: 22,
  edit: 9,
  reject: 9,
  revise: 5,
  respond: 2,
  escalate: 6,
  delegate: 12,
  withdraw: 7,
  extend: 6,
  comment: 6,
  cancel: 2,
});
const BIG = 'x'.repeat(19_000);

/** Everybody who might have a say, so that not all of them are turned away. */
function seated(gate: Gate): readonly string[] {
  const { approvers, groups = [] } = levelAt(gate.policy, gate.rung);
  const roles = [...(approvers.roles ?? []), ...groups.map(({ role }) => role)];
  return [
    ...(approvers.people ?? []).flatMap((name) => (name === '*' ? ['ana', 'bo', 'cy', 'eve'] : [name])),
    ...roles.flatMap((role) => holders(gate.reviewers, role)),
    ...gate.delegations.map(({ to }) => to),
  ];
}

export interface Told {
  readonly dice: Dice;
  readonly gate: Gate;
  readonly at: number;
  readonly id: string;
  /** Decisions of great length, to fill the gate. */
  readonly big: boolean;
}

export function decisionOf({ dice, gate, at, id, big }: Told): Decision {
  const verdict = big
    ? pick(dice, ['comment', 'comment', 'comment', 'comment', 'edit', 'approve'] as const)
    : pick(dice, OFTEN);
  const mine = gate.signatures.at(-1)?.reviewer;
  const reviewer =
    verdict === 'cancel' && dice(3) > 0
      ? gate.requester
      : verdict === 'withdraw' && mine !== undefined && dice(3) > 0
        ? mine
        : dice(8) === 0
          ? pick(dice, NAMES)
          : pick(dice, seated(gate));
  const why = ['reject', 'revise', 'escalate', 'comment'].includes(verdict) ? dice(16) > 0 : dice(10) === 0;
  return {
    v: 1,
    id,
    digest: dice(16) > 0 ? gate.digest : dice(2) > 0 ? UNKNOWN_DIGEST : gate.revisions[0]!.digest,
    verdict,
    reviewer,
    ...(why ? { comment: big ? BIG : 'because' } : {}),
    ...fieldsOf(dice, gate, verdict, at),
    ...shownTo(dice, gate),
    ...(gate.policy.authentication === 'signed' ? (signatureOf(dice, reviewer, at) ?? {}) : {}),
    ...(dice(60) === 0 ? pick(dice, STRAY) : {}),
  };
}

/** Mostly what is shown, where it has to be named; now and then nothing, or something else. */
function shownTo(dice: Dice, gate: Gate): Partial<Decision> {
  const needed = gate.policy.authentication === 'signed' ? 20 : 2;
  const rolled = dice(needed * 2);
  if (gate.status !== 'open' || rolled === 0) return {};
  if (dice(40) === 0) return { shown: UNKNOWN_DIGEST };
  return rolled < needed || needed > 2 ? { shown: gate.shown } : {};
}

const STRAY: readonly Partial<Decision>[] = [
  { args: {} },
  { answer: 'x' },
  { to: 'bo' },
  { until: day(0) },
  { phrase: 'x' },
];

function fieldsOf(dice: Dice, gate: Gate, verdict: Verdict, at: number): Partial<Decision> {
  const phrase = verdict === 'approve' || verdict === 'edit' ? phraseTyped(dice, gate) : {};
  if (dice(20) === 0) return phrase;
  switch (verdict) {
    case 'edit':
      return { args: { amount: dice(100) }, ...phrase };
    case 'respond':
      return { answer: 'it ships on Monday' };
    case 'delegate':
      return { to: pick(dice, NAMES) };
    case 'extend': {
      const most = gate.deadline + pick(dice, [-1, 0, 1, 60_000, HOUR, 200 * HOUR]);
      return { until: new Date(Math.max(most, at)).toISOString() };
    }
    default:
      return phrase;
  }
}

function phraseTyped(dice: Dice, { phrase }: Gate): Partial<Decision> {
  if (phrase === undefined) return {};
  switch (dice(16)) {
    case 0:
      return {};
    case 1:
      return { phrase: phrase.toLowerCase() };
    case 2:
      return { phrase: phrase.replace(' ', '\u00a0') };
    default:
      return { phrase };
  }
}

const VALUE = `${'A'.repeat(86)}==`;

function signatureOf(dice: Dice, reviewer: string, at: number): Partial<Decision> | undefined {
  const person = { 'ana.lee': 'ana', 'a.lee': 'ana', 'r.quest': 'req' }[reviewer] ?? reviewer;
  const signed = (key: string, issued = at - 1_000, expires = at + HOUR) => {
    const times = { issued: new Date(issued).toISOString(), expires: new Date(expires).toISOString() };
    return { signature: { key, ...times, value: VALUE } };
  };
  switch (dice(20)) {
    case 0:
      return undefined;
    case 1:
      return signed(pick(dice, ['ana-was', 'ana-will', 'ana-lost', 'bo-1']));
    case 2:
      return signed(`${person}-1`, at - HOUR, at - pick(dice, [0, 1, 30_000]));
    case 3:
      return signed(`${person}-1`, at + pick(dice, [301_000, 1_000]), at + HOUR);
    case 4:
      return signed(`${person}-1`, at, at + 25 * HOUR);
    case 5:
      return signed(`${person}-1`, at - HOUR + pick(dice, [0, 1]), at + HOUR);
    default:
      return signed(`${person}-1`);
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const WEIRD: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  -1,
  1n,
  '',
  ' ',
  '\ud83d',
  '\u202e\u001b[2J',
  'ａｎａ',
  'x'.repeat(201),
  [],
  {},
  nested(9),
  nested(3_000),
  Array.from({ length: 2_001 }, () => 1),
  JSON.parse('{"__proto__":{"admin":true}}'),
  { constructor: { prototype: 1 } },
  { toJSON: () => 1 },
  new Date(START),
  new Map([['a', 1]]),
  Symbol('x'),
];
const WHOLE: readonly unknown[] = [
  ...WEIRD,
  { __undecodable: true, encoding: 'binary/\u001b[2J', bytes: 9 },
  { __undecodable: true },
  { id: 'only' },
];
const KEYS =
  'v id digest shown verdict reviewer comment args phrase answer to until signature vouch __proto__ Verdict x'.split(
    ' ',
  );

/** A decision with something in it that nobody would send in good faith, or something else altogether. */
export function hostile(dice: Dice, decision: Decision): unknown {
  if (dice(6) === 0) return pick(dice, WHOLE);
  const name = pick(dice, KEYS);
  if (dice(4) === 0) return Object.fromEntries(Object.entries(decision).filter(([one]) => one !== name));
  const weird = pick(dice, WEIRD);
  if (dice(4) === 0) return { ...decision, args: { amount: 1, [name]: weird } };
  return Object.fromEntries([...Object.entries(decision), [name, weird]]);
}
