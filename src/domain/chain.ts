/** What does not hold in one chain, each with its place: by itself, and beside what others tell of it. */
import { forked } from './audit';
import type { Root } from './digest';
import { entryFault, type StoredEntry } from './entry';
import type { Witness } from './vouching';

/** An entry as the store has it. */
export type Row = Root &
  StoredEntry & {
    /** Which columns hold none of what belongs there. */
    readonly damage?: string;
  };

export type FaultCode =
  /** The text, the hash or the number is another than it was. */
  | 'CHANGED'
  /** The text belongs to another place, or another workflow. */
  | 'MISPLACED'
  | 'MISSING'
  | 'TWICE'
  /** It follows no entry that is there. */
  | 'UNLINKED'
  /** Nobody has stored it who keeps checkpoints. */
  | 'UNVOUCHED'
  /** It follows an entry that was the last one. */
  | 'BEYOND_END'
  /** Those whom it names have not signed it. */
  | 'UNPROVEN';

export interface Fault extends Root {
  readonly code: FaultCode;
  /** The first entry that it is about. */
  readonly seq: number;
  /** The last one, where it is a span: somewhere in it. */
  readonly upTo?: number;
  readonly message: string;
}

/** Entries that nobody vouches for yet: newer than the last checkpoint, or nobody's. */
export interface Unvouched extends Root {
  readonly seq: number;
  readonly entries: number;
}

export interface ChainVerdict {
  readonly faults: readonly Fault[];
  readonly unvouched: readonly Unvouched[];
  /** Entries beside the longest way from the first to the last. */
  readonly branches: number;
}

/** @param all the rows of one chain, by seq */
export function checkChain(chain: Root, all: readonly Row[], witnesses: readonly Witness[]): ChainVerdict {
  const { workflowId, firstRunId } = chain;
  const faults = new Map<number, Fault>();
  const fault = (code: FaultCode, seq: number, message: string, upTo = seq) => {
    if (faults.has(seq)) return;
    faults.set(seq, {
      workflowId,
      firstRunId,
      code,
      seq,
      ...(upTo > seq ? { upTo } : {}),
      message,
    });
  };
  // What has no number has no place among the others.
  const rows = all.filter((row) => Number.isSafeInteger(row.seq) && row.seq >= 1);
  for (const { seq } of all)
    if (!Number.isSafeInteger(seq) || seq < 1)
      fault('CHANGED', seq, `entry ${String(seq)} has no number of an entry`);
  const byPlace = new Map(rows.map((row) => [place(row.seq, row.hash), row]));
  const parentOf = ({ seq, prev }: StoredEntry) => byPlace.get(place(seq - 1, prev));

  const whole = rows.filter((row) => {
    const wrong = changed(row) ?? (byPlace.get(place(row.seq, row.hash)) === row ? undefined : TWICE);
    if (wrong !== undefined) fault(wrong.code, row.seq, `entry ${String(row.seq)} ${wrong.what}`);
    return wrong === undefined;
  });

  const inOrder = [...witnesses].sort((one, other) => one.seq - other.seq);
  /** With the first witness that vouches for it. */
  const told = new Map<Row, Witness>();
  for (const witness of inOrder)
    for (
      let row = byPlace.get(place(witness.seq, witness.hash));
      row !== undefined && !told.has(row);
      row = parentOf(row)
    )
      told.set(row, witness);

  const orphans = whole.filter((row) => row.seq > 1 && parentOf(row) === undefined);
  gaps(rows, orphans, fault);
  missing(rows, inOrder, byPlace, fault, faults);
  unlinked(orphans, told, fault, faults);
  for (const { seq, hash, by, last } of witnesses)
    if (last === true && rows.some((row) => row.seq === seq + 1 && row.prev === hash))
      fault(
        'BEYOND_END',
        seq + 1,
        `entry ${String(seq + 1)} follows entry ${String(seq)}, which is the last one by ${by}`,
      );
  return {
    faults: [...faults.values()].sort((one, other) => one.seq - other.seq),
    unvouched: unvouchedOf(rows, told, parentOf).map((one) => ({ workflowId, firstRunId, ...one })),
    branches: forked(rows).branches.length,
  };
}

/** Goes through a chain along every branch: what is known at an entry is what was made of the one that it follows. */
export function forkOrder<Known>(
  rows: readonly Row[],
  begin: Known,
  step: (known: Known, row: Row) => Known,
): void {
  const known = new Map<string, Known>();
  for (const row of rows)
    known.set(place(row.seq, row.hash), step(known.get(place(row.seq - 1, row.prev)) ?? begin, row));
}

type Tell = (code: FaultCode, seq: number, message: string, upTo?: number) => void;

