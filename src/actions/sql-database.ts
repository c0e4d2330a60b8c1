/**
 * What the `sql` action needs of a database, so that SQLite and PostgreSQL differ in nothing that a reviewer sees.
 * Both keep the key in the same transaction as the effect, and roll every preview back.
 */
import type { Json, JsonObject } from '../domain/json';
import type { Verb } from './sql-verbs';

export { redactor } from '../domain/secrets';

export type Parameter = string | number | boolean | null;

export interface Statement {
  readonly text: string;
  readonly verb: Verb;
  /** What in it no rollback undoes. */
  readonly lasting?: string | undefined;
  readonly parameters: readonly Parameter[];
}

/** Which approval the effect belongs to; `key` is stored with it. */
export interface Effect {
  readonly key: string;
  readonly workflowId: string;
  readonly digest: string;
}

/** A type, not an interface, so that it is JSON to the compiler too. */
export type SqlResult = {
  /** Rows inserted, updated or deleted, those of triggers and cascades included. */
  rowsAffected: number;
  /** What the statement returned, where it returns rows; the first 100, within 64 KiB. */
  rows?: JsonObject[];
  /** There were more rows. */
  truncated?: true;
};

/** What a preview has found, or why there is none. */
export type Previewed = { rowsAffected: number } | { skipped: string };

export interface SqlDatabase {
  /** Runs the statement in a transaction that is always rolled back. */
  preview(statement: Statement, signal: AbortSignal): Promise<Previewed>;
  /**
   * Runs the statement once for a key; asked again, answers what the first run returned.
   * @throws PermanentError where the statement is at fault; any other error is worth another attempt
   */
  run(statement: Statement, effect: Effect, signal: AbortSignal): Promise<SqlResult>;
  close(): Promise<void>;
}

/** Milliseconds. */
export interface Limits {
  readonly statement: number;
  /** For another transaction's lock. */
  readonly lock: number;
  /** For everything, the opening of the connection included. */
  readonly total: number;
}

export interface SqlLimits {
  readonly preview: Limits;
  readonly run: Limits;
}

/** A preview answers before its caller stops waiting; a run ends before its attempt's minute does. */
export const LIMITS: SqlLimits = {
  preview: { statement: 3_000, lock: 1_000, total: 4_500 },
  run: { statement: 45_000, lock: 5_000, total: 55_000 },
};

const ROWS = { most: 100, bytes: 64 * 1024 } as const;

/** The first rows of a result, within bounds: the result goes into the workflow's history. */
export class Rows {
  readonly kept: JsonObject[] = [];
  truncated = false;
  private bytes = 0;

  add(row: JsonObject): void {
    if (this.truncated) return;
    this.bytes += Buffer.byteLength(JSON.stringify(row));
    if (this.kept.length === ROWS.most || this.bytes > ROWS.bytes) this.truncated = true;
    else this.kept.push(row);
  }

  result(rowsAffected: number, returnsRows: boolean): SqlResult {
    if (!returnsRows) return { rowsAffected };
    return { rowsAffected, rows: this.kept, ...(this.truncated ? { truncated: true as const } : {}) };
  }
}

/** A value of a row as JSON, without loss: what has no JSON form is text. */
export function jsonOf(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof ArrayBuffer) return hex(Buffer.from(value));
  if (ArrayBuffer.isView(value)) return hex(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** As PostgreSQL writes a bytea. */
function hex(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}
