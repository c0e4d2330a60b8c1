/** A caller's policy beside the rules': a row for each field, looser and tighter; and, at random, that what is accepted is no looser. */
import fc from 'fast-check';
import type { z } from 'zod';
import { GRADES, isAtLeast } from '../../src/domain/grade';
import { DEFAULT_POLICY, Policy } from '../../src/domain/policy';
import { ALL_VERDICTS } from '../../src/domain/verdicts';
import { tightened } from '../../src/domain/tighten';
import { mayDecide, quorumMet, rejectionsMet } from '../../src/domain/voices';

type Input = z.input<typeof Policy>;
type LevelInput = Input['levels'][number];

const SEED = 20_260_302;

/** Two levels, so that the first one's silence leads on. */
function policy(
  rest: Partial<Input> = {},
  first: Partial<LevelInput> = {},
  last: Partial<LevelInput> = {},
): Policy {
  return Policy.parse({
    confirmation: 'CONFIRM',
    levels: [
      {
        name: 'HUMAN',
        approvers: { people: ['ana', 'bo'], roles: ['oncall'] },
        respondWithin: '4 hours',
        ...first,
      },
      { name: 'MANAGER', approvers: { people: ['cy'] }, respondWithin: '1 day', ...last },
    ],
    ...rest,
  });
}

interface Row {
  readonly said: string;
  readonly ruled: Policy;
  readonly given: Policy;
  /** Where it is looser: what is said of it. */
  readonly problem?: string;
  /** Where it is not: what comes out, if not the given policy. */
  readonly gives?: Policy;
}

const group = (quorum: number, rejections?: number) => ({
  groups: [{ role: 'security', quorum, ...(rejections === undefined ? {} : { rejections }) }],
});
const people = (...names: string[]) => ({ approvers: { people: names } });
const alone = (rest: Partial<Input> = {}, level: Partial<LevelInput> = {}) =>
  Policy.parse({ ...policy(rest), levels: [{ ...policy().levels[0], ...level }] });
const more = (rest: Partial<Input>) => policy({ levels: [...policy().levels, ...rest.levels!] });
const another = { name: 'EVE', approvers: { people: ['ana'] }, respondWithin: '1 hour' };

