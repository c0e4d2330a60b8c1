/** Who may decide, and who counts as whom: people under every name, roles, the requester, and who answers for an agent. */
import type { Gate } from '../../src/domain/gate';
import { Directory, holdsKeys, holders, known, ownersOf, personOf } from '../../src/domain/reviewers';
import {
  approve,
  cancel,
  comment,
  delegate,
  DIRECTORY,
  edit,
  leaves,
  open,
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

const admitted = (count: number) => Array.from({ length: count }, () => 'admitted');
const among = (level: Parameters<typeof policy>[0], rest?: Parameters<typeof policy>[1]) => () =>
  openAmong(policy(level, rest));

describe('a person is one, under every name', () => {
  table(among({ approvers: { people: ['ana', 'bo', 'cy', 'req'] }, quorum: 2, rejections: 2 }), [
    {
      said: 'ana under an alias is an approver, and on record as she was called',
      ds: [approve('ana.lee')],
      answers: ['admitted'],
      status: 'open',
      signatures: ['ana.lee'],
    },
    {
      said: 'ana and her alias are one signature',
      ds: [approve('ana'), approve('a.lee')],
      answers: ['admitted', 'ALREADY_SIGNED'],
      status: 'open',
      signatures: ['ana'],
    },
    {
      said: 'ana rejects under an alias: her signature is gone',
      ds: [approve('ana'), reject('a.lee')],
      answers: admitted(2),
      status: 'open',
      rejections: ['a.lee'],
    },
    {
      said: 'ana takes back under one alias what she signed under another',
      ds: [approve('ana.lee'), withdraw('a.lee')],
      answers: admitted(2),
      status: 'open',
    },
    {
      said: 'the requester under an alias may not decide, but cancel',
      ds: [approve('r.quest'), edit('r.quest'), comment('r.quest'), cancel('r.quest')],
      answers: ['REQUESTER_CANNOT_DECIDE', 'REQUESTER_CANNOT_DECIDE', 'admitted', 'admitted'],
      status: 'closed',
    },
    {
      said: 'somebody the directory does not know is nobody, though called like an approver in capitals',
      ds: [approve('ANA'), approve('zed')],
      answers: ['UNKNOWN_REVIEWER', 'UNKNOWN_REVIEWER'],
      status: 'open',
    },
    {
      said: 'to oneself under an alias nothing can be delegated, and to a stranger neither',
      ds: [delegate('ana', 'a.lee'), delegate('ana', 'zed'), delegate('ana', 'r.quest')],
      answers: ['DELEGATE_NOT_ALLOWED', 'DELEGATE_NOT_ALLOWED', 'DELEGATE_NOT_ALLOWED'],
      status: 'open',
    },
  ]);

  it('anybody is anybody whom the directory knows', () => {
    const gate = openAmong(policy({ approvers: { people: ['*'] }, quorum: 2 }));
    expect(play(gate, [approve('zed'), approve('eve'), approve('mia')])).toMatchObject({
      answers: ['UNKNOWN_REVIEWER', 'admitted', 'admitted'],
      gate: { status: 'approved' },
      sentences: ['zed is not in the reviewers directory that this gate was opened with', '', ''],
    });
  });

  it('the sentences of a delegation that is not to be say why', () => {
    const { sentences } = play(openAmong(policy()), [delegate('ana', 'a.lee'), delegate('ana', 'zed')]);
    expect(sentences).toEqual([
      'a.lee cannot act on your behalf: you are the same person',
      'zed cannot act on your behalf: they are not in the reviewers directory that this gate was opened with',
    ]);
  });
});

describe('roles', () => {
  table(among({ approvers: { roles: ['security'] }, quorum: 2 }), [
    {
      said: 'those who hold the role may sign; nobody else',
      ds: [approve('ana'), approve('cy'), approve('bo')],
      answers: ['admitted', 'NOT_AN_APPROVER', 'admitted'],
      status: 'approved',
      signatures: ['ana', 'bo'],
    },
  ]);

  table(
    () => open(policy({ approvers: { people: ['cy'], roles: ['security'] } })),
    [
      {
        said: 'without a directory a role is nobody, and a name is believed',
        ds: [approve('ana'), approve('cy')],
        answers: ['NOT_AN_APPROVER', 'admitted'],
        status: 'approved',
        signatures: ['cy'],
      },
    ],
  );
});

describe("an agent's owner answers for what it proposed, and does not sign it", () => {
  const asked = { approvers: { people: ['ana', 'bo', 'dan'] } };
  table(
    () => openAmong(policy(asked), { by: 'AGENT (offline)' }),
    [
      {
        said: 'dan owns the agent: he may not sign, nor be a delegate; ana may',
        ds: [approve('dan'), delegate('bo', 'dan'), approve('ana')],
        answers: ['OWNER_CANNOT_DECIDE', 'DELEGATE_NOT_ALLOWED', 'admitted'],
        status: 'approved',
        signatures: ['ana'],
      },
    ],
  );
  table(
    () => openAmong(policy(asked, { separation: { requester: false } }), { by: 'AGENT (offline)' }),
    [
      {
        said: 'where the policy gives the separation up in words, he may, and may act for bo',
        ds: [delegate('bo', 'dan'), approve('dan')],
        answers: ['admitted', 'admitted'],
        status: 'approved',
        signatures: ['dan'],
      },
    ],
  );

  it('says so', () => {
    const { sentences } = play(openAmong(policy(asked), { by: 'AGENT' }), [
      approve('dan'),
      delegate('bo', 'dan'),
    ]);
    expect(sentences).toEqual([
      'dan answers for the agent that proposed this and may not decide on it',
      'dan cannot act on your behalf: they answer for the agent that proposed this',
    ]);
  });

  it.each<[string, string, string, string[]]>([
    ["the agent's level", 'req', 'AGENT', ['dan']],
    ["its level, with the agent's own name in brackets", 'req', 'AGENT (offline)', ['dan']],
    ['its own name', 'req', 'SENIOR_AGENT (openai/gpt)', ['mia', 'bo']],
    ['the requester', 'svc-orders', 'svc-orders', ['ana']],
    ['both at once, each owner once', 'svc-orders', 'AGENT', ['dan', 'ana']],
    ['a person is no agent', 'req', 'ana', []],
  ])('owners by %s', (_, requester, by, owners) => {
    const directory = Directory.parse({
      ...DIRECTORY,
      agents: [
        { name: 'AGENT', owners: ['dan', 'dan'] },
        { name: 'openai/gpt', owners: ['mia', 'bo'] },
        { name: 'svc-orders', owners: ['a.lee'] },
      ],
    });
    expect(ownersOf(directory, requester, by)).toEqual(owners);
    expect(ownersOf(undefined, requester, by)).toEqual([]);
  });

  it('whoever owned an earlier revision stays its owner', () => {
    const gate = openAmong(policy({ ...asked, quorum: 2 }), { by: 'AGENT' });
    expect(play(gate, [edit('ana', 7), approve('dan')]).answers).toEqual(['admitted', 'OWNER_CANNOT_DECIDE']);
  });
});

describe('the directory', () => {
  it('knows a person by name and alias, and nobody else', () => {
    expect([personOf(DIRECTORY, 'a.lee'), personOf(DIRECTORY, 'zed'), personOf(undefined, 'zed')]).toEqual([
      'ana',
      undefined,
      'zed',
    ]);
    expect([known(DIRECTORY, 'a.lee'), known(DIRECTORY, 'zed'), holders(undefined, 'qa')]).toEqual([
      'ana',
      'zed',
      [],
    ]);
    expect([holdsKeys(DIRECTORY), holdsKeys(undefined), holdsKeys({ people: [{ name: 'a' }] })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
