/** What is said of a chain that does not hold, word for word. */
import { append, openChain, type Chain, type Fact } from '../../src/domain/audit';
import { openWitnesses, type Witness } from '../../src/domain/vouching';
import { checkChain, type Row } from '../../src/domain/chain';
import { toldOfChildren, verify } from '../../src/domain/verification';
import { rehashed, retold, rewritten, SEED } from '../support/forged';
import { HOUR, OPENED, ROOT } from './given';

const FACT: Fact = { type: 'unknown-signal', gate: 'main', name: 'x' };
const at = (nth: number) => new Date(OPENED + nth * HOUR).toISOString();
const fresh = (chain: Chain): Chain => ({ ...chain, pending: [] });
const rows = ({ root, pending }: Chain): Row[] => pending.map((entry) => ({ ...root, ...entry }));
const bySeq = (...parts: Row[][]) => parts.flat().sort((one, other) => one.seq - other.seq);

function grown(from: Chain, count: number, time = 0, fact: Fact = FACT): Chain {
  let chain = from;
  for (let nth = 0; nth < count; nth++) chain = append(chain, fact, at(time + nth));
  return chain;
}

const WHOLE = rows(grown(openChain(ROOT, SEED), 6));
const told = (row: Row, after?: number, more: Partial<Witness> = {}): Witness => ({
  seq: row.seq,
  hash: row.hash,
  by: 'a checkpoint',
  ...(after === undefined ? {} : { after }),
  ...more,
});
const says = (found: readonly Row[], ...witnesses: Witness[]) =>
  checkChain(ROOT, found, witnesses).faults.map(({ code, seq, upTo, message }) =>
    [code, upTo === undefined ? seq : `${seq}–${upTo}`, message].join(' | '),
  );
const changed = (seq: number, change: Partial<Row>) =>
  WHOLE.map((row) => (row.seq === seq ? { ...row, ...change } : row));
const without = (...seqs: number[]) => WHOLE.filter(({ seq }) => !seqs.includes(seq));
const short = (row: Row) => `${row.hash.slice(0, 12)}…`;
const HEAD = told(WHOLE[5]!, 3);
const ALL = [told(WHOLE[2]!, 0), HEAD];

