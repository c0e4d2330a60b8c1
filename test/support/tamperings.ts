/** Eight kinds of tampering with a record, each in several ways, with the place that must be told. */
import { append, type Chain } from '../../src/domain/audit';
import type { Fault } from '../../src/domain/chain';
import type { AuditRecord } from '../../src/store/audit-store';
import { retold, rehashed, rewritten, SEED } from './forged';
import { byPlace, rechained, type Random } from './record';

/** The first entry of a chain that is not what it was. */
export interface Touched {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly seq: number;
}

export interface Tampered {
  readonly how: string;
  readonly rows: readonly AuditRecord[];
  readonly touched: readonly Touched[];
}

type Way = (rows: readonly AuditRecord[], pick: Random) => Omit<Tampered, 'how'> | undefined;

const touch = ({ workflowId, firstRunId }: AuditRecord, seq: number): Touched => ({
  workflowId,
  firstRunId,
  seq,
});
const same = (one: Touched, other: Touched) =>
  one.workflowId === other.workflowId && one.firstRunId === other.firstRunId;
const replaced = (rows: readonly AuditRecord[], changes: ReadonlyMap<AuditRecord, readonly AuditRecord[]>) =>
  rows.flatMap((row) => changes.get(row) ?? [row]);
const one = (rows: readonly AuditRecord[], row: AuditRecord, ...by: AuditRecord[]) =>
  replaced(rows, new Map([[row, by]]));
const any = <T>(items: readonly T[], pick: Random): T => items[pick(items.length)]!;
const FORGED = { note: 'nothing to see' };

/** All chains, each the way from its first entry to its highest, without branches. */
function ways(rows: readonly AuditRecord[]): AuditRecord[][] {
  const chains = new Map<string, AuditRecord[]>();
  for (const row of [...rows].sort(byPlace)) {
    const key = `${row.workflowId} ${row.firstRunId}`;
    chains.set(key, [...(chains.get(key) ?? []), row]);
  }
  return [...chains.values()].map((chain) => {
    const way: AuditRecord[] = [];
    for (let row = chain.at(-1); row !== undefined;) {
      way.unshift(row);
      const { seq, prev } = row;
      row = chain.find((before) => before.seq === seq - 1 && before.hash === prev);
    }
    return way;
  });
}
const wayOf = (rows: readonly AuditRecord[], row: AuditRecord) =>
  ways(rows).find((way) => same(way[0]!, row))!;
const anyWay = (rows: readonly AuditRecord[], pick: Random) => any(ways(rows), pick);
const highest = (rows: readonly AuditRecord[], row: AuditRecord) =>
  Math.max(...rows.filter((other) => same(other, row)).map(({ seq }) => seq));

/** The way from an entry on in place of what it was. */
function from(
  rows: readonly AuditRecord[],
  way: readonly AuditRecord[],
  index: number,
  tail: readonly AuditRecord[],
): Omit<Tampered, 'how'> {
  const old = new Set(way.slice(index));
  return {
    rows: [...rows.filter((row) => !old.has(row)), ...rechained(tail, way[index - 1])],
    touched: [touch(way[0]!, index + 1)],
  };
}

function following(row: AuditRecord | undefined, of: AuditRecord, count: number): AuditRecord[] {
  const root = { workflowId: of.workflowId, firstRunId: of.firstRunId };
  let chain: Chain = { root, seed: SEED, seq: row?.seq ?? 0, head: row?.hash ?? '0'.repeat(64), pending: [] };
  for (let nth = 0; nth < count; nth++)
    chain = append(chain, { type: 'closed', outcome: 'approved' }, '2026-03-02T12:00:00.000Z');
  return chain.pending.map((entry) => ({ ...root, ...entry }));
}

