/** What a policy may ask for, what it gets where it says nothing, and what is refused by name. */
import type { z } from 'zod';
import { problems } from '../../src/domain/gate/decision';
import { Duration, milliseconds } from '../../src/domain/duration';
import {
  approversOf,
  DEFAULT_POLICY,
  levelAt,
  maxExtension,
  maxRevisions,
  Policy,
  rolesOf,
  rungNamed,
  silence,
  unreachable,
} from '../../src/domain/policy';
import { ALL_VERDICTS } from '../../src/domain/verdicts';
import type { Directory } from '../../src/domain/reviewers';
import { testKey } from '../support/reviewer-keys';
import { DIRECTORY, HOUR, ladder, policy } from './given';

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
    });
  });

  it('a reminder a thousand times is as often as it goes', () => {
    expect(refusedFor({ ...GIVEN, levels: [{ ...LEVEL, respondWithin: '1000s', remindEvery: '1s' }] })).toBe(
      '',
    );
  });

  it('a separation that names one keeps the other', () => {
    expect(Policy.parse({ ...GIVEN, separation: {} }).separation).toEqual({
      requester: true,
      acrossLevels: true,
    });
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
    });
    expect(unreachable(DEFAULT_POLICY, ['req'])).toEqual([]);
    expect(levelAt(DEFAULT_POLICY, 0).name).toBe('HUMAN');
  });

  it('it may be sent back three times, and its deadline moved by seven days', () => {
    expect([maxRevisions(DEFAULT_POLICY), maxExtension(DEFAULT_POLICY)]).toEqual([3, 7 * 24 * HOUR]);
    const own = policy({}, { maxRevisions: 0, maxExtension: '90s' });
    expect([maxRevisions(own), maxExtension(own)]).toEqual([0, 90_000]);
  });

  it('there is no level beyond its last', () => {
    expect(() => levelAt(DEFAULT_POLICY, 1)).toThrow(new RangeError('the policy has no level 2'));
  });

  it('whether decisions are signed is left to the reviewers directory', () => {
    expect(DEFAULT_POLICY).not.toHaveProperty('authentication');
  });
});

type Input = z.input<typeof Policy>;
type LevelInput = Input['levels'][number];
const ALL = [...ALL_VERDICTS];

describe('each thing that a policy may say is kept as it was said', () => {
  it.each<[string, Partial<Input>, Partial<LevelInput>]>([
    ['confirmation INFO', { confirmation: 'INFO' }, {}],
    ['confirmation VERIFY with a phrase', { confirmation: 'VERIFY', phrase: 'REFUND A-4711' }, {}],
    ['onSilence approve', { onSilence: 'approve' }, {}],
    ['onSilence expire', { onSilence: 'expire' }, {}],
    ['maxExtension', { maxExtension: '7 days' }, {}],
    ['executeWithin', { executeWithin: '1 day' }, {}],
    ['maxRevisions', { maxRevisions: 5 }, {}],
    ['authentication signed', { authentication: 'signed' }, {}],
    ['authentication open', { authentication: 'open' }, {}],
    ['all eleven verdicts', { verdicts: ALL }, {}],
    ['roles', {}, { approvers: { people: ['ana'], roles: ['oncall'] } }],
    ['groups', {}, { groups: [{ role: 'security', quorum: 2, rejections: 1 }] }],
    ['remindEvery and warnBefore', {}, { remindEvery: '1 hour', warnBefore: '30 minutes' }],
    ["a level's own onSilence", {}, { onSilence: 'approve' }],
    ['a quorum and rejections', {}, { quorum: 3, rejections: 2 }],
  ])('%s', (_, rest, level) => {
    const kept = policy(level, rest);
    expect(kept).toMatchObject({ ...rest, levels: [level] });
  });

  it('two levels, each with a name of its own', () => {
    expect(ladder().levels.map(({ name }) => name)).toEqual(['HUMAN', 'MANAGER']);
    expect(refusedFor({ ...GIVEN, levels: [LEVEL, LEVEL] })).toBe(
      'policy.levels: two levels have the same name',
    );
  });
});

