/** What any store of the audit must do. Two hashes at one seq are a fork, which the store keeps rather than refuses. */

/** One row of `audit_entries`. */
export interface AuditRecord {
  readonly workflowId: string;
  readonly firstRunId: string;
  /** 1, 2, 3, … */
  readonly seq: number;
  /** SHA-256 of `entry`, 64 hex characters. */
  readonly hash: string;
  /** The hash of the entry before; 64 zeros before the first. */
  readonly prev: string;
  /** The entry, canonical JSON text (RFC 8785). */
  readonly entry: string;
  /** Of a row that somebody has damaged: which columns hold no text. They are read as empty. */
  readonly damage?: string;
}

/** Where an entry is in its chain. */
export type EntryAt = Pick<AuditRecord, 'seq' | 'hash'>;

/** A chain's end: an entry that none follows. A chain that forked has several. */
export type Head = Pick<AuditRecord, 'workflowId' | 'firstRunId' | 'seq' | 'hash'>;

/** All of it, for whoever verifies or exports it. What is appended meanwhile may be in it or not, a chain is never half. */
export interface WholeRecord {
  /** Chain after chain, by the bytes of workflow id and first run id; each whole, by seq and then as it was stored. */
  chains(): AsyncIterable<AuditRecord[]>;
  /** The heads of all chains in the same order, without reading what the entries say. */
  heads(): AsyncIterable<Head[]>;
  count(): Promise<{ readonly chains: number; readonly entries: number }>;
}

export interface AuditStore extends WholeRecord {
  /** Stores all or none, durably, before it resolves. A record that is there already is left as it is. */
  append(records: readonly AuditRecord[]): Promise<void>;
  /** In order of first run and seq; all runs of a workflow id, or one. */
  entries(workflowId: string, firstRunId?: string): Promise<AuditRecord[]>;
  /** The one entry with this seq and this hash. */
  entry(root: Pick<AuditRecord, 'workflowId' | 'firstRunId'>, at: EntryAt): Promise<AuditRecord | undefined>;
  /** @throws Error saying why nothing could be appended now, and what to do; writes nothing */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** What is asked of a store that is there, and whose table is not: nobody has made it, or somebody has dropped it. */
export class NoTable extends Error {
  constructor(name: string) {
    super(
      `${name} has no table audit_entries: it was never set up, which \`countersign setup\` does, or somebody has dropped it`,
    );
  }
}

/** A row as it is, also where it is damaged: whoever verifies the record must be able to say so, and go on. */
export function recordOf(row: Readonly<Record<string, unknown>>): AuditRecord {
  const broken: string[] = [];
  const text = (column: string): string => {
    const value = row[column];
    if (typeof value === 'string') return value;
    broken.push(column);
    return '';
  };
  const { seq } = row;
  const record = {
    workflowId: text('workflow_id'),
    firstRunId: text('first_run_id'),
    // No number at all is no number of an entry, as 0 is none.
    seq: typeof seq === 'number' || typeof seq === 'string' ? Number(seq) || 0 : 0,
    hash: text('hash'),
    prev: text('prev'),
    entry: text('entry'),
  };
  return broken.length === 0 ? record : { ...record, damage: broken.join(', ') };
}

/** @throws TypeError where a store could not give the record back as it is */
export function storable(record: AuditRecord): void {
  const { seq, ...texts } = record;
  if (!Number.isSafeInteger(seq)) throw new TypeError('the seq of an audit entry must be an integer');
  for (const text of Object.values(texts))
    if (text.includes('\0') || Buffer.from(text, 'utf8').toString('utf8') !== text)
      throw new TypeError(
        'an audit entry holds a NUL or half a character, which the store cannot keep; write it escaped',
      );
}

/** Of one chain, by seq. */
export function headsOf(chain: readonly Omit<AuditRecord, 'entry'>[]): Head[] {
  const followed = new Set(chain.map(({ seq, prev }) => `${String(seq - 1)} ${prev}`));
  return chain
    .filter(({ seq, hash }) => !followed.has(`${String(seq)} ${hash}`))
    .map(({ workflowId, firstRunId, seq, hash }) => ({ workflowId, firstRunId, seq, hash }));
}

/** What is in order, cut where the key changes. */
export function* parted<T>(rows: Iterable<T>, key: (row: T) => readonly unknown[]): Generator<T[]> {
  let part: T[] = [];
  let of: readonly unknown[] = [];
  for (const row of rows) {
    const own = key(row);
    if (part.length > 0 && own.some((value, index) => value !== of[index])) {
      yield part;
      part = [];
    }
    part.push(row);
    of = own;
  }
  if (part.length > 0) yield part;
}