/** Where an entry stands, as one key. */
export const place = (seq: number, hash: string) => `${String(seq)} ${hash}`;
const TWICE = { code: 'TWICE', what: 'stands there twice' } as const;
const short = (hash: string) => `${hash.slice(0, 12)}…`;

/** What an entry gives away by itself. */
function changed(row: Row): { readonly code: FaultCode; readonly what: string } | undefined {
  if (row.damage !== undefined)
    return { code: 'CHANGED', what: `was changed: its ${row.damage} holds no text of its kind` };
  const fault = entryFault(row, row);
  if (fault === undefined) return undefined;
  return fault.of === 'place'
    ? { code: 'MISPLACED', what: `does not belong there: ${fault.message}` }
    : { code: 'CHANGED', what: `was changed: ${fault.message}` };
}

/** Numbers that are missing before entries that follow none that is there. */
function gaps(rows: readonly Row[], orphans: readonly Row[], fault: Tell): void {
  const numbers = [...new Set(rows.map(({ seq }) => seq))];
  const before = new Map(numbers.map((seq, index) => [seq, numbers[index - 1] ?? 0]));
  for (const { seq } of orphans) {
    const from = (before.get(seq) ?? 0) + 1;
    if (from < seq)
      fault('MISSING', from, `${spanned(from, seq - 1)} missing: entry ${String(seq)} is there`, seq - 1);
  }
}

/** Entries that follow none that is there: where they are vouched for, what is before them was changed; else they were put in. */
function unlinked(
  orphans: readonly Row[],
  told: ReadonlyMap<Row, Witness>,
  fault: Tell,
  faults: ReadonlyMap<number, Fault>,
): void {
  for (const row of orphans) {
    const { seq, prev } = row;
    const witness = told.get(row);
    const after = witness?.after ?? seq - 2;
    // What was stored with it; else what was stored before.
    const from = after < seq - 1 ? after + 1 : 1;
    if (within(faults, from, seq - 1)) continue;
    if (witness === undefined)
      fault('UNLINKED', seq, `entry ${String(seq)} does not follow entry ${String(seq - 1)}`);
    else
      fault(
        'CHANGED',
        from,
        `${spanned(from, seq - 1)} not what was stored: entry ${String(seq)} follows another entry ${String(seq - 1)} (${short(prev)})`,
        seq - 1,
      );
  }
}

function spanned(from: number, upTo: number): string {
  return from < upTo ? `entries ${String(from)} to ${String(upTo)} are` : `entry ${String(from)} is`;
}

/** What others tell of and the store has not. */
function missing(
  rows: readonly Row[],
  inOrder: readonly Witness[],
  byPlace: ReadonlyMap<string, Row>,
  fault: Tell,
  faults: ReadonlyMap<number, Fault>,
): void {
  const most = inOrder.at(-1);
  if (rows.length === 0 && most !== undefined) {
    fault(
      'MISSING',
      1,
      `the whole chain is missing: ${most.by} tells of entry ${String(most.seq)}`,
      most.seq,
    );
    return;
  }
  const numbers = new Set(rows.map(({ seq }) => seq));
  const end = rows.at(-1)?.seq ?? 0;
  let before = 0;
  for (const { seq, hash, by, after } of inOrder) {
    const from = (after ?? (numbers.has(seq) ? before : Math.min(end, seq - 1))) + 1;
    before = seq;
    if (byPlace.has(place(seq, hash)) || within(faults, from, seq)) continue;
    const span = spanned(from, seq);
    if (numbers.has(seq))
      fault(
        'CHANGED',
        from,
        `${span} not what was stored: ${by} tells of another entry ${String(seq)} (${short(hash)})`,
        seq,
      );
    else
      fault(
        'MISSING',
        from,
        `${span} missing${numbers.has(from) ? ' in part' : ''}: ${by} tells of entry ${String(seq)}`,
        seq,
      );
  }
}

function within(faults: ReadonlyMap<number, Fault>, from: number, upTo: number): boolean {
  for (const fault of faults.values())
    if ((fault.upTo ?? fault.seq) >= from && fault.seq <= upTo) return true;
  return false;
}

/** Where what nobody vouches for begins, and how many entries it is. */
function unvouchedOf(
  rows: readonly Row[],
  told: ReadonlyMap<Row, Witness>,
  parentOf: (row: Row) => Row | undefined,
): { seq: number; entries: number }[] {
  const begins = new Map<Row, { seq: number; entries: number }>();
  const found: { seq: number; entries: number }[] = [];
  for (const row of rows) {
    if (told.has(row)) continue;
    const parent = parentOf(row);
    const known = parent === undefined ? undefined : begins.get(parent);
    const begin = known ?? { seq: row.seq, entries: 0 };
    if (known === undefined) found.push(begin);
    begin.entries += 1;
    begins.set(row, begin);
  }
  return found;
}