it.each<[string, readonly Row[], Witness[], string[]]>([
  ['it holds', WHOLE, ALL, []],
  ['nothing, of which nobody tells', [], [], []],
  [
    'a text',
    changed(2, { text: WHOLE[1]!.text?.replace('"x"', '"y"') }),
    ALL,
    ['CHANGED | 2 | entry 2 was changed: its text has another hash'],
  ],
  [
    'a type',
    changed(2, rehashed(ROOT, { ...WHOLE[1]!, meta: { ...WHOLE[1]!.meta, type: 'warned' } })),
    [],
    ['CHANGED | 2 | entry 2 was changed: its text tells another type or time'],
  ],
  ['a text that is erased', changed(2, { text: undefined }), ALL, []],
  [
    'a type, of one whose text is erased',
    changed(2, { text: undefined, meta: { ...WHOLE[1]!.meta, type: 'warned' } }),
    ALL,
    ['CHANGED | 2 | entry 2 was changed: its hash is not that of what it holds'],
  ],
  [
    'a number that is none',
    changed(6, { seq: 1.5 }).sort((one, other) => one.seq - other.seq),
    [],
    ['CHANGED | 1.5 | entry 1.5 has no number of an entry'],
  ],
  [
    'a number beyond those of entries, whose place others tell of',
    changed(6, { seq: 2 ** 63 }),
    ALL,
    [
      'MISSING | 4–6 | entries 4 to 6 are missing in part: a checkpoint tells of entry 6',
      'CHANGED | 9223372036854776000 | entry 9223372036854776000 has no number of an entry',
    ],
  ],
  [
    'a column that holds no text',
    changed(2, { text: '', damage: 'text' }),
    ALL,
    ['CHANGED | 2 | entry 2 was changed: its text holds no text of its kind'],
  ],
  ['the number zero', [{ ...WHOLE[0]!, seq: 0 }], [], ['CHANGED | 0 | entry 0 has no number of an entry']],
  [
    'a number',
    bySeq(changed(3, { seq: 9 })),
    [],
    [
      'MISSING | 3 | entry 3 is missing: entry 4 is there',
      'MISPLACED | 9 | entry 9 does not belong there: its text tells another place than it has',
    ],
  ],
  [
    'the predecessor, in the row alone',
    changed(3, { prev: 'a'.repeat(64) }),
    ALL,
    ['CHANGED | 3 | entry 3 was changed: its hash is not that of what it holds'],
  ],
  [
    'the workflow that it tells',
    [rewritten(WHOLE[0]!, { workflowId: 'other' })],
    [],
    ['MISPLACED | 1 | entry 1 does not belong there: its text tells another place than it has'],
  ],
  [
    'the run that it tells',
    [rewritten(WHOLE[0]!, { firstRunId: 'other' })],
    [],
    ['MISPLACED | 1 | entry 1 does not belong there: its text tells another place than it has'],
  ],
  [
    'a first one that follows another',
    [rehashed(ROOT, { ...WHOLE[0]!, prev: 'a'.repeat(64) })],
    [],
    ['MISPLACED | 1 | entry 1 does not belong there: it is the first, and follows another'],
  ],
  [
    'a text that is no JSON',
    [retold(ROOT, WHOLE[0]!, 'null')],
    [],
    ['MISPLACED | 1 | entry 1 does not belong there: its text tells another place than it has'],
  ],
  ['twice', bySeq([...WHOLE], [{ ...WHOLE[3]! }]), ALL, ['TWICE | 4 | entry 4 stands there twice']],
  ['one that is gone', without(4), ALL, ['MISSING | 4 | entry 4 is missing: entry 5 is there']],
  ['the first ones', without(1, 2), ALL, ['MISSING | 1–2 | entries 1 to 2 are missing: entry 3 is there']],
  [
    'two gaps',
    without(2, 4, 5),
    [HEAD],
    [
      'MISSING | 2 | entry 2 is missing: entry 3 is there',
      'MISSING | 4–5 | entries 4 to 5 are missing: entry 6 is there',
    ],
  ],
  [
    'the tail, of which a checkpoint tells: somewhere in what was stored together',
    without(5, 6),
    ALL,
    ['MISSING | 4–6 | entries 4 to 6 are missing in part: a checkpoint tells of entry 6'],
  ],
  [
    'all that was stored together',
    without(4, 5, 6),
    ALL,
    ['MISSING | 4–6 | entries 4 to 6 are missing: a checkpoint tells of entry 6'],
  ],
  [
    'the tail, of which the result tells: behind what is there',
    without(5, 6),
    [told(WHOLE[5]!)],
    ['MISSING | 5–6 | entries 5 to 6 are missing: a checkpoint tells of entry 6'],
  ],
  [
    'the last one',
    without(6),
    [told(WHOLE[5]!, 5)],
    ['MISSING | 6 | entry 6 is missing: a checkpoint tells of entry 6'],
  ],
  [
    'the tail and one before it, of which only the result tells',
    without(3, 6),
    [told(WHOLE[5]!)],
    [
      'MISSING | 3 | entry 3 is missing: entry 4 is there',
      'MISSING | 6 | entry 6 is missing: a checkpoint tells of entry 6',
    ],
  ],
  [
    'one that is gone, of which only the result tells',
    without(4),
    [told(WHOLE[3]!)],
    ['MISSING | 4 | entry 4 is missing: entry 5 is there'],
  ],
  [
    'all of them chained anew, told of by two in whatever order',
    rows(grown(openChain(ROOT, SEED), 6, 50)),
    [HEAD, told(WHOLE[2]!, 0)],
    [
      `CHANGED | 1–3 | entries 1 to 3 are not what was stored: a checkpoint tells of another entry 3 (${short(WHOLE[2]!)})`,
      `CHANGED | 4–6 | entries 4 to 6 are not what was stored: a checkpoint tells of another entry 6 (${short(WHOLE[5]!)})`,
    ],
  ],
  [
    'the last ones chained anew, told of by those who do not know after which',
    bySeq(WHOLE.slice(0, 2), rows(grown(fresh(grown(openChain(ROOT, SEED), 2)), 4, 50))),
    [told(WHOLE[1]!), told(WHOLE[5]!)],
    [
      `CHANGED | 3–6 | entries 3 to 6 are not what was stored: a checkpoint tells of another entry 6 (${short(WHOLE[5]!)})`,
    ],
  ],
  ['all of it', [], ALL, ['MISSING | 1–6 | the whole chain is missing: a checkpoint tells of entry 6']],
  [
    'all of it, one entry',
    [],
    [told(WHOLE[0]!)],
    ['MISSING | 1 | the whole chain is missing: a checkpoint tells of entry 1'],
  ],
  [
    'the last one, and its hash',
    changed(6, rewritten(WHOLE[5]!, { name: 'y' })),
    ALL,
    [
      `CHANGED | 4–6 | entries 4 to 6 are not what was stored: a checkpoint tells of another entry 6 (${short(WHOLE[5]!)})`,
    ],
  ],
  [
    'one in the middle, and its hash',
    changed(5, rewritten(WHOLE[4]!, { name: 'y' })),
    ALL,
    [
      `CHANGED | 4–5 | entries 4 to 5 are not what was stored: entry 6 follows another entry 5 (${short(WHOLE[4]!)})`,
    ],
  ],
  [
    'one that was stored with those before, and its hash',
    changed(2, rewritten(WHOLE[1]!, { name: 'y' })),
    ALL,
    [
      `CHANGED | 1–2 | entries 1 to 2 are not what was stored: entry 3 follows another entry 2 (${short(WHOLE[1]!)})`,
    ],
  ],
  [
    'the last of what was stored before',
    changed(3, rewritten(WHOLE[2]!, { name: 'y' })),
    ALL,
    [
      `CHANGED | 1–3 | entries 1 to 3 are not what was stored: a checkpoint tells of another entry 3 (${short(WHOLE[2]!)})`,
    ],
  ],
  [
    'one in the middle, and its hash, of which nobody tells',
    changed(3, rewritten(WHOLE[2]!, { name: 'y' })),
    [],
    ['UNLINKED | 4 | entry 4 does not follow entry 3'],
  ],
  [
    'what follows the last one',
    WHOLE,
    [told(WHOLE[4]!, 0, { last: true, by: 'the result' })],
    ['BEYOND_END | 6 | entry 6 follows entry 5, which is the last one by the result'],
  ],
  ['the last one is the last one', WHOLE, [told(WHOLE[5]!, 0, { last: true })], []],
])('%s', (_, found, witnesses, expected) => {
  expect(says(found, ...witnesses)).toEqual(expected);
});