const rows: Row[] = [
  {
    said: 'less confirmation',
    ruled: policy({ confirmation: 'VERIFY' }),
    given: policy({ confirmation: 'CONFIRM' }),
    problem: 'policy.confirmation: CONFIRM is looser than what the rules say, VERIFY',
  },
  {
    said: 'no confirmation at all',
    ruled: policy(),
    given: policy({ confirmation: 'INFO' }),
    problem: 'policy.confirmation: INFO is looser than what the rules say, CONFIRM',
  },
  {
    said: 'more confirmation',
    ruled: policy({ confirmation: 'INFO' }),
    given: policy({ confirmation: 'VERIFY' }),
  },
  {
    said: "another phrase than the rules'",
    ruled: policy({ confirmation: 'VERIFY', phrase: 'DROP orders' }),
    given: policy({ confirmation: 'VERIFY', phrase: 'ok' }),
    problem: "policy.phrase: ok is another one than the rules', DROP orders",
  },
  {
    said: "a phrase in place of the action's own",
    ruled: policy({ confirmation: 'VERIFY' }),
    given: policy({ confirmation: 'VERIFY', phrase: 'ok' }),
    problem: "policy.phrase: ok is another one than the action's own, which the rules ask for; leave it out",
  },
  {
    said: 'no phrase: the one of the rules',
    ruled: policy({ confirmation: 'VERIFY', phrase: 'DROP orders' }),
    given: policy({ confirmation: 'VERIFY' }),
    gives: policy({ confirmation: 'VERIFY', phrase: 'DROP orders' }),
  },
  {
    said: 'a phrase where the rules ask for none',
    ruled: policy(),
    given: policy({ confirmation: 'VERIFY', phrase: 'ok' }),
  },
  {
    said: 'a level less',
    ruled: policy(),
    given: alone(),
    problem: 'policy.levels: 1 level, and the rules have 2 levels; there must be as many',
  },
  {
    said: 'a level more, which is asked after silence',
    ruled: policy(),
    given: more({ levels: [another] }),
    problem: 'policy.levels: 3 levels, and the rules have 2 levels; there must be as many',
  },
  {
    said: 'somebody else',
    ruled: policy(),
    given: policy({}, people('ana', 'eve')),
    problem: 'policy.levels[0].approvers.people: eve is not among those of the rules, ana, bo',
  },
  {
    said: 'anybody',
    ruled: policy(),
    given: policy({}, {}, people('*')),
    problem: 'policy.levels[1].approvers.people: * is not among those of the rules, cy',
  },
  {
    said: 'a person where the rules name roles alone',
    ruled: policy({}, { approvers: { roles: ['oncall'] } }),
    given: policy({}, people('ana')),
    problem: 'policy.levels[0].approvers.people: ana is not among those of the rules, nobody',
  },
  {
    said: 'another role',
    ruled: policy(),
    given: policy({}, { approvers: { roles: ['interns'] } }),
    problem: 'policy.levels[0].approvers.roles: interns is not among those of the rules, oncall',
  },
  {
    said: 'a group of others, who could decide then',
    ruled: policy(),
    given: policy({}, group(1)),
    problem: 'policy.levels[0].approvers.roles: security is not among those of the rules, oncall',
  },
  { said: 'fewer people', ruled: policy(), given: policy({}, people('bo')) },
  { said: 'somebody of anybody', ruled: policy({}, people('*')), given: policy({}, people('eve')) },
  {
    said: 'a role of anybody',
    ruled: policy({}, people('*')),
    given: policy({}, { approvers: { roles: ['x'] } }),
  },
  {
    said: 'a smaller quorum',
    ruled: policy({}, { quorum: 2 }),
    given: policy(),
    problem: 'policy.levels[0].quorum: 1 is looser than what the rules say, 2',
  },
  { said: 'a larger quorum', ruled: policy(), given: policy({}, { quorum: 2 }) },
  {
    said: 'more rejections',
    ruled: policy(),
    given: policy({}, { rejections: 2 }),
    problem: 'policy.levels[0].rejections: 2 is looser than what the rules say, 1',
  },
  { said: 'fewer rejections', ruled: policy({}, { rejections: 2 }), given: policy() },
  {
    said: 'a smaller quorum of a group',
    ruled: policy({}, group(2)),
    given: policy({}, group(1)),
    problem: 'policy.levels[0].groups[security].quorum: 1 is looser than what the rules say, 2',
  },
  {
    said: 'groups without one of the rules',
    ruled: policy({}, group(1)),
    given: policy({}, { groups: [{ role: 'oncall', quorum: 1 }] }),
    problem: 'policy.levels[0].groups[security].quorum: 0 is looser than what the rules say, 1',
  },
  {
    said: 'a group that ends it later',
    ruled: policy({}, group(1, 1)),
    given: policy({}, group(1, 2)),
    problem: 'policy.levels[0].groups[security].rejections: 2 is looser than what the rules say, 1',
  },
  { said: 'a group that ends it at all', ruled: policy({}, group(1)), given: policy({}, group(1, 2)) },
  {
    said: 'a group asked twice, by its sum',
    ruled: policy({}, { groups: [...group(1).groups, ...group(1).groups] }),
    given: policy({}, group(2)),
  },
  {
    said: 'a group that leaves out what ends it',
    ruled: policy({}, group(1, 1)),
    given: policy({}, group(2)),
    gives: policy({}, group(2, 1)),
  },
  { said: 'no groups', ruled: policy({}, group(1, 1)), given: policy(), gives: policy({}, group(1, 1)) },
  {
    said: 'a group more, of a role that is asked',
    ruled: policy(),
    given: policy({}, { groups: [{ role: 'oncall', quorum: 1 }] }),
  },
  {
    said: 'more time',
    ruled: policy(),
    given: policy({}, {}, { respondWithin: '2 days' }),
    problem: 'policy.levels[1].respondWithin: 2 days is looser than what the rules say, 1 day',
  },
  {
    said: 'less time, so that the next level is asked sooner',
    ruled: policy(),
    given: policy({}, { respondWithin: '1s' }),
    problem:
      'policy.levels[0].respondWithin: 1s is less than what the rules say, 4 hours, and silence would escalate',
  },
  {
    said: 'less time, so that silence is consent sooner',
    ruled: alone({ onSilence: 'approve' }),
    given: alone({ onSilence: 'approve' }, { respondWithin: '1s' }),
    problem:
      'policy.levels[0].respondWithin: 1s is less than what the rules say, 4 hours, and silence would approve',
  },
  {
    said: 'less time at the last level',
    ruled: policy(),
    given: policy({}, {}, { respondWithin: '1 hour' }),
  },
  {
    said: 'less time, and an end to it',
    ruled: policy(),
    given: policy({}, { respondWithin: '1 hour', onSilence: 'expire' }),
  },
  {
    said: 'the same time in other words',
    ruled: policy(),
    given: policy({}, { respondWithin: '240 minutes' }),
  },
  {
    said: 'silence for consent',
    ruled: policy(),
    given: policy({ onSilence: 'approve' }),
    problem:
      'policy.levels[0].onSilence: approve is looser than what the rules say, escalate; ' +
      'policy.levels[1].onSilence: approve is looser than what the rules say, expire',
  },
  {
    said: 'silence that passes it up where it ends',
    ruled: policy({ onSilence: 'expire' }),
    given: policy({ onSilence: 'escalate' }),
    problem: 'policy.levels[0].onSilence: escalate is looser than what the rules say, expire',
  },
  {
    said: 'silence that passes it up from the last level, which is an end',
    ruled: policy({}, {}, { onSilence: 'expire' }),
    given: policy({}, {}, { onSilence: 'escalate' }),
  },
  { said: 'silence that ends it', ruled: policy(), given: policy({ onSilence: 'expire' }) },
  {
    said: 'silence that passes it up where it was consent',
    ruled: policy({}, { onSilence: 'approve' }),
    given: policy(),
  },
  {
    said: 'a level that leaves out its end',
    ruled: policy({}, { onSilence: 'expire' }),
    given: policy(),
    gives: policy({}, { onSilence: 'expire' }),
  },
  {
    said: 'fewer reminders',
    ruled: policy({}, { remindEvery: '1 hour' }),
    given: policy({}, { remindEvery: '2 hours' }),
    problem: 'policy.levels[0].remindEvery: 2 hours is looser than what the rules say, 1 hour',
  },
  {
    said: 'another warning',
    ruled: policy({}, { warnBefore: '1 hour' }),
    given: policy({}, { warnBefore: '10 years' }),
    problem: 'policy.levels[0].warnBefore: 10 years is not what the rules say, 1 hour',
  },
  {
    said: 'more reminders',
    ruled: policy({}, { remindEvery: '1 hour' }),
    given: policy({}, { remindEvery: '30m' }),
  },
  {
    said: 'reminders and a warning left out',
    ruled: policy({}, { remindEvery: '1 hour', warnBefore: '1 hour' }),
    given: policy(),
    gives: policy({}, { remindEvery: '1 hour', warnBefore: '1 hour' }),
  },
  {
    said: 'the requester may decide',
    ruled: policy(),
    given: policy({ separation: { requester: false } }),
    problem: 'policy.separation.requester: false is looser than what the rules say, true',
  },
  {
    said: 'one person at two levels',
    ruled: policy(),
    given: policy({ separation: { acrossLevels: false } }),
    problem: 'policy.separation.acrossLevels: false is looser than what the rules say, true',
  },
  {
    said: 'more separation',
    ruled: policy({ separation: { requester: false, acrossLevels: false } }),
    given: policy(),
  },
  {
    said: 'more revisions than the default',
    ruled: policy(),
    given: policy({ maxRevisions: 4 }),
    problem: 'policy.maxRevisions: 4 is looser than what the rules say, 3',
  },
  { said: 'fewer revisions', ruled: policy(), given: policy({ maxRevisions: 0 }) },
  {
    said: 'revisions left out',
    ruled: policy({ maxRevisions: 1 }),
    given: policy(),
    gives: policy({ maxRevisions: 1 }),
  },
  {
    said: 'more extension than the default',
    ruled: policy(),
    given: policy({ maxExtension: '8 days' }),
    problem: 'policy.maxExtension: 8 days is looser than what the rules say, the default of 7 days',
  },
  { said: 'less extension', ruled: policy(), given: policy({ maxExtension: '1 hour' }) },
  {
    said: 'extension left out',
    ruled: policy({ maxExtension: '1 hour' }),
    given: policy(),
    gives: policy({ maxExtension: '1 hour' }),
  },
  {
    said: 'later execution',
    ruled: policy({ executeWithin: '1 day' }),
    given: policy({ executeWithin: '2 days' }),
    problem: 'policy.executeWithin: 2 days is looser than what the rules say, 1 day',
  },
  { said: 'execution by a time', ruled: policy(), given: policy({ executeWithin: '2 days' }) },
  {
    said: 'execution left out',
    ruled: policy({ executeWithin: '1 day' }),
    given: policy(),
    gives: policy({ executeWithin: '1 day' }),
  },
  {
    said: 'a verdict more',
    ruled: policy({ verdicts: ['approve', 'reject'] }),
    given: policy({ verdicts: ['approve', 'reject', 'edit', 'delegate'] }),
    problem: 'policy.verdicts: edit, delegate is not among what the rules offer, approve, reject',
  },
  {
    said: 'no no',
    ruled: policy(),
    given: policy({ verdicts: ['approve'] }),
    problem: 'policy.verdicts: approve leaves out reject, and the rules offer all verdicts',
  },
  {
    said: 'fewer verdicts',
    ruled: policy({ verdicts: ['approve', 'edit', 'reject'] }),
    given: policy({ verdicts: ['approve', 'reject'] }),
  },
  {
    said: 'no no where the rules offer none',
    ruled: policy({ verdicts: ['approve', 'edit'] }),
    given: policy({ verdicts: ['approve'] }),
  },
  {
    said: 'verdicts left out',
    ruled: policy({ verdicts: ['approve', 'reject'] }),
    given: policy(),
    gives: policy({ verdicts: ['approve', 'reject'] }),
  },
  {
    said: 'open where it is signed',
    ruled: policy({ authentication: 'signed' }),
    given: policy({ authentication: 'open' }),
    problem: 'policy.authentication: open is looser than what the rules say, signed',
  },
  {
    said: 'signed where it is open',
    ruled: policy({ authentication: 'open' }),
    given: policy({ authentication: 'signed' }),
  },
  {
    said: 'authentication left out',
    ruled: policy({ authentication: 'signed' }),
    given: policy(),
    gives: policy({ authentication: 'signed' }),
  },
  {
    said: 'vouched where it is signed',
    ruled: policy({ authentication: 'signed' }),
    given: policy({ authentication: 'vouched' }),
    problem: 'policy.authentication: vouched is looser than what the rules say, signed',
  },
  {
    said: 'open where it is vouched',
    ruled: policy({ authentication: 'vouched' }),
    given: policy({ authentication: 'open' }),
    problem: 'policy.authentication: open is looser than what the rules say, vouched',
  },
  {
    said: 'signed where it is vouched',
    ruled: policy({ authentication: 'vouched' }),
    given: policy({ authentication: 'signed' }),
  },
  {
    said: 'fewer signatures of their own',
    ruled: policy({}, { quorum: 2, signedAtLeast: 2 }),
    given: policy({}, { quorum: 2, signedAtLeast: 1 }),
    problem: 'policy.levels[0].signedAtLeast: 1 is looser than what the rules say, 2',
  },
  {
    said: 'more signatures of their own',
    ruled: policy({}, { quorum: 2 }),
    given: policy({}, { quorum: 2, signedAtLeast: 1 }),
  },
  {
    said: 'signatures of their own left out',
    ruled: policy({}, { quorum: 2, signedAtLeast: 1 }),
    given: policy({}, { quorum: 2 }),
    gives: policy({}, { quorum: 2, signedAtLeast: 1 }),
  },
  {
    said: 'a requester that anybody could be',
    ruled: policy({ separation: { proven: true } }),
    given: policy({ separation: { proven: false } }),
    problem: 'policy.separation.proven: false is looser than what the rules say, true',
  },
  {
    said: 'a proven requester where the rules ask for none',
    ruled: policy({ separation: { proven: false } }),
    given: policy({ separation: { proven: true } }),
  },
  {
    said: 'a proven requester left out',
    ruled: policy({ separation: { proven: true } }),
    given: policy({ separation: { requester: true } }),
    gives: policy({ separation: { proven: true } }),
  },
  {
    said: 'two things at once, and both are said',
    ruled: policy({ confirmation: 'VERIFY' }, { quorum: 2 }),
    given: policy(),
    problem:
      'policy.confirmation: CONFIRM is looser than what the rules say, VERIFY; ' +
      'policy.levels[0].quorum: 1 is looser than what the rules say, 2',
  },
];

