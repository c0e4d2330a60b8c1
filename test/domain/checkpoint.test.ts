/** Checkpoints: the hash over all heads as the design says it, lines that follow one another, and each way in which one does not. */
import { openCheckpointFile, type SignatureCheck, type Told } from '../../src/domain/checkpoint';
import { canonical, sha256Hex } from '../../src/domain/digest';
import { openHeads, type Said } from '../../src/domain/heads';
import type { openWitnesses } from '../../src/domain/vouching';
import { settled, vouched } from '../../src/domain/vouching';

const HASH = (letter: string) => letter.repeat(64);
const said = (workflowId: string, seq: number, after = 0, firstRunId = 'run'): Said => [
  workflowId,
  firstRunId,
  seq,
  sha256Hex(`${workflowId} ${seq}`),
  after,
];

describe('the hash over the heads', () => {
  it('is 32 zero bytes where there are none, and the same in whatever order chains were said', () => {
    expect(openHeads().root()).toBe(HASH('0'));
    const orders = [
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
    ].map((ids) => {
      const heads = openHeads();
      for (const id of ids) heads.say(said(id, 3));
      return heads.root();
    });
    expect(orders[0]).toBe(orders[1]);
    // As Python has it.
    expect(orders[0]).toBe('3116b8476908a238d569bbf0a17f6d371b1b760cc7a86d4c0cb78d5c9879dbd1');
  });

  it('holds every one of many chains: without any of them, or with it further on, it is another', () => {
    const ids = Array.from({ length: 60 }, (_, nth) => `chain-${String(nth)}`);
    const rootOf = (...heard: Said[]) => {
      const heads = openHeads();
      for (const one of heard) heads.say(one);
      return { root: heads.root(), chains: heads.chains(), entries: heads.entries() };
    };
    const all = rootOf(...ids.map((id) => said(id, 3)));
    expect(all).toMatchObject({ chains: 60, entries: 180 });
    expect(rootOf(...[...ids].reverse().map((id) => said(id, 3)))).toEqual(all);
    for (const id of ids) {
      expect(rootOf(...ids.filter((one) => one !== id).map((one) => said(one, 3))).root).not.toBe(all.root);
      expect(rootOf(...ids.map((one) => said(one, one === id ? 4 : 3))).root).not.toBe(all.root);
    }
    expect(rootOf(...ids.map((id) => said(id, 3)), ...ids.map((id) => said(id, 3, 3)))).toEqual(all);
  });
});

