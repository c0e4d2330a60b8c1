/** What any store of the audit must do. Two hashes at one seq are a fork, which the store keeps rather than refuses. */
import { canonical, type Root } from '../domain/digest';
import { entryFault, type Meta, type StoredEntry } from '../domain/entry';
import type { ConfigurationStore } from './configurations';

/** One row of `audit_entries`. */
export type AuditRecord = Root &
  StoredEntry & {
    /** Of a row that somebody has damaged: which columns do not hold what belongs there. They are read as empty. */
    readonly damage?: string;
  };

/** Where an entry is in its chain. */
export type EntryAt = Pick<AuditRecord, 'seq' | 'hash'>;

export interface Appended {
  readonly missing?: Root & EntryAt;
}

/** What can be in no chain, whatever the store holds. */
export class EntryRefused extends Error {
  readonly code = 'NOT_AN_ENTRY';
  constructor({ workflowId, firstRunId }: Root, what: string) {
    super(
      `what is to be stored for ${workflowId} (first run ${firstRunId}) is no entry of the record: ${what}`,
    );
  }
}

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

export interface AuditStore extends WholeRecord, ConfigurationStore {
  /**
   * Stores all or none, durably, before it resolves; one that is there already is left as it is. Each must follow one of its chain that is
   * stored, or is before it among these, by number and hash. `missing`: the first that is not there; nothing was stored then.
   * @throws EntryRefused for what is no entry of its chain by itself
   */
  append(records: readonly AuditRecord[]): Promise<Appended>;
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

type Columns = Readonly<Record<string, unknown>>;
type Outline = Root & Pick<StoredEntry, 'seq' | 'hash' | 'prev'>;

/** A row as it is, also where it is damaged: whoever verifies the record must be able to say so, and go on. */
export function recordOf(row: Columns): AuditRecord {
  const broken: string[] = [];
  const outline = outlineOf(row, broken);
  const meta = metaOf(row['meta']);
  if (meta === undefined) broken.push('meta');
  const commit = textIn(row, 'commit', broken);
  const erased = row['text'] === null || row['text'] === undefined;
  const record = {
    ...outline,
    meta: meta ?? { type: '', at: '' },
    commit,
    ...(erased ? {} : { text: textIn(row, 'text', broken) }),
  };
  return broken.length === 0 ? record : { ...record, damage: broken.join(', ') };
}

/** Where it stands, without what it says; undefined where that is damaged. */
export function placeOf(row: Columns): Outline | undefined {
  const broken: string[] = [];
  const outline = outlineOf(row, broken);
  return broken.length === 0 ? outline : undefined;
}

function outlineOf(row: Columns, broken: string[]): Outline {
  const { seq } = row;
  return {
    workflowId: textIn(row, 'workflow_id', broken),
    firstRunId: textIn(row, 'first_run_id', broken),
    // No number at all is no number of an entry, as 0 is none.
    seq: typeof seq === 'number' || typeof seq === 'string' ? Number(seq) || 0 : 0,
    hash: textIn(row, 'hash', broken),
    prev: textIn(row, 'prev', broken),
  };
}

function textIn(row: Columns, column: string, broken: string[]): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  broken.push(column);
  return '';
}

/** Its canonical text alone: a row that was changed does not read as the same one. */
function metaOf(text: unknown): Meta | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const { type, at } = (JSON.parse(text) ?? {}) as { readonly type?: unknown; readonly at?: unknown };
    if (typeof type === 'string' && typeof at === 'string' && canonical({ type, at }) === text)
      return { type, at };
  } catch {
    // said by whoever reads the row
  }
  return undefined;
}

/** As the column holds it. */
export function metaText({ type, at }: Meta): string {
  return canonical({ type, at });
}

/**
 * @throws EntryRefused where it is no entry of its chain: its hash is not that of its fields and text, its text names another place, or a
 * store could not give it back as it is
 */
export function storable(record: AuditRecord): void {
  const { workflowId, firstRunId, seq, hash, prev, commit, text } = record;
  // What a workflow hands over may be anything.
  const { meta } = record as Partial<AuditRecord>;
  const root = { workflowId, firstRunId };
  const refuse = (what: string): never => {
    throw new EntryRefused(root, what);
  };
  if (!Number.isSafeInteger(seq) || seq < 1) refuse(`its seq ${String(seq)} is not 1, 2, 3, …`);
  for (const one of [workflowId, firstRunId, hash, prev, meta?.type, meta?.at, commit, text])
    if (typeof one !== 'string') refuse(`entry ${String(seq)} lacks one of the texts that make an entry`);
    else if (one.includes('\0') || Buffer.from(one, 'utf8').toString('utf8') !== one)
      refuse(
        `entry ${String(seq)} holds a NUL or half a character, which the store cannot keep; write it escaped`,
      );
  const fault = entryFault(root, record);
  if (fault !== undefined) refuse(`entry ${String(seq)}: ${fault.message}`);
}

/** What each must follow and is not among them, in their order; the first of a chain follows none. */
export function predecessors(records: readonly AuditRecord[]): (Root & EntryAt)[] {
  const before = new Set<string>();
  const needed: (Root & EntryAt)[] = [];
  for (const { workflowId, firstRunId, seq, hash, prev } of records) {
    if (seq > 1 && !before.has(`${prev} ${String(seq - 1)} ${firstRunId} ${workflowId}`))
      needed.push({ workflowId, firstRunId, seq: seq - 1, hash: prev });
    before.add(`${hash} ${String(seq)} ${firstRunId} ${workflowId}`);
  }
  return needed;
}

/** Of one chain, by seq. */
export function headsOf(chain: readonly Outline[]): Head[] {
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