it.each(rows)('$said', ({ ruled, given, problem, gives = given }) => {
  expect(tightened(ruled, given)).toEqual(
    problem === undefined ? { ok: true, policy: gives } : { ok: false, problem },
  );
});

it('a thousand people that are not among those of the rules are said in a sentence', () => {
  const many = Array.from({ length: 1_000 }, (_, nth) => `${'x'.repeat(190)}${nth}`);
  const said = tightened(policy(), policy({}, { approvers: { people: many } }));
  expect(said).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/^policy\.levels\[0\]\.approvers\.people: x/),
  });
  expect((said as { problem: string }).problem.length).toBeLessThanOrEqual(2_000);
});

const NAMES = ['ana', 'bo', 'cy', 'eve', '*'];
const ROLES = ['oncall', 'security'];
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Without the keys that are left out. */
const made = <T extends object>(value: T) => JSON.parse(JSON.stringify(value)) as T;

const groups = fc.array(
  fc
    .record({
      role: fc.constantFrom(...ROLES),
      quorum: fc.integer({ min: 1, max: 2 }),
      rejections: maybe(fc.integer({ min: 1, max: 2 })),
    })
    .map(made),
  { minLength: 1, maxLength: 3 },
);
const approvers = fc
  .record({
    people: maybe(fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })),
    roles: maybe(fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 })),
  })
  .map((one) =>
    made(one.people === undefined && one.roles === undefined ? { ...one, people: ['ana'] } : one),
  );