describe('a file of checkpoints', () => {
  const sign = (text: string) => sha256Hex(`signed ${text}`);
  const check: SignatureCheck = (key, text, signature) =>
    key === HASH('a').slice(0, 16) ? signature === sign(text) : undefined;
  const KEY = HASH('a').slice(0, 16);
  const AT = '2026-03-02T09:00:00.000Z';

  function written(): string[] {
    const file = openCheckpointFile(check);
    const next = (kind: Told['kind'], ...changed: Said[]) =>
      file.next({ kind, changed, at: AT, key: KEY, sign });
    return [
      next('start'),
      next('found', said('a', 3)),
      next('stored', said('a', 4, 3), said('b', 2)),
      next('stop'),
    ];
  }
  /** A line changed and signed anew, as whoever has the key can. */
  const resigned = (line: string, change: object): string => {
    const { signature: _, ...rest } = { ...(JSON.parse(line) as { signature: string }), ...change };
    return canonical({ ...rest, signature: sign(canonical(rest)) });
  };

  it('is read as it was written, line after line', () => {
    const heard: Told[] = [];
    const file = openCheckpointFile(check, (line) => heard.push(line));
    expect(file.last()).toBeUndefined();
    for (const line of written()) expect(file.read(line)).toBeUndefined();
    expect([file.lines(), file.last()]).toEqual([4, 'stop']);
    expect([file.heads.chains(), file.heads.entries()]).toEqual([2, 6]);
    expect(heard.map(({ seq, kind, at }) => [seq, kind, at])).toEqual([
      [1, 'start', AT],
      [2, 'found', AT],
      [3, 'stored', AT],
      [4, 'stop', AT],
    ]);
    expect(heard[2]?.changed).toEqual([said('a', 4, 3), said('b', 2)]);
  });

  it('a line is canonical JSON with the totals and the hash of the line before', () => {
    const [first, second] = written();
    const line = JSON.parse(second!) as Record<string, unknown>;
    expect(canonical(line)).toBe(second);
    expect(line).toMatchObject({ v: 1, seq: 2, chains: 1, entries: 3, prev: sha256Hex(first!), key: KEY });
    expect((JSON.parse(first!) as { prev: string }).prev).toBe(HASH('0'));
  });

  it.each<[string, (lines: string[]) => string[], number, string | RegExp]>([
    ['is no JSON', (l) => [l[0]!, 'x'], 2, /^is no checkpoint: /],
    ['has a key too many', (l) => [l[0]!, resigned(l[1]!, { more: 1 })], 2, /^is no checkpoint: .*more/],
    ['lacks a key', (l) => [l[0]!, resigned(l[1]!, { root: undefined })], 2, /^is no checkpoint: root/],
    ...[`${HASH('a')}a`, `x${HASH('a')}`].map((root): [string, (l: string[]) => string[], number, RegExp] => [
      `has ${root.slice(0, 1)} beside a root`,
      (l) => [l[0]!, resigned(l[1]!, { root })],
      2,
      /^is no checkpoint: root/,
    ]),
    ...[`${KEY}a`, `x${KEY}`].map((key): [string, (l: string[]) => string[], number, RegExp] => [
      `has ${key.slice(0, 1)} beside a key`,
      (l) => [resigned(l[0]!, { key })],
      1,
      /^is no checkpoint: key/,
    ]),
    [
      'is told as loaded, and names no file',
      (l) => [l[0]!, resigned(l[1]!, { kind: 'loaded' })],
      2,
      /^is of a kind that/,
    ],
    [
      'names a file, and is not told as loaded',
      (l) => [l[0]!, resigned(l[1]!, { loaded: ['rules', HASH('a')] })],
      2,
      /^is of a kind that/,
    ],
    ['is of another version', (l) => [resigned(l[0]!, { v: 2 })], 1, /^is no checkpoint: v/],
    ['is missing', (l) => [l[0]!, l[2]!], 2, 'has the number 3, where 2 belongs'],
    ['stands there twice', (l) => [l[0]!, l[0]!], 2, 'has the number 1, where 2 belongs'],
    [
      'follows another one',
      (l) => [resigned(l[0]!, { at: '2026-03-02T09:00:00.001Z' }), l[1]!],
      2,
      'does not follow the line before it',
    ],
    ['was changed', (l) => [l[0]!, l[1]!.replace('"a"', '"b"')], 2, `is not what the key ${KEY} signed`],
    [
      'is signed with a key that nobody knows',
      (l) => [resigned(l[0]!, { key: HASH('b').slice(0, 16) })],
      1,
      `is signed with the key ${HASH('b').slice(0, 16)}, whose public key is not there`,
    ],
    ...['chains', 'entries'].map((key): [string, (l: string[]) => string[], number, string] => [
      `tells another number of ${key}`,
      (l) => [l[0]!, resigned(l[1]!, { [key]: 9 })],
      2,
      'tells other totals than the lines up to it make',
    ]),
    [
      'tells another root',
      (l) => [l[0]!, resigned(l[1]!, { root: HASH('a') })],
      2,
      'tells other totals than the lines up to it make',
    ],
  ])('a line that %s is told', (_, change, at, says) => {
    const heard: Told[] = [];
    const file = openCheckpointFile(check, (line) => heard.push(line));
    const found = change(written()).map((line) => file.read(line));
    expect(found.slice(0, at - 1).every((one) => one === undefined)).toBe(true);
    expect(found[at - 1]).toMatch(typeof says === 'string' ? new RegExp(`^${says}$`) : says);
    expect(heard).toHaveLength(at - 1);
  });
});

