/** A record with two entries at one number: what a cut-off attempt or a reset leaves holds; what a forger leaves does not. */
import { canonical } from '../../src/domain/digest';
import { parsed } from '../../src/domain/entry';
import {
  append,
  forked,
  openChain,
  recorded,
  type AuditEntry,
  type Chain,
  type Fact,
} from '../../src/domain/audit';
import { faultIn } from '../support/chain';
import { rehashed, retold, SEED } from '../support/forged';
import { HOUR, OPENED, ROOT } from './given';

const at = (nth: number) => new Date(OPENED + nth * HOUR).toISOString();
const FACT: Fact = { type: 'unknown-signal', gate: 'main', name: 'x' };

function grown(from: Chain, count: number, time: number): Chain {
  let chain = from;
  for (let nth = 0; nth < count; nth += 1) chain = append(chain, FACT, at(time + nth));
  return chain;
}

/** As the store reads it: by number, and then as it was stored. */
function stored(...parts: readonly AuditEntry[][]): AuditEntry[] {
  return parts.flat().sort((one, other) => one.seq - other.seq);
}

const shared = grown(openChain(ROOT, SEED), 2, 0);
const cutOff = [...grown(recorded(shared, 2), 2, 10).pending];
const goesOn = [...grown(recorded(shared, 2), 4, 20).pending];
const RECORD = stored([...shared.pending], cutOff, goesOn);
const edited = (entry: AuditEntry): AuditEntry => ({ ...entry, text: entry.text.replace('"x"', '"y"') });

it('an attempt that was cut off: the trunk is what went on, the rest branches off, all of it holds', () => {
  expect(forked(RECORD)).toEqual({ trunk: [...shared.pending, ...goesOn], branches: cutOff });
  expect(faultIn(ROOT, RECORD)).toBeUndefined();
});

it('of two as long the one stored last is the trunk', () => {
  const record = stored([...shared.pending], cutOff, goesOn.slice(0, 2));
  expect(forked(record)).toEqual({ trunk: [...shared.pending, ...goesOn.slice(0, 2)], branches: cutOff });
});

it('a record that forks at its first entry holds, too', () => {
  const [one, other] = [grown(openChain(ROOT, SEED), 2, 0), grown(openChain(ROOT, SEED), 3, 5)];
  expect(faultIn(ROOT, stored([...one.pending], [...other.pending]))).toBeUndefined();
});

it.each([0, 1, 2, 3, 4, 5, 6])('without a fork it is the verdict on one chain: %i entries', (count) => {
  const { pending } = grown(openChain(ROOT, SEED), count, 0);
  expect(faultIn(ROOT, pending)).toBeUndefined();
  pending.forEach((_, index) => {
    const without = pending.filter((_one, nth) => nth !== index);
    // The tail alone may be cut without a trace in the entries.
    expect(faultIn(ROOT, without) === undefined).toBe(index === count - 1);
    expect(
      faultIn(
        ROOT,
        pending.map((one, nth) => (nth === index ? edited(one) : one)),
      ),
    ).toBeDefined();
  });
});

it.each(RECORD.map((entry, index) => [index, cutOff.includes(entry) ? 'branch' : 'trunk'] as const))(
  'an edited entry is found, wherever it stands: %i, %s',
  (index) => {
    expect(
      faultIn(
        ROOT,
        RECORD.map((one, nth) => (nth === index ? edited(one) : one)),
      ),
    ).toBeDefined();
  },
);

it('a branch that hangs in the air is found', () => {
  expect(
    faultIn(
      ROOT,
      RECORD.filter((entry) => entry !== cutOff[0]),
    ),
  ).toBeDefined();
});

it('an entry of another place, put in as a branch, is found', () => {
  const stray = { ...goesOn[3]!, seq: 3 };
  expect(faultIn(ROOT, stored(RECORD, [stray]))).toBeDefined();
});

it('the trunk is told from entries in whatever order', () => {
  const shuffled = [...RECORD].reverse();
  expect(
    forked(shuffled)
      .trunk.map(({ hash }) => hash)
      .sort(),
  ).toEqual([...shared.pending, ...goesOn].map(({ hash }) => hash).sort());
});

it('what stands alone is no branch, but what is left of a trunk that was changed', () => {
  const { pending } = grown(openChain(ROOT, SEED), 3, 0);
  const [one, two, three] = pending;
  expect(faultIn(ROOT, [one!, two!, { ...three!, prev: 'a'.repeat(64) }])).toMatchObject({
    code: 'CHANGED',
    seq: 3,
  });
});

/** Beside a trunk of three: a branch of one, changed and hashed anew. */
const beside = (change: (told: object) => object, stands: Partial<AuditEntry> = {}): AuditEntry[] => {
  const { pending } = grown(openChain(ROOT, SEED), 3, 0);
  const [other] = grown(openChain(ROOT, SEED), 1, 9).pending;
  const made = retold(ROOT, other!, canonical(change(parsed(other!.text))));
  return stored([rehashed(ROOT, { ...made, ...stands })], pending.slice());
};

it('a branch that is whole holds', () => {
  expect(
    faultIn(
      ROOT,
      beside((told) => told),
    ),
  ).toBeUndefined();
});

it.each<[string, AuditEntry[]]>([
  ['at the first number, but not from the beginning', beside((told) => told, { prev: 'a'.repeat(64) })],
  ['that tells another number than it has', beside((told) => ({ ...told, seq: 2 }))],
  ['that tells another time than it has', beside((told) => told, { meta: { type: FACT.type, at: at(8) } })],
  ['whose text has another hash', beside((told) => told, { commit: 'a'.repeat(64) })],
  ['whose text is none of an entry', beside(() => ({}))],
])('a branch is found %s', (_, record) => {
  expect(faultIn(ROOT, record)).toBeDefined();
});