const duration = fc.constantFrom('1 hour', '4 hours', '1 day');
const silences = fc.constantFrom('escalate' as const, 'expire' as const, 'approve' as const);
const level = fc.record({
  approvers,
  groups: maybe(groups),
  quorum: fc.integer({ min: 1, max: 3 }),
  signedAtLeast: maybe(fc.integer({ min: 1, max: 3 })),
  rejections: fc.integer({ min: 1, max: 3 }),
  respondWithin: duration,
  remindEvery: maybe(duration),
  warnBefore: maybe(duration),
  onSilence: maybe(silences),
});
const policies = fc
  .record({
    confirmation: fc.constantFrom('INFO' as const, 'CONFIRM' as const, 'VERIFY' as const),
    phrase: maybe(fc.constantFrom('DROP orders', 'ok')),
    levels: fc.array(level, { minLength: 1, maxLength: 2 }),
    onSilence: silences,
    separation: fc.record({
      requester: fc.boolean(),
      acrossLevels: fc.boolean(),
      proven: maybe(fc.boolean()),
    }),
    maxRevisions: maybe(fc.integer({ min: 0, max: 5 })),
    maxExtension: maybe(duration),
    executeWithin: maybe(duration),
    verdicts: maybe(fc.uniqueArray(fc.constantFrom(...ALL_VERDICTS), { minLength: 1 })),
    authentication: maybe(fc.constantFrom(...GRADES)),
  })
  .map(({ levels, ...rest }) =>
    Policy.parse(made({ ...rest, levels: levels.map((one, rung) => ({ name: `L${rung}`, ...one })) })),
  );