const EDIT: Record<string, Way> = {
  'a text': (rows, pick) => {
    const row = any(rows, pick);
    const whole = row.text ?? '';
    const spot = pick(whole.length);
    const letter = whole[spot] === 'x' ? 'y' : 'x';
    const text = `${whole.slice(0, spot)}${letter}${whole.slice(spot + 1)}`;
    return { rows: one(rows, row, { ...row, text }), touched: [touch(row, row.seq)] };
  },
  'a type': (rows, pick) => {
    const row = any(rows, pick);
    const changed = rehashed(row, { ...row, meta: { ...row.meta, type: 'notified' } });
    return { rows: one(rows, row, changed), touched: [touch(row, row.seq)] };
  },
  'a time, of an entry whose text is taken away': (rows, pick) => {
    const { text: _, ...row } = any(rows, pick);
    const changed = { ...row, meta: { ...row.meta, at: '2026-03-01T00:00:00.000Z' } };
    const there = rows.find(({ hash }) => hash === row.hash)!;
    return { rows: one(rows, there, changed), touched: [touch(row, row.seq)] };
  },
  'the hash of a text': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: one(rows, row, { ...row, commit: 'b'.repeat(64) }), touched: [touch(row, row.seq)] };
  },
  'a text and its hash': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: one(rows, row, rewritten(row, FORGED)), touched: [touch(row, row.seq)] };
  },
  'a text, and all after it chained anew': (rows, pick) => {
    const way = anyWay(rows, pick);
    const index = pick(way.length);
    return from(rows, way, index, [rewritten(way[index]!, FORGED), ...way.slice(index + 1)]);
  },
  'a hash': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: one(rows, row, { ...row, hash: 'b'.repeat(64) }), touched: [touch(row, row.seq)] };
  },
  'the hash before it': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: one(rows, row, { ...row, prev: 'b'.repeat(64) }), touched: [touch(row, row.seq)] };
  },
  'a number': (rows, pick) => {
    const row = any(rows, pick);
    const seq = highest(rows, row) + 1 + pick(5);
    return { rows: one(rows, row, { ...row, seq }), touched: [touch(row, row.seq)] };
  },
  'a text into no JSON, and its hash': (rows, pick) => {
    const row = any(rows, pick);
    const changed = retold(row, row, 'null');
    return { rows: one(rows, row, changed), touched: [touch(row, row.seq)] };
  },
};

const DELETE: Record<string, Way> = {
  'an entry': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: one(rows, row), touched: [touch(row, row.seq)] };
  },
  'several one after the other': (rows, pick) => {
    const way = anyWay(rows, pick);
    const begin = pick(way.length);
    const gone = new Set(way.slice(begin, begin + 1 + pick(4)));
    return { rows: rows.filter((row) => !gone.has(row)), touched: [touch(way[0]!, begin + 1)] };
  },
  'a whole chain': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: rows.filter((other) => !same(other, row)), touched: [touch(row, 1)] };
  },
  'an entry, and number all after it anew': (rows, pick) => {
    const way = anyWay(rows, pick);
    const begin = pick(way.length);
    const changes = new Map(
      way.slice(begin).map((row, nth) => [row, nth === 0 ? [] : [{ ...row, seq: row.seq - 1 }]]),
    );
    return { rows: replaced(rows, changes), touched: [touch(way[0]!, begin + 1)] };
  },
  'an entry, and chain all after it anew': (rows, pick) => {
    const way = anyWay(rows, pick);
    const begin = pick(way.length);
    return from(rows, way, begin, way.slice(begin + 1));
  },
};

const INSERT: Record<string, Way> = {
  'a branch that holds': (rows, pick) => {
    const row = any(rows, pick);
    const before = rows.find((other) => same(other, row) && other.hash === row.prev);
    return {
      rows: [...rows, ...following(before, row, 1 + pick(3))],
      touched: [touch(row, row.seq)],
    };
  },
  'entries at the end': (rows, pick) => {
    const way = anyWay(rows, pick);
    const last = way.at(-1)!;
    return { rows: [...rows, ...following(last, last, 1 + pick(3))], touched: [touch(last, last.seq + 1)] };
  },
  'a chain of its own': (rows, pick) => {
    const of = { ...any(rows, pick), workflowId: `forged-${String(pick(1_000))}` };
    return { rows: [...rows, ...following(undefined, of, 1 + pick(5))], touched: [touch(of, 1)] };
  },
  'a second run': (rows, pick) => {
    const of = { ...any(rows, pick), firstRunId: `forged-${String(pick(1_000))}` };
    return { rows: [...rows, ...following(undefined, of, 1 + pick(5))], touched: [touch(of, 1)] };
  },
  'an entry, and chain all after it anew': (rows, pick) => {
    const way = anyWay(rows, pick);
    const begin = pick(way.length);
    return from(rows, way, begin, [...following(way[begin - 1], way[0]!, 1), ...way.slice(begin)]);
  },
  'an entry that follows none': (rows, pick) => {
    const row = any(rows, pick);
    const forged = rehashed(row, { ...row, prev: 'c'.repeat(64) });
    return { rows: [...rows, forged], touched: [touch(row, row.seq)] };
  },
};

