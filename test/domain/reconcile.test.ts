/** Temporal's account of a workflow beside the store's: what is recorded of it, what is explained, what is raised, and when nothing is. */
import { append, openChain, type AuditEntry, type Chain, type Fact } from '../../src/domain/audit';
import {
  compared,
  hasForks,
  parseReconcile,
  type Account,
  type Interruptions,
} from '../../src/domain/reconcile';
import { SEED } from '../support/forged';
import { HOUR, OPENED, ROOT } from './given';

const instant = (nth: number) => new Date(OPENED + nth * HOUR).toISOString();
const FACT: Fact = { type: 'unknown-signal', gate: 'main', name: 'x' };

function grown(from: Chain, count: number, time: number): Chain {
  let chain = from;
  for (let nth = 0; nth < count; nth += 1) chain = append(chain, FACT, instant(time + nth));
  return chain;
}

/** A chain, as long as it takes. */
const LONG = grown(openChain(ROOT, SEED), 12, 0).pending;
const THREE = LONG.slice(0, 3);
const hashAt = (seq: number) => LONG[seq - 1]!.hash;

/** Another entry at a number, which follows the chain as the one there does, and nothing follows it. */
function beside(seq: number, time: number, chain = LONG): AuditEntry {
  const head = chain[seq - 2]?.hash ?? openChain(ROOT, SEED).head;
  return append({ root: ROOT, seed: SEED, seq: seq - 1, head, pending: [] }, FACT, instant(time)).pending[0]!;
}

const account = (more: Partial<Account> = {}): Account => ({
  ...ROOT,
  runId: 'run-2',
  status: 'TERMINATED',
  closedAt: instant(5),
  ours: true,
  ...more,
});
const completed = (entries: number, head: string) =>
  account({ status: 'COMPLETED', head: { entries, head } });
const AGREES = completed(3, hashAt(3));
const CALM: Interruptions = { resets: 0, tasks: 0 };
const mismatch = (problem: string): Fact => ({ type: 'mismatch', of: ROOT, problem });
const edited = (entry: AuditEntry): AuditEntry => ({ ...entry, text: entry.text.replace('"x"', '"y"') });

describe('how it ended', () => {
  const found = { type: 'found-ended', of: ROOT, runId: 'run-2', status: 'TERMINATED', closedAt: instant(5) };
  const another = (seq: number) => `entry ${String(seq)} is not the one that the workflow's result names`;
  const has = (tells: number, store: number) =>
    `the workflow's result tells of ${String(tells)} entries, the store has ${String(store)}`;

  it.each<{ said: string; of: Account; entries?: readonly AuditEntry[]; facts: unknown[] }>([
    { said: 'the result names the last entry: both agree', of: AGREES, facts: [] },
    {
      said: 'it names an entry that others follow, of a result that was answered before they came: both agree',
      of: completed(2, hashAt(2)),
      facts: [],
    },
    {
      said: 'it names another entry at the last number',
      of: completed(3, 'f'.repeat(64)),
      facts: [mismatch(another(3))],
    },
    {
      said: 'it names an entry by the number of another',
      of: completed(3, hashAt(2)),
      facts: [mismatch(another(3))],
    },
    {
      said: 'it names another entry at a number that others follow',
      of: completed(2, 'f'.repeat(64)),
      facts: [mismatch(another(2))],
    },
    { said: 'the store has fewer entries', of: completed(4, hashAt(4)), facts: [mismatch(has(4, 3))] },
    {
      said: 'the store has none of them',
      of: completed(1, hashAt(1)),
      entries: [],
      facts: [mismatch(has(1, 0))],
    },
    { said: 'its code could not say so', of: account(), facts: [found] },
    {
      said: 'its code could not say so, and the reason is known',
      of: account({ reason: 'an operator was in a hurry' }),
      facts: [{ ...found, reason: 'an operator was in a hurry' }],
    },
    {
      said: 'it timed out before there was anything to record',
      of: account({ status: 'TIMED_OUT', closedAt: instant(9), runId: 'run-7' }),
      entries: [],
      facts: [{ ...found, status: 'TIMED_OUT', closedAt: instant(9), runId: 'run-7' }],
    },
    {
      said: 'it is completed, and names no record: our own code always does',
      of: account({ status: 'COMPLETED' }),
      facts: [mismatch('its result names no record: another hand than our own code has completed it')],
    },
    {
      said: 'somebody’s own workflow ends as it likes',
      of: account({ ours: false }),
      facts: [],
    },
    {
      said: 'somebody’s own workflow is completed, with what it likes',
      of: account({ ours: false, status: 'COMPLETED' }),
      facts: [],
    },
    {
      said: 'somebody’s own workflow with a result like ours is held to it',
      of: { ...completed(3, hashAt(2)), ours: false },
      facts: [mismatch(another(3))],
    },
  ])('$said', ({ of, entries = THREE, facts }) => {
    expect(compared(of, entries, CALM)).toStrictEqual(facts);
  });
});

describe('a record that does not hold', () => {
  const changed = 'entry 2 was changed: its text has another hash';
  it.each<[string, Account, readonly AuditEntry[], string]>([
    ['an entry was changed', AGREES, THREE.map((one) => (one.seq === 2 ? edited(one) : one)), changed],
    ['an entry is missing', AGREES, [THREE[0]!, THREE[2]!], 'entry 2 is missing: entry 3 is there'],
    [
      'it was changed, and its workflow was terminated, too: the end is not told on top of it',
      account(),
      THREE.map((one) => (one.seq === 2 ? edited(one) : one)),
      changed,
    ],
    [
      'it was changed where it forks, which nothing explains any more',
      AGREES,
      [...THREE, edited(beside(3, 30))],
      'entry 3 was changed: its text has another hash',
    ],
  ])('%s', (_, of, entries, problem) => {
    expect(compared(of, entries, { resets: 1, tasks: 1 })).toStrictEqual([mismatch(problem)]);
  });
});