it('a fault names its chain', () => {
  expect(checkChain(ROOT, without(2), []).faults).toEqual([
    { ...ROOT, code: 'MISSING', seq: 2, message: 'entry 2 is missing: entry 3 is there' },
  ]);
});

describe('a fork', () => {
  const shared = grown(openChain(ROOT, SEED), 2);
  const branch = rows(grown(fresh(shared), 2, 10));
  const trunk = rows(grown(fresh(shared), 4, 20));
  const FORK = bySeq(rows(shared), branch, trunk);

  it('is no fault; the branch is counted', () => {
    const verdict = checkChain(ROOT, FORK, [told(branch[1]!, 2), told(trunk[3]!, 2)]);
    expect(verdict).toEqual({ faults: [], unvouched: [], branches: 2 });
  });

  it('of which only one way is vouched for tells where the other begins', () => {
    const { faults, unvouched } = checkChain(ROOT, FORK, [told(trunk[3]!, 2)]);
    expect({ faults, unvouched }).toEqual({ faults: [], unvouched: [{ ...ROOT, seq: 3, entries: 2 }] });
  });

  it('a branch that is gone is missing, though the numbers are there', () => {
    expect(says(bySeq(rows(shared), trunk), told(branch[1]!, 2), told(trunk[3]!, 2))).toEqual([
      `CHANGED | 3–4 | entries 3 to 4 are not what was stored: a checkpoint tells of another entry 4 (${short(branch[1]!)})`,
    ]);
  });
});

