/** What a policy may ask for, what it gets where it says nothing, and what is refused by name. */
import type { z } from 'zod';
import { problems } from '../../src/domain/decision';
import { Duration, milliseconds } from '../../src/domain/duration';
import { DEFAULT_POLICY, firstLevel, notBuilt, Policy, unreachable } from '../../src/domain/policy';
import { policy } from './given';

const LEVEL = { name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '4 hours' };
const GIVEN = { confirmation: 'CONFIRM', levels: [LEVEL] };

function refusedFor(given: unknown): string {
  const parsed = Policy.safeParse(given);
  return parsed.success ? '' : problems(parsed.error, 'policy');
}

describe('where the policy says nothing', () => {
  it('one person is enough, silence escalates, and the requester and those of other levels stay apart', () => {
    expect(Policy.parse(GIVEN)).toEqual({
      confirmation: 'CONFIRM',
      levels: [{ kind: 'people', ...LEVEL, quorum: 1, rejections: 1 }],
      onSilence: 'escalate',
      separation: { requester: true, acrossLevels: true },
      authentication: 'open',
    });
  });

  it('a separation that names one keeps the other', () => {
    expect(Policy.parse({ ...GIVEN, separation: { acrossLevels: false } }).separation).toEqual({
      requester: true,
      acrossLevels: false,
    });
  });

  it('the default: CONFIRM, one HUMAN level, anybody, 24 hours', () => {
    expect(DEFAULT_POLICY).toEqual({
      confirmation: 'CONFIRM',
      levels: [
        {
          kind: 'people',
          name: 'HUMAN',
          approvers: { people: ['*'] },
          quorum: 1,
          rejections: 1,
          respondWithin: '24 hours',
        },
      ],
      onSilence: 'escalate',
      separation: { requester: true, acrossLevels: true },
      authentication: 'open',
    });
    expect([notBuilt(DEFAULT_POLICY), unreachable(DEFAULT_POLICY, 'req')]).toEqual([[], []]);
    expect(firstLevel(DEFAULT_POLICY).name).toBe('HUMAN');
  });

  it('a policy without a level is none', () => {
    expect(() => firstLevel({ ...DEFAULT_POLICY, levels: [] })).toThrow('a policy has at least one level');
  });
});

type Input = z.input<typeof Policy>;
type LevelInput = Input['levels'][number];

describe('what is not built is refused by name, never ignored', () => {
  it.each<[string, Partial<Input>, Partial<LevelInput>]>([
    ['confirmation INFO', { confirmation: 'INFO' }, {}],
    ['confirmation VERIFY', { confirmation: 'VERIFY' }, {}],
    ['phrase', { phrase: 'REFUND' }, {}],
    ['onSilence approve', { onSilence: 'approve' }, {}],
    ['maxExtension', { maxExtension: '7 days' }, {}],
    ['executeWithin', { executeWithin: '1 day' }, {}],
    ['authentication signed', { authentication: 'signed' }, {}],
    ['the verdict escalate in verdicts', { verdicts: ['escalate'] }, {}],
    ['the verdict delegate in verdicts', { verdicts: ['delegate'] }, {}],
    ['the verdict withdraw in verdicts', { verdicts: ['withdraw'] }, {}],
    ['the verdict extend in verdicts', { verdicts: ['extend'] }, {}],
    ['levels[0].approvers.roles', {}, { approvers: { people: ['ana'], roles: ['oncall'] } }],
    ['levels[0].groups', {}, { groups: [{ role: 'security', quorum: 2 }] }],
    ['levels[0].remindEvery', {}, { remindEvery: '1 hour' }],
    ['levels[0].warnBefore', {}, { warnBefore: '30 minutes' }],
    ['levels[0].onSilence approve', {}, { onSilence: 'approve' }],
  ])('%s', (named, rest, level) => {
    expect(notBuilt(policy(level, rest))).toEqual([`${named} is not supported yet`]);
  });

  it('a second level, and each of its own fields', () => {
    const second = { ...LEVEL, name: 'MANAGER', warnBefore: '1 hour' };
    expect(notBuilt(Policy.parse({ ...GIVEN, levels: [LEVEL, second] }))).toEqual([
      'more than one of levels is not supported yet',
      'levels[1].warnBefore is not supported yet',
    ]);
  });

  it('all of them at once', () => {
    const much = policy({ remindEvery: '1 hour' }, { phrase: 'X', confirmation: 'VERIFY' });
    expect(notBuilt(much)).toEqual([
      'confirmation VERIFY is not supported yet',
      'phrase is not supported yet',
      'levels[0].remindEvery is not supported yet',
    ]);
  });

  it.each<[string, Partial<Input>, Partial<LevelInput>]>([
    ['onSilence expire', { onSilence: 'expire' }, {}],
    ['onSilence escalate', { onSilence: 'escalate' }, { onSilence: 'escalate' }],
    ['a quorum and rejections', {}, { quorum: 3, rejections: 2 }],
    ['the separation', { separation: { requester: false } }, {}],
    [
      'the seven verdicts',
      { verdicts: ['approve', 'edit', 'reject', 'revise', 'respond', 'comment', 'cancel'] },
      {},
    ],
    ['maxRevisions', { maxRevisions: 5 }, {}],
    ['authentication open', { authentication: 'open' }, {}],
  ])('%s is built', (_, rest, level) => {
    expect(notBuilt(policy(level, rest))).toEqual([]);
  });
});

