/** Whose signatures count as one: groups that are met by different people, and those who act for somebody else. */
import { groupsMet } from '../../src/domain/groups';
import { admit } from '../../src/domain/gate/admit';
import type { Decision } from '../../src/domain/gate/decision';
import { decide, type Gate } from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import { Directory } from '../../src/domain/reviewers';
import {
  mayDecide,
  quorumMet,
  rejectionsMet,
  sameVoice,
  voiceOf,
  voices,
  barredFrom,
  onBehalfOf,
  standing,
} from '../../src/domain/voices';
import { levelAt, type Policy } from '../../src/domain/policy';
import {
  approve,
  assessed,
  delegate,
  DIRECTORY,
  edit,
  leaves,
  openAmong,
  play,
  policy,
  reject,
  withdraw,
  type Said,
} from './given';

interface Row {
  readonly said: string;
  readonly ds: readonly Said[];
  readonly answers: readonly string[];
  readonly status: Gate['status'];
  readonly signatures?: readonly string[];
  readonly rejections?: readonly string[];
}

function table(gate: () => Gate, rows: readonly Row[]) {
  it.each(rows.map((row) => [row.said, row] as const))('%s', (_, row) => {
    const { gate: next, answers } = play(gate(), row.ds);
    const { status, signatures, rejections } = leaves(next);
    expect({ answers, status, signatures, rejections }).toEqual({
      answers: row.answers,
      status: row.status,
      signatures: row.signatures ?? [],
      rejections: row.rejections ?? [],
    });
  });
}

/** The edit, and what is found of it: that another policy is asked for it. */
function playEdit(gate: Gate, decision: Decision, at: number, under: Policy): Gate {
  expect(admit(gate, decision, at)).toBeUndefined();
  return decide(gate, decision, at, { policy: under, assessment: assessed(decision.args!) });
}

const admitted = (count: number) => Array.from({ length: count }, () => 'admitted');
const among = (level: Parameters<typeof policy>[0], rest?: Parameters<typeof policy>[1]) => () =>
  openAmong(policy(level, rest));