/** The ruled policy with a few fields as in another one: most pairs made at random differ in too much to be accepted. */
const pairs = fc
  .tuple(policies, policies, fc.array(fc.boolean(), { minLength: 19, maxLength: 19 }))
  .map(([ruled, other, taken]) => {
    let nth = 0;
    const mixed = <T extends object>(one: T, two: T): T =>
      Object.fromEntries(
        [...new Set([...Object.keys(one), ...Object.keys(two)])].flatMap((key) => {
          const from = taken[nth++ % taken.length] === true && taken[nth % 7] === true ? two : one;
          const value = (from as Record<string, unknown>)[key];
          return value === undefined ? [] : [[key, value]];
        }),
      ) as T;
    const levels = ruled.levels.map((one, rung) => {
      const two = other.levels[rung];
      return two === undefined ? one : mixed(one, two);
    });
    return { ruled, given: Policy.parse({ ...mixed(ruled, other), levels }) };
  });

it('a policy is no looser than itself, and nothing is added to it', () => {
  fc.assert(
    fc.property(policies, (one) => {
      expect(tightened(one, one)).toEqual({ ok: true, policy: one });
    }),
    { seed: SEED, numRuns: 800 },
  );
  expect(tightened(DEFAULT_POLICY, DEFAULT_POLICY)).toEqual({ ok: true, policy: DEFAULT_POLICY });
});