const REORDER: Record<string, Way> = {
  'two neighbours by their numbers': (rows, pick) => {
    const way = anyWay(rows, pick);
    if (way.length < 2) return undefined;
    const begin = pick(way.length - 1);
    const [first, second] = [way[begin]!, way[begin + 1]!];
    const changes = new Map([
      [first, [{ ...first, seq: second.seq }]],
      [second, [{ ...second, seq: first.seq }]],
    ]);
    return { rows: replaced(rows, changes), touched: [touch(first, first.seq)] };
  },
  'a whole chain, backwards': (rows, pick) => {
    const way = anyWay(rows, pick);
    if (way.length < 2) return undefined;
    const changes = new Map(way.map((row, nth) => [row, [{ ...row, seq: way.length - nth }]]));
    return { rows: replaced(rows, changes), touched: [touch(way[0]!, 1)] };
  },
  'two entries, and chain all after them anew': (rows, pick) => {
    const way = anyWay(rows, pick);
    if (way.length < 2) return undefined;
    const begin = pick(way.length - 1);
    return from(rows, way, begin, [way[begin + 1]!, way[begin]!, ...way.slice(begin + 2)]);
  },
};

const SWAP: Record<string, Way> = {
  'the texts of two entries, with their hashes': (rows, pick) => {
    const [first, second] = [any(rows, pick), any(rows, pick)];
    if (first.hash === second.hash) return undefined;
    const changes = new Map([
      [first, [{ ...first, text: second.text, commit: second.commit, hash: second.hash }]],
      [second, [{ ...second, text: first.text, commit: first.commit, hash: first.hash }]],
    ]);
    const touched = [touch(first, first.seq), touch(second, second.seq)];
    return {
      rows: replaced(rows, changes),
      touched: same(first, second) ? [touch(first, Math.min(first.seq, second.seq))] : touched,
    };
  },
  'the texts of two entries, without their hashes': (rows, pick) => {
    const [first, second] = [any(rows, pick), any(rows, pick)];
    if (first.hash === second.hash) return undefined;
    const changes = new Map([
      [first, [{ ...first, text: second.text }]],
      [second, [{ ...second, text: first.text }]],
    ]);
    const touched = [touch(first, first.seq), touch(second, second.seq)];
    return {
      rows: replaced(rows, changes),
      touched: same(first, second) ? [touch(first, Math.min(first.seq, second.seq))] : touched,
    };
  },
  'the names of two chains': (rows, pick) => {
    const [first, second] = [any(rows, pick), any(rows, pick)];
    if (same(first, second)) return undefined;
    const named = (row: AuditRecord, { workflowId, firstRunId }: AuditRecord) => ({
      ...row,
      workflowId,
      firstRunId,
    });
    return {
      rows: rows.map((row) =>
        same(row, first) ? named(row, second) : same(row, second) ? named(row, first) : row,
      ),
      touched: [touch(first, 1), touch(second, 1)],
    };
  },
  'the tails of two chains': (rows, pick) => {
    const [first, second] = [anyWay(rows, pick), anyWay(rows, pick)];
    const seq = 1 + pick(Math.min(first.length, second.length));
    if (same(first[0]!, second[0]!)) return undefined;
    const [one_, other] = [first[0]!, second[0]!];
    const tails = new Set([...first.slice(seq - 1), ...second.slice(seq - 1)]);
    return {
      rows: rows.map((row) => {
        if (!tails.has(row)) return row;
        const { workflowId, firstRunId } = same(row, one_) ? other : one_;
        return { ...row, workflowId, firstRunId };
      }),
      touched: [touch(one_, seq), touch(other, seq)],
    };
  },
};

const DUPLICATE: Record<string, Way> = {
  'a row as it is': (rows, pick) => {
    const row = any(rows, pick);
    return { rows: [...rows, { ...row }], touched: [touch(row, row.seq)] };
  },
  'a row at the end of its chain': (rows, pick) => {
    const row = any(rows, pick);
    const seq = highest(rows, row) + 1;
    return { rows: [...rows, { ...row, seq }], touched: [touch(row, seq)] };
  },
  'a row into another chain': (rows, pick) => {
    const [row, other] = [any(rows, pick), any(rows, pick)];
    if (same(row, other)) return undefined;
    const { workflowId, firstRunId } = other;
    return { rows: [...rows, { ...row, workflowId, firstRunId }], touched: [touch(other, row.seq)] };
  },
  'a chain under another name': (rows, pick) => {
    const way = anyWay(rows, pick);
    const workflowId = `copy-${String(pick(1_000))}`;
    return {
      rows: [...rows, ...way.map((row) => ({ ...row, workflowId }))],
      touched: [touch({ ...way[0]!, workflowId }, 1)],
    };
  },
  'a row, chained at the end': (rows, pick) => {
    const row = any(rows, pick);
    const last = wayOf(rows, row).at(-1)!;
    return { rows: [...rows, ...rechained([row], last)], touched: [touch(row, last.seq + 1)] };
  },
};