describe('more than one entry at a number', () => {
  const ONE = [...THREE, beside(3, 30), beside(3, 31)].sort((one, other) => one.seq - other.seq);
  /** Of the trunk's last entry: the one that was stored last. */
  const trunk = completed(3, beside(3, 31).hash);
  const explained = (by: string, at: number[]) => ({ type: 'fork-explained', of: ROOT, at, by });
  const nothing = (where: string) =>
    mismatch(`two entries at number ${where}, and nothing in Temporal that explains it`);

  it.each<{ said: string; by: Interruptions; fact: unknown }>([
    { said: 'a reset explains it', by: { resets: 1, tasks: 0 }, fact: explained('reset', [3]) },
    {
      said: 'a task that was begun again explains it',
      by: { resets: 0, tasks: 1 },
      fact: explained('interrupted task', [3]),
    },
    { said: 'of both it is the reset', by: { resets: 2, tasks: 3 }, fact: explained('reset', [3]) },
    { said: 'nothing explains it', by: CALM, fact: nothing('3') },
  ])('$said', ({ by, fact }) => {
    expect(compared(trunk, ONE, by)).toStrictEqual([fact]);
  });

  it('without one, what interrupted it explains nothing', () => {
    expect(compared(AGREES, THREE, { resets: 1, tasks: 1 })).toStrictEqual([]);
  });

  it('the head may be of a branch: a result from before a reset', () => {
    expect(compared(completed(3, hashAt(3)), ONE, { resets: 1, tasks: 0 })).toStrictEqual([
      explained('reset', [3]),
    ]);
  });

  it('it is told before how it ended', () => {
    expect(compared(account(), ONE, { resets: 1, tasks: 0 }).map(({ type }) => type)).toEqual([
      'fork-explained',
      'found-ended',
    ]);
    expect(compared(completed(9, hashAt(9)), ONE, CALM)).toStrictEqual([
      nothing('3'),
      mismatch("the workflow's result tells of 9 entries, the store has 3"),
    ]);
  });

  it('each number is named once, the lowest first, however they were stored', () => {
    const record = [
      ...LONG,
      beside(11, 30),
      beside(2, 31),
      beside(10, 32),
      beside(2, 33),
      beside(1, 34),
      beside(9, 35),
    ];
    const of = completed(12, hashAt(12));
    expect(compared(of, record, { resets: 0, tasks: 1 })).toStrictEqual([
      explained('interrupted task', [1, 2, 9, 10, 11]),
    ]);
    expect(compared(of, record, CALM)).toStrictEqual([nothing('1, 2, 9, 10, 11')]);
  });

  it('the first hundred numbers are named', () => {
    const chain = grown(openChain(ROOT, SEED), 103, 0).pending;
    const record = [
      ...chain,
      ...Array.from({ length: 101 }, (_, nth) => beside(nth + 2, 200 + nth, [...chain])),
    ];
    const of = completed(103, chain[102]!.hash);
    const first = Array.from({ length: 100 }, (_, nth) => nth + 2);
    expect(compared(of, record, { resets: 1, tasks: 0 })).toStrictEqual([explained('reset', first)]);
    expect(compared(of, record, CALM)).toStrictEqual([nothing(first.join(', '))]);
  });

  it.each<[string, readonly AuditEntry[], boolean]>([
    ['nothing was stored', [], false],
    ['one entry', THREE.slice(0, 1), false],
    ['one at each number', THREE, false],
    ['two at the last number', [...THREE, beside(3, 30)], true],
    ['two at the first number', [...THREE, beside(1, 30)], true],
  ])('it has to be looked into: %s', (_, entries, so) => {
    expect(hasForks(entries)).toBe(so);
  });
});

describe('its argument', () => {
  it.each<[string, unknown, object]>([
    ['the version alone: a minute is left to the next run', { v: 1 }, { settle: '1 minute' }],
    ['since when', { v: 1, since: instant(0) }, { since: instant(0), settle: '1 minute' }],
    ['what is left to the next run', { v: 1, settle: '5 seconds' }, { settle: '5 seconds' }],
  ])('%s', (_, argument, start) => {
    expect(parseReconcile(argument)).toStrictEqual({ ok: true, start: { v: 1, ...start } });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the payload holds nothing, which is not JSON'],
    [
      'bytes that do not decode',
      { __undecodable: true, encoding: 'json/plain', bytes: 3 },
      'the payload does not decode (encoding json/plain)',
    ],
    ['null', null, 'expected object, received null'],
    ['another version', { v: 2 }, 'v: expected 1'],
    ['no version', {}, 'v: expected 1'],
    ['an unknown key', { v: 1, until: instant(0) }, 'until: unknown key'],
    ['a day that is no instant', { v: 1, since: '2026-03-02' }, 'since: Invalid ISO datetime'],
    [
      'a duration that is none',
      { v: 1, settle: 'a while' },
      'settle: must be a duration such as "30s", "4 hours" or "7 days", at most 10 years',
    ],
    ['two things', { v: 2, until: 1 }, 'v: expected 1; until: unknown key'],
  ])('what does not fit is named: %s', (_, argument, problem) => {
    expect(parseReconcile(argument)).toStrictEqual({ ok: false, problem });
  });
});