describe('what is looked up in a policy', () => {
  it('a level by its name, and -1 where there is none', () => {
    expect(['HUMAN', 'MANAGER', 'CEO'].map((name) => rungNamed(ladder(), name))).toEqual([0, 1, -1]);
  });

  it('silence means what the level says, else what the policy does', () => {
    const mixed = ladder({ onSilence: 'expire' }, { onSilence: 'approve' });
    expect(mixed.levels.map((level) => silence(mixed, level))).toEqual(['approve', 'expire']);
  });

  it('the roles it asks, of approvers and of groups, with their level', () => {
    const asks = ladder(
      {},
      { approvers: { roles: ['oncall'] }, groups: [{ role: 'qa', quorum: 1 }] },
      { groups: [{ role: 'security', quorum: 1 }] },
    );
    expect(rolesOf(asks)).toEqual([
      { role: 'oncall', level: 'HUMAN' },
      { role: 'qa', level: 'HUMAN' },
      { role: 'security', level: 'MANAGER' },
    ]);
    expect(rolesOf(policy())).toEqual([]);
  });

  it.each<[string, Partial<LevelInput>, string[], string[]]>([
    ['people alone', { approvers: { people: ['ana', 'zed'] } }, ['ana', 'zed'], ['ana', 'zed']],
    ['an alias is the person', { approvers: { people: ['a.lee', 'ana'] } }, ['ana'], ['a.lee', 'ana']],
    ['a role is those who hold it', { approvers: { roles: ['qa'] } }, ['bo', 'cy'], []],
    [
      'a group brings its members, each once',
      { approvers: { people: ['bo'] }, groups: [{ role: 'security', quorum: 1 }] },
      ['bo', 'ana'],
      ['bo'],
    ],
    ['a role that nobody holds', { approvers: { roles: ['ceo'] } }, [], []],
  ])('who is asked: %s', (_, level, among, without) => {
    const asked = levelAt(policy(level), 0);
    expect({ among: approversOf(asked, DIRECTORY), without: approversOf(asked) }).toEqual({ among, without });
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
    [
      'an empty list of roles',
      change({ approvers: { roles: [] } }),
      'policy.levels[0].approvers.roles: Too small: expected array to have >=1 items',
    ],
    [
      'a reminder more often than a thousand times',
      change({ respondWithin: '1001s', remindEvery: '1s' }),
      'policy.levels[0].remindEvery: would remind more than 1000 times within respondWithin',
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
    ['one signature by approve alone', policy({}, { verdicts: ['approve'] }), []],
    ['two signatures by approve and edit', policy({ quorum: 2 }, { verdicts: ['approve', 'edit'] }), []],
    ['two signatures by approve alone', policy({ quorum: 2 }, { verdicts: ['approve'] }), []],
    [
      'two signatures by edit alone, each of which starts over',
      policy({ quorum: 2 }, { verdicts: ['edit', 'reject'] }),
      ['levels[0].quorum: asks 2 signatures, and each edit starts over; offer approve'],
    ],
  ])('%s', (_, asked, never) => {
    expect(unreachable(asked, ['req'])).toEqual(never);
  });

  const group = (role: string, quorum: number, rejections?: number) => ({
    role,
    quorum,
    ...(rejections === undefined ? {} : { rejections }),
  });
  const groups = (...all: ReturnType<typeof group>[]) => ({ approvers: { people: ['ana'] }, groups: all });
  it.each<[string, Policy, string[], string[]]>([
    [
      'two of security and one of qa, of three people',
      policy(groups(group('security', 2), group('qa', 1))),
      [],
      [],
    ],
    [
      'the same, one of whom may not',
      policy(groups(group('security', 2), group('qa', 1))),
      ['bo'],
      ['levels[0].groups[0].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'two of security and two of qa, where one person would have to sit in both',
      policy(groups(group('security', 2), group('qa', 2))),
      [],
      ['levels[0].groups: cannot all be met by different people of those who may decide'],
    ],
    [
      'one of qa and two of security, where all who are left are one short',
      policy(groups(group('qa', 1), group('security', 2))),
      ['cy'],
      ['levels[0].groups: cannot all be met by different people of those who may decide'],
    ],
    [
      'more of a role than hold it, and more rejections of it',
      policy(groups(group('qa', 3, 4))),
      [],
      [
        'levels[0].groups[0].quorum: asks 3 of 2 people who may decide',
        'levels[0].groups[0].rejections: asks 4 of 2 people who may decide',
      ],
    ],
    [
      'a role that nobody holds',
      policy({ approvers: { roles: ['ceo'] } }),
      [],
      [
        'levels[0].quorum: asks 1 of 0 people who may decide',
        'levels[0].rejections: asks 1 of 0 people who may decide',
      ],
    ],
    [
      'one person under two names',
      policy({ ...people('ana', 'a.lee'), quorum: 2 }),
      [],
      ['levels[0].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'somebody who is not in the directory could never sign',
      policy({ ...people('ana', 'zed'), quorum: 2 }),
      [],
      ['levels[0].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'one who may not, under an alias',
      policy({ ...people('ana', 'bo'), quorum: 2 }),
      ['a.lee'],
      ['levels[0].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'the second level counts as the first does',
      ladder({}, people('ana'), { ...people('bo'), quorum: 2 }),
      [],
      ['levels[1].quorum: asks 2 of 1 people who may decide'],
    ],
    [
      'two signatures of groups by edit alone, each of which starts over',
      policy(groups(group('security', 1), group('qa', 1)), { verdicts: ['edit'] }),
      [],
      ['levels[0].quorum: asks 2 signatures, and each edit starts over; offer approve'],
    ],
    ['INFO asks nobody', policy({ ...people('ana'), quorum: 9 }, { confirmation: 'INFO' }), [], []],
  ])('with a directory: %s', (_, asked, barred, never) => {
    expect(unreachable(asked, barred, DIRECTORY)).toEqual(never);
  });

  it('where decisions are signed, only those who hold a key count', () => {
    const [ana, ...others] = DIRECTORY.people;
    const among = (...people: Directory['people']) => ({ ...DIRECTORY, people });
    const asked = (authentication: 'open' | 'signed') => policy(people('ana', 'bo'), { authentication });
    const { keys: _, ...keyless } = ana!;
    const revoked = { ...ana!, keys: ana!.keys!.map((key) => ({ ...key, revoked: '2026-01-01T00:00:00Z' })) };
    const two = { ...asked('signed'), levels: policy({ ...people('ana', 'bo'), quorum: 2 }).levels };
    const never = ['levels[0].quorum: asks 2 of 1 people who may decide and hold a key that is not revoked'];
    expect(unreachable(two, [], among(ana!, ...others))).toEqual([]);
    for (const one of [keyless, { ...keyless, keys: [] }, revoked]) {
      expect(unreachable(asked('signed'), [], among(one, ...others))).toEqual([]);
      expect(unreachable(two, [], among(one, ...others))).toEqual(never);
      expect(unreachable({ ...two, authentication: 'open' }, [], among(one, ...others))).toEqual([]);
      const another = { ...revoked, keys: [...revoked.keys, ...(ana!.keys ?? [])] };
      expect(unreachable(two, [], among(another, ...others))).toEqual([]);
    }
    // Without a directory there is nobody to look up.
    expect(unreachable(two, [])).toEqual([]);
  });

  describe('where a door vouches', () => {
    const identity = (subject: string) => ({ method: 'oidc', issuer: 'https://id.example', subject });
    const key = { id: 'k', public: testKey(1).public };
    const among: Directory = {
      people: [
        { name: 'ana', identities: [identity('1')] },
        { name: 'bo', keys: [key] },
        { name: 'cy', roles: ['qa'], identities: [identity('3')] },
        { name: 'dee' },
      ],
      doors: [
        {
          name: 'page',
          methods: ['oidc'],
          keys: [{ id: 'p', public: testKey(2).public }],
          risks: ['low', 'medium'],
        },
      ],
    };
    const all = (quorum: number, rest: Parameters<typeof policy>[1] = {}) =>
      policy({ ...people('ana', 'bo', 'cy', 'dee'), quorum }, { authentication: 'vouched', ...rest });
    const who = 'who may decide and for whom a door vouches, or who hold a key that is not revoked';

    it.each<[string, Policy, Parameters<typeof unreachable>[3], string[]]>([
      ['those who are known there, and those with keys', all(3), 'low', []],
      ['nobody else', all(4), 'low', [`levels[0].quorum: asks 4 of 3 people ${who}`]],
      [
        'at a risk that is too high, those with keys',
        all(2),
        'high',
        [`levels[0].quorum: asks 2 of 1 people ${who}`],
      ],
      [
        'at VERIFY, those with keys',
        all(2, { confirmation: 'VERIFY' }),
        'low',
        [`levels[0].quorum: asks 2 of 1 people ${who}`],
      ],
      [
        'where they have to sign, those with keys',
        all(2, { authentication: 'signed' }),
        'low',
        ['levels[0].quorum: asks 2 of 1 people who may decide and hold a key that is not revoked'],
      ],
    ])('%s', (_, asked, risk, never) => {
      expect(unreachable(asked, [], among, risk)).toEqual(never);
    });

    it('a door for a role vouches for nobody else', () => {
      const doors = [{ ...among.doors![0]!, roles: ['qa'] }];
      expect(unreachable(all(2), [], { ...among, doors })).toEqual([]);
      expect(unreachable(all(3), [], { ...among, doors })).toEqual([
        `levels[0].quorum: asks 3 of 2 people ${who}`,
      ]);
    });
  });

  it('so many of them with keys of their own, also where the others need none', () => {
    const asked = (signedAtLeast: number) => policy({ ...people('ana', 'bo'), quorum: 2, signedAtLeast });
    const [ana, ...others] = DIRECTORY.people;
    const { keys: _, ...keyless } = ana!;
    const one = { ...DIRECTORY, people: [keyless, ...others] };
    expect(unreachable(asked(2), [], DIRECTORY)).toEqual([]);
    expect(unreachable(asked(1), [], one)).toEqual([]);
    expect(unreachable(asked(2), [], one)).toEqual([
      'levels[0].signedAtLeast: asks 2 of 1 people who may decide and hold a key that is not revoked',
    ]);
    expect(unreachable(asked(3), [])).toEqual(['levels[0].signedAtLeast: asks 3 of 2 people who may decide']);
    const edits = policy({ ...people('ana', 'bo'), signedAtLeast: 2 }, { verdicts: ['edit'] });
    expect(unreachable(edits, [])).toEqual([
      'levels[0].quorum: asks 2 signatures, and each edit starts over; offer approve',
    ]);
  });

  it('without a directory roles are left to whoever opens the gate', () => {
    const roles = policy({ approvers: { people: ['ana'], roles: ['ceo'] }, quorum: 9 });
    expect(unreachable(roles, [])).toEqual([]);
    expect(unreachable(policy({ ...people('ana'), groups: [group('qa', 9)] }), [])).toEqual([]);
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