const CUT: Record<string, Way> = {
  'the tail of a chain': (rows, pick) => {
    const way = anyWay(rows, pick);
    const end = pick(way.length);
    return {
      rows: rows.filter((row) => !same(row, way[0]!) || row.seq <= end),
      touched: [touch(way[0]!, end + 1)],
    };
  },
  'a branch, or what went on beside it': (rows, pick) => {
    const row = any(rows, pick);
    const gone = new Set([row]);
    for (const other of [...rows].sort(byPlace))
      if ([...gone].some((before) => same(other, before) && other.prev === before.hash)) gone.add(other);
    return { rows: rows.filter((other) => !gone.has(other)), touched: [touch(row, row.seq)] };
  },
  'the tails of several chains': (rows, pick) => {
    const cut = ways(rows)
      .filter(() => pick(3) === 0)
      .map((way) => ({ way, end: pick(way.length) }));
    if (cut.length === 0) return undefined;
    return {
      rows: rows.filter((row) => !cut.some(({ way, end }) => same(row, way[0]!) && row.seq > end)),
      touched: cut.map(({ way, end }) => touch(way[0]!, end + 1)),
    };
  },
};

/** Rows are in the order in which they were stored. */
const ROLL_BACK: Record<string, Way> = {
  'all of it': (rows, pick) => older(rows, pick(rows.length)),
  'all of it, and go on otherwise': (rows, pick) => {
    const back = older(rows, 1 + pick(rows.length - 1));
    const way = anyWay(back.rows, pick);
    const last = way.at(-1)!;
    const [first] = back.touched.filter((one) => same(one, last));
    return {
      rows: [...back.rows, ...following(last, last, 1 + pick(3))],
      touched: first === undefined ? [...back.touched, touch(last, last.seq + 1)] : back.touched,
    };
  },
  'one workflow': (rows, pick) => {
    const row = any(rows, pick);
    const back = older(rows, pick(rows.length));
    const kept = new Set(back.rows);
    const touched = back.touched.filter((one) => same(one, row));
    if (touched.length === 0) return undefined;
    return { rows: rows.filter((other) => kept.has(other) || !same(other, row)), touched };
  },
};

function older(rows: readonly AuditRecord[], count: number): Omit<Tampered, 'how'> {
  const gone = rows.slice(count);
  const firsts = gone.filter((row) => !gone.some((other) => same(row, other) && other.seq < row.seq));
  return {
    rows: rows.slice(0, count),
    touched: firsts
      .filter((row, index) => firsts.findIndex((other) => same(row, other)) === index)
      .map((row) => touch(row, row.seq)),
  };
}

export const KINDS: Readonly<Record<string, Record<string, Way>>> = {
  edit: EDIT,
  delete: DELETE,
  insert: INSERT,
  reorder: REORDER,
  swap: SWAP,
  duplicate: DUPLICATE,
  'cut the tail': CUT,
  'roll back': ROLL_BACK,
};

/** One of the ways of a kind. @param rows in the order in which they were stored */
export function tampered(kind: string, rows: readonly AuditRecord[], pick: Random): Tampered {
  for (;;) {
    const [how, way] = any(Object.entries(KINDS[kind]!), pick);
    const made = way(rows, pick);
    if (made !== undefined) return { how, ...made };
  }
}

/** What was not found as it was done; undefined where each place is told, and no place elsewhere. */
export function untold({ touched }: Tampered, faults: readonly Fault[]): string | undefined {
  for (const place of touched) {
    const found = faults.filter((fault) => same(fault, place));
    const told = found.some(({ seq, upTo = seq }) => seq <= place.seq && place.seq <= upTo);
    if (!told) return `not told: ${JSON.stringify(place)}, but ${JSON.stringify(found)}`;
    const early = found.find(({ seq, upTo = seq }) => upTo < place.seq);
    if (early !== undefined) return `told before ${JSON.stringify(place)}: ${JSON.stringify(early)}`;
  }
  const elsewhere = faults.find((fault) => !touched.some((place) => same(fault, place)));
  return elsewhere && `told elsewhere: ${JSON.stringify(elsewhere)}`;
}