describe('levels and steps', () => {
  const child = { workflowId: `${ROOT.workflowId}/MANAGER`, firstRunId: 'child-1' };
  const level = grown(openChain(child, SEED), 3);
  const audit = { entries: level.seq, head: level.head };
  const opened: Fact = { type: 'level-opened', gate: 'main', level: 'MANAGER', child };
  const ended: Fact = {
    type: 'level-ended',
    gate: 'main',
    level: 'MANAGER',
    child: child.workflowId,
    outcome: 'approved',
    audit,
  };
  const parent = rows(grown(grown(grown(openChain(ROOT, SEED), 1), 1, 1, opened), 1, 2, ended));
  const witness = { seq: 3, hash: level.head, by: `entry 3 of ${ROOT.workflowId}`, last: true };

  it('the parent tells where the chain of its level ended', () => {
    expect([...toldOfChildren(parent)]).toEqual([[child, witness]]);
  });

  it.each<[string, Fact[]]>([
    ['that was not opened here', [ended]],
    ['that was lost', [opened, { ...ended, audit: undefined } as unknown as Fact]],
    ['that another one was opened for', [{ ...opened, child: { ...child, workflowId: 'x' } }, ended]],
    [
      'whose audit is no head',
      [opened, { ...ended, audit: { entries: '3', head: level.head } } as unknown as Fact],
    ],
    ['whose head is none', [opened, { ...ended, audit: { entries: 3 } } as unknown as Fact]],
  ])('nothing is told of one %s', (_, facts) => {
    const chain = facts.reduce((before, fact) => append(before, fact, at(0)), openChain(ROOT, SEED));
    expect([...toldOfChildren(rows(chain))]).toEqual([]);
  });

  it('a step is as a level; of two runs the one that was opened last', () => {
    const step = { workflowId: `${ROOT.workflowId}/migrate`, firstRunId: 'one' };
    const facts: Fact[] = [
      { type: 'step-opened', step: 'migrate', child: step },
      { type: 'step-opened', step: 'migrate', child: { ...step, firstRunId: 'two' } },
      FACT,
      { type: 'step-ended', step: 'migrate', child: step.workflowId, outcome: 'executed', audit },
    ];
    const chain = facts.reduce((before, fact) => append(before, fact, at(0)), openChain(ROOT, SEED));
    expect([...toldOfChildren(rows(chain))]).toMatchObject([[{ ...step, firstRunId: 'two' }, { seq: 3 }]]);
  });

  it('nothing is told by what was erased, or what does not hold', () => {
    for (const seq of [2, 3]) {
      const erased = parent.map((row) => (row.seq === seq ? { ...row, text: undefined } : row));
      expect([...toldOfChildren(erased)]).toEqual([]);
      const forged = parent.map((row) => (row.seq === seq ? { ...row, commit: 'a'.repeat(64) } : row));
      expect([...toldOfChildren(forged)]).toEqual([]);
    }
  });

  async function* chains(...all: Row[][]): AsyncGenerator<Row[]> {
    yield* all;
  }

  it('a level whose tail is cut is told without any checkpoint', async () => {
    const whole = await verify(chains(parent, rows(level)));
    expect(whole).toEqual({
      ...{ chains: 2, entries: 6, branches: 0, erased: 0 },
      ...{ faults: [], unvouched: [], uncompared: [] },
    });
    const { faults } = await verify(chains(parent, rows(level).slice(0, 2)));
    expect(faults).toEqual([
      {
        ...child,
        code: 'MISSING',
        seq: 3,
        message: `entry 3 is missing: entry 3 of ${ROOT.workflowId} tells of entry 3`,
      },
    ]);
    expect((await verify(chains(parent))).faults).toMatchObject([{ ...child, seq: 1, upTo: 3 }]);
  });

  it('an end that nobody can say is said of its chain, and the others are compared', async () => {
    const ends = ({ workflowId }: { workflowId: string }) =>
      workflowId === ROOT.workflowId
        ? Promise.reject(new Error('Invalid RunId.'))
        : Promise.resolve({ seq: 2, hash: 'a'.repeat(64), by: 'it', last: true as const });
    const { faults, uncompared } = await verify(chains(parent, rows(level)), { ends });
    expect(uncompared).toEqual([{ ...ROOT, message: 'Invalid RunId.' }]);
    expect(faults).toMatchObject([{ ...child, code: 'CHANGED' }]);
  });

  it('texts that are erased are counted', async () => {
    const erased = parent.map((row) => (row.seq === 1 ? { ...row, text: undefined } : row));
    expect(await verify(chains(erased, rows(level)))).toMatchObject({ faults: [], erased: 1 });
  });

  it('what a record that does not hold tells of others is no evidence against them', async () => {
    const forged = parent.map((row) =>
      row.seq === 3 ? rewritten(row, { audit: { entries: 9, head: 'a' } }) : row,
    );
    const broken = [...forged.slice(0, 1), { ...forged[1]!, prev: 'a'.repeat(64) }, forged[2]!];
    const { faults } = await verify(chains(broken, rows(level)));
    expect(faults.map(({ workflowId }) => workflowId)).toEqual([ROOT.workflowId]);
  });

  describe('all of it', () => {
    const told_ = () => {
      const witnesses = openWitnesses();
      witnesses.add(ROOT, told(parent[2]!, 0));
      witnesses.add(child, told(rows(level)[2]!, 0));
      return witnesses;
    };
    const extra = rows(grown(openChain({ ...ROOT, workflowId: 'z' }, SEED), 2));

    it('what nobody vouches for is counted until everything is told, then refused', async () => {
      const all = () => chains(parent, rows(level), extra);
      expect(await verify(all(), { checkpoints: told_() })).toMatchObject({
        faults: [],
        unvouched: [{ workflowId: 'z', seq: 1, entries: 2 }],
      });
      const { faults, unvouched } = await verify(all(), { checkpoints: told_(), settled: true });
      expect(unvouched).toEqual([]);
      expect(faults).toEqual([
        {
          ...ROOT,
          workflowId: 'z',
          code: 'UNVOUCHED',
          seq: 1,
          message: 'entry 1 and 1 that follow it are vouched for by no checkpoint: no worker has stored it',
        },
      ]);
      expect((await verify(all(), { settled: true })).faults).toEqual([]);
    });

    it('an entry that was put in alone', async () => {
      const one = extra.slice(0, 1);
      const { faults } = await verify(chains(parent, rows(level), one), {
        checkpoints: told_(),
        settled: true,
      });
      expect(faults).toMatchObject([
        { message: 'entry 1 is vouched for by no checkpoint: no worker has stored it' },
      ]);
    });

    it('where something else is wrong, that is told, once', async () => {
      const cut = [parent.slice(0, 1), rows(level)] as const;
      const { faults } = await verify(chains(...cut), { checkpoints: told_(), settled: true });
      expect(faults).toMatchObject([{ ...ROOT, code: 'MISSING', seq: 1, upTo: 3 }]);
    });

    it('chains that are missing are told once, though both a checkpoint and the parent tell of them', async () => {
      const { faults } = await verify(chains(parent), { checkpoints: told_() });
      expect(faults).toMatchObject([{ ...child, code: 'MISSING', seq: 1, upTo: 3 }]);
    });

    it('only what is among them is looked at, and missed', async () => {
      const heard: number[] = [];
      const only = () => ({
        checkpoints: told_(),
        among: ({ workflowId }: { workflowId: string }) => workflowId === ROOT.workflowId,
        progress: (entries: number) => heard.push(entries),
      });
      expect(await verify(chains(parent, extra), only())).toMatchObject({
        chains: 1,
        entries: 3,
        faults: [],
      });
      expect(heard).toEqual([3]);
      expect((await verify(chains(extra), only())).faults).toMatchObject([{ ...ROOT, seq: 1 }]);
    });

    it('the end that the workflow itself tells is asked for, chain by chain', async () => {
      const asked: string[] = [];
      const ends = async ({ workflowId }: { workflowId: string }) => {
        asked.push(workflowId);
        return workflowId === 'z'
          ? { seq: 1, hash: extra[0]!.hash, by: 'it', last: true as const }
          : undefined;
      };
      const { faults } = await verify(chains(parent, rows(level), [], extra), { ends });
      expect(asked).toEqual([ROOT.workflowId, child.workflowId, 'z']);
      expect(faults).toMatchObject([{ workflowId: 'z', code: 'BEYOND_END', seq: 2 }]);
    });
  });
});