it('what is accepted is accepted again, parses, and lets nobody through whom the rules would not', () => {
  const people = ['ana', 'bo', 'cy', 'eve'];
  const subset = fc.subarray(people);
  const roles = fc.record({ oncall: subset, security: subset });
  const reached = { accepted: 0, refused: 0, quorum: 0, ended: 0, changed: 0 };
  fc.assert(
    fc.property(pairs, roles, subset, ({ ruled, given }, held, speakers) => {
      const said = tightened(ruled, given);
      if (!said.ok) {
        reached.refused += 1;
        expect(said.problem).toMatch(/^policy\.\S+: /);
        return;
      }
      reached.accepted += 1;
      if (JSON.stringify(said.policy) !== JSON.stringify(ruled)) reached.changed += 1;
      expect(Policy.parse(said.policy)).toEqual(said.policy);
      expect(tightened(ruled, said.policy)).toEqual(said);
      const graded = ({ authentication = 'open' }: Policy) => authentication;
      expect(isAtLeast(graded(said.policy), graded(ruled))).toBe(true);
      if (ruled.separation.proven === true) expect(said.policy.separation.proven).toBe(true);
      const reviewers = {
        people: people.map((name) => ({
          name,
          roles: ROLES.filter((role) => held[role as 'oncall'].includes(name)),
        })),
      };
      const seats = { reviewers, delegations: [] };
      ruled.levels.forEach((asked, rung) => {
        const tight = said.policy.levels[rung]!;
        expect(tight.signedAtLeast ?? 0).toBeGreaterThanOrEqual(asked.signedAtLeast ?? 0);
        const able = speakers.filter((name) => mayDecide(seats, tight, name));
        const signed = able.map((reviewer) => ({ reviewer, authentication: 'signed' as const }));
        expect(able.filter((name) => !mayDecide(seats, asked, name))).toEqual([]);
        if (quorumMet(seats, tight, signed)) {
          reached.quorum += 1;
          expect(quorumMet(seats, asked, signed)).toBe(true);
        }
        if (rejectionsMet(seats, asked, signed)) {
          reached.ended += 1;
          expect(rejectionsMet(seats, tight, signed)).toBe(true);
        }
      });
    }),
    { seed: SEED, numRuns: 2_500 },
  );
  for (const count of Object.values(reached)) expect(count).toBeGreaterThan(100);
});