describe('who vouches for what', () => {
  const line = (kind: Told['kind'], at: number, ...changed: Said[]): Told => ({
    seq: at,
    at: `2026-03-02T09:00:${String(at).padStart(2, '0')}.000Z`,
    kind,
    changed,
  });
  const of = (witnesses: ReturnType<typeof openWitnesses>, workflowId: string) =>
    witnesses.of({ workflowId, firstRunId: 'run' });

  it('each head of each line does, also those that others have followed since', () => {
    const lines = [line('start', 1), line('found', 2, said('a', 3)), line('stored', 3, said('a', 5, 3))];
    const witnesses = vouched([{ name: 'one.jsonl', lines }], true);
    expect(of(witnesses, 'a')).toEqual([
      { seq: 3, hash: said('a', 3)[3], after: 0, by: 'checkpoint 2 of one.jsonl (2026-03-02T09:00:02.000Z)' },
      { seq: 5, hash: said('a', 5)[3], after: 3, by: 'checkpoint 3 of one.jsonl (2026-03-02T09:00:03.000Z)' },
    ]);
    expect(of(witnesses, 'b')).toEqual([]);
  });

  it('left are those whose chains were not asked for', () => {
    const lines = [line('stored', 1, said('a', 1), said('b', 1), said('b', 2, 1))];
    const witnesses = vouched([{ name: 'f', lines }], true);
    of(witnesses, 'a');
    expect([...witnesses.left()].map(([chain, told]) => [chain, told.length])).toEqual([
      [{ workflowId: 'b', firstRunId: 'run' }, 2],
    ]);
  });

  it.each<[string, Told['kind'][][], boolean]>([
    ['there is no file', [], false],
    ['the one worker has ended in order', [['start', 'stored', 'stop']], true],
    ['it runs', [['start', 'stored']], false],
    ['it runs again', [['start', 'stop', 'start']], false],
    ['one of two runs', [['start', 'stop'], ['start']], false],
    [
      'both have ended',
      [
        ['start', 'stop'],
        ['start', 'stop'],
      ],
      true,
    ],
    ['a file is empty', [['start', 'stop'], []], false],
  ])('everything is told: %s', (_, files, all) => {
    const told = files.map((kinds, nth) => ({
      name: String(nth),
      lines: kinds.map((kind, at) => line(kind, at)),
    }));
    expect(settled(told)).toBe(all);
  });

  const found = line('found', 20, said('x', 1));
  it.each<[string, Told[][], boolean]>([
    ['at the very first start', [[line('start', 10), found]], true],
    ['after a worker that was killed', [[line('start', 1), line('start', 10), found]], true],
    ['after all had ended in order', [[line('start', 1), line('stop', 2), line('start', 10), found]], false],
    [
      'while another one ran',
      [[line('start', 1), line('stop', 2), line('start', 10), found], [line('start', 5)]],
      true,
    ],
    [
      'after the other one had ended, too',
      [
        [line('start', 1), line('stop', 2), line('start', 10), found],
        [line('start', 3), line('stop', 4)],
      ],
      false,
    ],
    [
      'in a new file, after the other one had ended',
      [
        [line('start', 10), found],
        [line('start', 3), line('stop', 4)],
      ],
      false,
    ],
    [
      'after the other one had ended, which begins again later',
      [
        [line('start', 10), found],
        [line('start', 3), line('stop', 4), line('start', 30)],
      ],
      false,
    ],
    ['in a new file, before the other one began', [[line('start', 10), found], [line('start', 30)]], true],
  ])('what a worker finds as it begins counts: %s', (_, files, counts) => {
    const told = files.map((lines, nth) => ({ name: String(nth), lines }));
    expect(of(vouched(told, true), 'x').length > 0).toBe(counts);
    // Where others may have written, it always does.
    expect(of(vouched(told, false), 'x')).toHaveLength(1);
  });

  it('what it stores itself after that counts again', () => {
    const lines = [
      line('start', 1),
      line('stop', 2),
      line('start', 3),
      found,
      line('stored', 21, said('y', 1)),
    ];
    const witnesses = vouched([{ name: 'f', lines }], true);
    expect([of(witnesses, 'x').length, of(witnesses, 'y').length]).toEqual([0, 1]);
  });
});