describe('a key that nobody knows is named, at every level', () => {
  const change = (level: object) => ({ ...GIVEN, levels: [{ ...LEVEL, ...level }] });
  it.each<[string, unknown, string]>([
    ['the policy', { ...GIVEN, quorum: 2 }, 'policy.quorum: unknown key'],
    ['a level', change({ quorom: 2 }), 'policy.levels[0].quorom: unknown key'],
    [
      'approvers',
      change({ approvers: { people: ['a'], groups: [] } }),
      'policy.levels[0].approvers.groups: unknown key',
    ],
    [
      'a group',
      change({ groups: [{ role: 'qa', quorum: 1, of: 3 }] }),
      'policy.levels[0].groups[0].of: unknown key',
    ],
    ['separation', { ...GIVEN, separation: { requestor: true } }, 'policy.separation.requestor: unknown key'],
    ['two at once', { ...GIVEN, a: 1, b: 2 }, 'policy.a: unknown key; policy.b: unknown key'],
  ])('%s', (_, given, named) => {
    expect(refusedFor(given)).toBe(named);
  });
});

describe('a value that does not fit is named with what is wrong', () => {
  const change = (level: object) => ({ ...GIVEN, levels: [{ ...LEVEL, ...level }] });
  const ascii = 'must be 1–200 printable ASCII characters';
  it.each<[string, unknown, string]>([
    [
      'no confirmation',
      { levels: [LEVEL] },
      'policy.confirmation: Invalid option: expected one of "INFO"|"CONFIRM"|"VERIFY"',
    ],
    ['no levels', { confirmation: 'CONFIRM' }, 'policy.levels: expected array, received undefined'],
    [
      'an empty ladder',
      { ...GIVEN, levels: [] },
      'policy.levels: Too small: expected array to have >=1 items',
    ],
    ['a quorum of 0', change({ quorum: 0 }), 'policy.levels[0].quorum: Too small: expected number to be >=1'],
    ['a quorum of 1.5', change({ quorum: 1.5 }), 'policy.levels[0].quorum: expected int, received number'],
    [
      'a quorum as text',
      change({ quorum: '2' }),
      'policy.levels[0].quorum: expected number, received string',
    ],
    [
      'rejections of 0',
      change({ rejections: 0 }),
      'policy.levels[0].rejections: Too small: expected number to be >=1',
    ],
    [
      'no approvers',
      change({ approvers: {} }),
      'policy.levels[0].approvers: names nobody: give people or roles',
    ],
    [
      'an empty list of people',
      change({ approvers: { people: [] } }),
      'policy.levels[0].approvers.people: Too small: expected array to have >=1 items',
    ],
    [
      'a name in Cyrillic',
      change({ approvers: { people: ['аna'] } }),
      `policy.levels[0].approvers.people[0]: ${ascii}`,
    ],
    ['an agent as a level', change({ kind: 'agent' }), 'policy.levels[0].kind: expected "people"'],
    ['a verdict that is none', { ...GIVEN, verdicts: ['aprove'] }, 'policy.verdicts[0]: '],
    ['null', null, 'policy: expected object, received null'],
  ])('%s', (_, given, named) => {
    expect(refusedFor(given).slice(0, named.length)).toBe(named);
  });
});