describe('two of security and one of qa, by different people', () => {
  const groups = [
    { role: 'security', quorum: 2 },
    { role: 'qa', quorum: 1 },
  ];
  table(among({ approvers: { people: ['dan'] }, groups, rejections: 3 }), [
    {
      said: 'ana and bo of security, cy of qa: met',
      ds: [approve('ana'), approve('bo'), approve('cy')],
      answers: admitted(3),
      status: 'approved',
      signatures: ['ana', 'bo', 'cy'],
    },
    {
      said: 'bo is in both, and counts once: two people are not three',
      ds: [approve('ana'), approve('bo')],
      answers: admitted(2),
      status: 'open',
      signatures: ['ana', 'bo'],
    },
    {
      said: 'bo is seated for qa first, and moves over when cy comes',
      ds: [approve('bo'), approve('cy'), approve('ana')],
      answers: admitted(3),
      status: 'approved',
      signatures: ['bo', 'cy', 'ana'],
    },
    {
      said: 'dan may sign, but is of no group',
      ds: [approve('ana'), approve('bo'), approve('dan')],
      answers: admitted(3),
      status: 'open',
      signatures: ['ana', 'bo', 'dan'],
    },
  ]);

  table(
    among({
      approvers: { people: ['dan'] },
      groups: [
        { role: 'qa', quorum: 1 },
        { role: 'security', quorum: 1 },
      ],
      quorum: 3,
    }),
    [
      {
        said: 'both groups met by two, but the level asks three people',
        ds: [approve('bo'), approve('ana')],
        answers: admitted(2),
        status: 'open',
        signatures: ['bo', 'ana'],
      },
      {
        said: 'the third may be anybody who is asked',
        ds: [approve('bo'), approve('ana'), approve('dan')],
        answers: admitted(3),
        status: 'approved',
        signatures: ['bo', 'ana', 'dan'],
      },
    ],
  );

  it('a voice is moved through several groups, where that seats one more', () => {
    const person = (name: string, ...roles: string[]) => ({ name, roles });
    const reviewers = Directory.parse({
      people: [person('a', 'x', 'y'), person('b', 'y', 'z'), person('c', 'x'), person('d', 'w')],
    });
    const level = levelAt(
      policy({ approvers: { people: ['d'] }, groups: ['x', 'y', 'z'].map((role) => ({ role, quorum: 1 })) }),
      0,
    );
    const met = (...names: string[]) =>
      quorumMet(
        { reviewers, delegations: [] },
        level,
        names.map((reviewer) => ({ reviewer })),
      );
    expect([met('a', 'b', 'c'), met('c', 'b', 'a'), met('b', 'a', 'c')]).toEqual([true, true, true]);
    expect([met('a', 'b'), met('a', 'c', 'd'), met('a', 'b', 'd'), met('b', 'c', 'd')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  const veto = [
    { role: 'security', quorum: 1, rejections: 1 },
    { role: 'qa', quorum: 1 },
  ];
  table(among({ approvers: { people: ['dan'] }, groups: veto, rejections: 3 }), [
    {
      said: 'one rejection of security ends it',
      ds: [reject('ana')],
      answers: admitted(1),
      status: 'closed',
      rejections: ['ana'],
    },
    {
      said: 'qa has no number of its own, and two are not three',
      ds: [reject('cy'), reject('dan')],
      answers: admitted(2),
      status: 'open',
      rejections: ['cy', 'dan'],
    },
    {
      said: 'three of anybody are three',
      ds: [reject('cy'), reject('dan'), reject('bo')],
      answers: admitted(3),
      status: 'closed',
      rejections: ['cy', 'dan', 'bo'],
    },
  ]);

  it('a group of two must be rejected by two of its own voices', () => {
    const level = levelAt(
      policy({ groups: [{ role: 'security', quorum: 1, rejections: 2 }], rejections: 9 }),
      0,
    );
    const met = (...names: string[]) =>
      rejectionsMet(
        { reviewers: DIRECTORY, delegations: [] },
        level,
        names.map((reviewer) => ({ reviewer })),
      );
    expect([met('ana'), met('ana', 'a.lee'), met('ana', 'cy'), met('ana', 'bo')]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('a delegate acts on behalf of the delegator: both names stay, and they count once together', () => {
  const pair: Policy = policy({ approvers: { people: ['ana', 'bo'] }, quorum: 2, rejections: 2 });
  table(
    () => openAmong(pair),
    [
      {
        said: 'dan signs for ana; bo makes two',
        ds: [delegate('ana', 'dan'), approve('dan'), approve('bo')],
        answers: admitted(3),
        status: 'approved',
        signatures: ['dan', 'bo'],
      },
      {
        said: 'ana has signed, and then delegates: dan has nothing to add',
        ds: [approve('ana'), delegate('ana', 'dan'), approve('dan')],
        answers: ['admitted', 'admitted', 'ALREADY_SIGNED'],
        status: 'open',
        signatures: ['ana'],
      },
      {
        said: 'dan has signed for her: ana has nothing to add',
        ds: [delegate('ana', 'dan'), approve('dan'), approve('ana')],
        answers: ['admitted', 'admitted', 'ALREADY_SIGNED'],
        status: 'open',
        signatures: ['dan'],
      },
      {
        said: 'two who act for ana are one voice',
        ds: [delegate('ana', 'dan'), delegate('ana', 'eve'), approve('dan'), approve('eve')],
        answers: ['admitted', 'admitted', 'admitted', 'ALREADY_SIGNED'],
        status: 'open',
        signatures: ['dan'],
      },
      {
        said: 'a delegate of a delegate is of the same voice',
        ds: [delegate('ana', 'dan'), delegate('dan', 'eve'), approve('eve'), approve('ana'), approve('bo')],
        answers: ['admitted', 'admitted', 'admitted', 'ALREADY_SIGNED', 'admitted'],
        status: 'approved',
        signatures: ['eve', 'bo'],
      },
      {
        said: 'both have signed and then are one voice: bo takes back his own, and hers stays',
        ds: [reject('ana'), approve('bo'), delegate('ana', 'bo'), withdraw('bo')],
        answers: admitted(4),
        status: 'open',
        rejections: ['ana'],
      },
      {
        said: 'ana delegates to bo, who signed already: their two signatures would be one',
        ds: [approve('bo'), delegate('ana', 'bo'), approve('ana')],
        answers: ['admitted', 'admitted', 'ALREADY_SIGNED'],
        status: 'open',
        signatures: ['bo'],
      },
      {
        said: 'dan rejects for ana, who had signed: one voice either signs or rejects',
        ds: [approve('ana'), delegate('ana', 'dan'), reject('dan')],
        answers: admitted(3),
        status: 'open',
        rejections: ['dan'],
      },
      {
        said: 'dan takes back what he signed; what ana signed is hers to take back',
        ds: [approve('ana'), delegate('ana', 'dan'), withdraw('dan'), withdraw('ana')],
        answers: ['admitted', 'admitted', 'NOTHING_TO_WITHDRAW', 'admitted'],
        status: 'open',
      },
      {
        said: 'dan edits for ana: his signature counts for her, and hers no more',
        ds: [delegate('ana', 'dan'), edit('dan', 7), approve('ana'), approve('bo')],
        answers: ['admitted', 'admitted', 'ALREADY_SIGNED', 'admitted'],
        status: 'approved',
        signatures: ['dan', 'bo'],
      },
      {
        said: 'nobody becomes a delegate by somebody who may not decide',
        ds: [delegate('eve', 'dan'), approve('dan')],
        answers: ['NOT_AN_APPROVER', 'NOT_AN_APPROVER'],
        status: 'open',
      },
    ],
  );

  it('both names are on record, and in the packet', () => {
    const { gate } = play(openAmong(pair), [delegate('ana.lee', 'dan'), approve('dan')]);
    expect(gate).toMatchObject({
      signatures: [{ reviewer: 'dan', onBehalfOf: 'ana' }],
      delegations: [{ from: 'ana', to: 'dan', decision: 'd1', at: '2026-03-02T09:00:01.000Z' }],
    });
    expect(packetOf(gate).delegations).toEqual(gate.delegations);
  });

  it('who may decide on his own signs for himself, though somebody delegated to him', () => {
    const { gate } = play(openAmong(pair), [delegate('ana', 'bo'), approve('bo')]);
    expect(gate.signatures).toEqual([expect.not.objectContaining({ onBehalfOf: 'ana' })]);
    const anybody = policy({ approvers: { people: ['*'] }, quorum: 2 });
    const free = play(openAmong(anybody), [delegate('ana', 'dan'), approve('dan')]).gate;
    expect(free.signatures).toEqual([expect.not.objectContaining({ onBehalfOf: 'ana' })]);
  });

  it('one who edits for somebody goes on acting for them, where the level is asked anew for longer', () => {
    const longer = { ...pair, levels: [{ ...levelAt(pair, 0), respondWithin: '9 hours' }] };
    const gate = openAmong(pair);
    const sent = play(gate, [delegate('ana', 'dan')]).gate;
    const { decision, at } = edit('dan', 7, { id: 'e' })(sent, 2);
    const next = playEdit(sent, decision, at, longer);
    expect(next).toMatchObject({
      status: 'open',
      signatures: [{ reviewer: 'dan' }],
      delegations: [{ to: 'dan' }],
    });
    expect(play(next, [approve('ana', { id: 'x' })]).answers).toEqual(['ALREADY_SIGNED']);
  });

  it('where the new policy asks the delegator no more, the delegate has no signature either', () => {
    const others = { ...pair, levels: [{ ...levelAt(pair, 0), approvers: { people: ['bo', 'cy'] } }] };
    const sent = play(openAmong(pair), [delegate('ana', 'dan')]).gate;
    const { decision, at } = edit('dan', 7, { id: 'e' })(sent, 2);
    const next = playEdit(sent, decision, at, others);
    expect(next).toMatchObject({ status: 'open', signatures: [] });
    expect(play(next, [approve('dan', { id: 'x' })]).answers).toEqual(['NOT_AN_APPROVER']);
  });
});

describe('voices, from their delegations alone', () => {
  const link = (from: string, to: string) => ({ from, to, decision: 'd', at: '' });
  const delegations = [link('ana', 'dan'), link('dan', 'eve'), link('bo', 'mia')];
  const level = levelAt(policy({ approvers: { people: ['ana', 'bo'] } }), 0);

  it.each([
    ['ana', ['ana', 'dan', 'eve']],
    ['eve', ['ana', 'dan', 'eve']],
    ['mia', ['bo', 'mia']],
    ['cy', ['cy']],
  ])('the voice of %s', (person, members) => {
    expect(voiceOf({ delegations }, person)).toEqual(members);
    expect(voiceOf({ delegations: [...delegations].reverse() }, person)).toEqual(members);
  });

  it('are told apart, each once', () => {
    const signed = ['eve', 'ana', 'mia', 'cy'].map((reviewer) => ({ reviewer }));
    expect(voices({ delegations }, signed)).toEqual([['ana', 'dan', 'eve'], ['bo', 'mia'], ['cy']]);
    expect([sameVoice({ delegations }, 'ana', 'eve'), sameVoice({ delegations }, 'ana', 'bo')]).toEqual([
      true,
      false,
    ]);
  });

  it('a chain is good for as much as where it starts', () => {
    const may = (person: string, links = delegations) => mayDecide({ delegations: links }, level, person);
    expect(['ana', 'dan', 'eve', 'mia', 'cy'].map((one) => may(one))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(may('eve', [...delegations].reverse())).toBe(true);
    // Two who are asked nothing, and delegate to each other.
    expect(may('x', [link('x', 'y'), link('y', 'x')])).toBe(false);
  });
});

describe('groups, of whatever size and in whatever order', () => {
  const person = (name: string, ...roles: string[]) => ({ name, roles });
  const reviewers = Directory.parse({
    people: [
      person('x1', 'x'),
      person('x2', 'x'),
      person('x3', 'x'),
      person('y1', 'y'),
      person('xy', 'x', 'y'),
      person('z'),
      person('xyz', 'x', 'y', 'w'),
    ],
  });
  const groups = (...quorums: [string, number][]) => quorums.map(([role, quorum]) => ({ role, quorum }));
  it.each<[string, ReturnType<typeof groups>, string[][], boolean]>([
    ['none asked, and none heard', [], [], true],
    ['none asked', [], [['x1']], true],
    ['two of x do not make one of x and one of y', groups(['x', 1], ['y', 1]), [['x1'], ['x2']], false],
    ['nor do three', groups(['x', 1], ['y', 1]), [['x1'], ['x2'], ['x3']], false],
    ['one of each', groups(['x', 1], ['y', 1]), [['x1'], ['y1']], true],
    ['more than is asked', groups(['x', 1]), [['x1'], ['x2']], true],
    ['who is in both sits where nobody else can', groups(['x', 1], ['y', 1]), [['xy'], ['x1']], true],
    ['in either order', groups(['x', 1], ['y', 1]), [['x1'], ['xy']], true],
    ['who is in both sits in one', groups(['x', 1], ['y', 1]), [['xy']], false],
    ['one of a voice is enough', groups(['x', 1]), [['z', 'x1']], true],
    ['a voice of two sits in one', groups(['x', 1], ['y', 1]), [['x1', 'y1']], false],
    [
      'who was moved once is not counted twice',
      groups(['x', 1], ['y', 1], ['w', 1]),
      [['xyz'], ['x1'], ['x2']],
      false,
    ],
    ['two of x beside one of y', groups(['x', 2], ['y', 1]), [['xy'], ['x1'], ['x2']], true],
    ['two of x beside one of y, one short', groups(['x', 2], ['y', 1]), [['xy'], ['x1'], ['z']], false],
  ])('%s', (_, asked, heard, met) => {
    expect(groupsMet(reviewers, asked, heard)).toBe(met);
  });
});

describe("the delegator's roles are the delegate's to use, never the other way round", () => {
  const level = levelAt(
    policy({
      approvers: { people: ['dan', 'eve'] },
      groups: [{ role: 'security', quorum: 1, rejections: 1 }],
      rejections: 9,
    }),
    0,
  );
  const link = (from: string, to: string) => ({ from, to, decision: 'd', at: '' });
  const met = (delegations: ReturnType<typeof link>[], ...names: string[]) => {
    const seats = { reviewers: DIRECTORY, delegations };
    const signed = names.map((reviewer) => ({ reviewer }));
    return [quorumMet(seats, level, signed), rejectionsMet(seats, level, signed)];
  };
  it.each<[string, ReturnType<typeof link>[], string[], boolean]>([
    ['dan, for ana of security', [link('ana', 'dan')], ['dan'], true],
    ['eve, for dan, for ana', [link('ana', 'dan'), link('dan', 'eve')], ['eve'], true],
    ['the same, however the links are told', [link('dan', 'eve'), link('ana', 'dan')], ['eve'], true],
    ['dan, who named ana', [link('dan', 'ana')], ['dan'], false],
    ['dan, while ana acts for somebody else', [link('eve', 'ana')], ['dan'], false],
    ['dan, while somebody else acts for ana', [link('ana', 'eve')], ['dan'], false],
    ['dan, for cy, while ana delegates elsewhere', [link('cy', 'dan'), link('ana', 'eve')], ['dan'], false],
  ])('%s', (_, delegations, names, counts) => {
    expect(met(delegations, ...names)).toEqual([counts, counts]);
  });

  it('of several delegations the one to the signer tells for whom', () => {
    const seats = { delegations: [link('bo', 'mia'), link('ana', 'dan')] };
    const asked = levelAt(policy({ approvers: { people: ['ana', 'bo'] } }), 0);
    expect(['dan', 'mia', 'ana', 'zed'].map((one) => onBehalfOf(seats, asked, one))).toEqual([
      'ana',
      'bo',
      undefined,
      undefined,
    ]);
  });

  it('where one person alone is asked, that one may name somebody', () => {
    const alone = levelAt(policy({ approvers: { people: ['ana'] } }), 0);
    expect(mayDecide({ delegations: [link('ana', 'dan')] }, alone, 'dan')).toBe(true);
  });

  it('nobody is barred where the policy gives the separation up', () => {
    const of = (requester: boolean) =>
      barredFrom({
        policy: policy({}, { separation: { requester } }),
        reviewers: DIRECTORY,
        requester: 'r.quest',
        owners: ['dan'],
      });
    expect([of(true), of(false)]).toEqual([['req', 'dan'], []]);
  });

  it('delegations go on as far as they start with one who may decide, and pass nobody barred', () => {
    const asked = levelAt(policy({ approvers: { people: ['ana', 'bo'] } }), 0);
    const delegations = [link('ana', 'dan'), link('dan', 'eve'), link('mia', 'zed'), link('bo', 'cy')];
    const left = (...barred: string[]) =>
      standing({ delegations }, asked, barred).map(({ from, to }) => `${from}-${to}`);
    expect([left(), left('dan'), left('ana'), left('bo')]).toEqual([
      ['ana-dan', 'dan-eve', 'bo-cy'],
      ['ana-dan', 'bo-cy'],
      ['bo-cy'],
      ['ana-dan', 'dan-eve'],
    ]);
  });
});