describe('a policy that could never be met is refused before anybody is asked', () => {
  const people = (...names: string[]) => ({ approvers: { people: names } });
  it.each<[string, Policy, string[]]>([
    ['two of two', policy({ ...people('ana', 'bo'), quorum: 2 }), []],
    [
      'three of two',
      policy({ ...people('ana', 'bo'), quorum: 3 }),
      ['levels[0].quorum: asks 3 of 2 people who may decide'],
    ],
    [
      'two of two, one of whom is the requester',
      policy({ ...people('ana', 'req'), quorum: 2 }),
      ['levels[0].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'the same, where the requester may',
      policy({ ...people('ana', 'req'), quorum: 2 }, { separation: { requester: false } }),
      [],
    ],
    [
      'one of one, who is the requester',
      policy(people('req')),
      [
        'levels[0].quorum: asks 1 of 0 people who may decide',
        'levels[0].rejections: asks 1 of 0 people who may decide',
      ],
    ],
    [
      'two of one who is listed twice',
      policy({ ...people('ana', 'ana'), quorum: 2 }),
      ['levels[0].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'more rejections than people',
      policy({ ...people('ana', 'bo'), rejections: 3 }),
      ['levels[0].rejections: asks 3 of 2 people who may decide'],
    ],
    ['any number of anybody', policy({ ...people('*'), quorum: 1_000 }), []],
    ['anybody, and somebody', policy({ ...people('ana', '*'), quorum: 3 }), []],
    [
      'no verdict that signs',
      policy({}, { verdicts: ['reject', 'comment'] }),
      ['verdicts: offers neither approve nor edit, so nothing could ever be approved'],
    ],
    ['one signature by edit alone', policy({}, { verdicts: ['edit'] }), []],
    [
      'two signatures by edit alone, each of which starts over',
      policy({ quorum: 2 }, { verdicts: ['edit', 'reject'] }),
      ['levels[0].quorum: asks 2 signatures, and each edit starts over; offer approve'],
    ],
  ])('%s', (_, asked, never) => {
    expect(unreachable(asked, 'req')).toEqual(never);
  });
});

describe('durations', () => {
  it.each([
    ['1ms', 1],
    ['90s', 90_000],
    ['3 seconds', 3_000],
    ['4 hours', 14_400_000],
    ['1.5 hours', 5_400_000],
    ['30 minutes', 1_800_000],
    ['1 day', 86_400_000],
    ['7 days', 604_800_000],
    ['2w', 1_209_600_000],
    ['10 years', 315_576_000_000],
    ['4HOURS', 14_400_000],
  ])('%s is %d milliseconds', (text, value) => {
    expect({ fits: Duration.safeParse(text).success, value: milliseconds(text) }).toEqual({
      fits: true,
      value,
    });
  });

  it.each([
    '',
    ' ',
    'soon',
    '0',
    '0s',
    '-1 day',
    '0.4ms',
    '11 years',
    '1 fortnight',
    '4 hours 30 minutes',
    'PT4H',
    'NaN',
    'Infinity',
    '1e9 years',
    '４ hours',
    'x'.repeat(101),
    `1${'0'.repeat(99)}`,
  ])('%j is none, and is refused without a throw', (text) => {
    const parsed = Duration.safeParse(text);
    expect(parsed.success).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a number', 3_600_000],
    ['null', null],
    ['an object', { hours: 4 }],
  ])('%s is none', (_, value) => {
    expect(Duration.safeParse(value).success).toBe(false);
  });

  it('the sentence shows how one is written', () => {
    expect(refusedFor({ ...GIVEN, levels: [{ ...LEVEL, respondWithin: '' }] })).toBe(
      'policy.levels[0].respondWithin: must be a duration such as "30s", "4 hours" or "7 days", at most 10 years',
    );
  });
});
