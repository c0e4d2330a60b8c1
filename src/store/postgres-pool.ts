/** Connections to the operator's PostgreSQL, a pool for each store, and errors that name the server and the way out, never the password. */
import { Pool } from 'pg';
import { redactor } from '../domain/secrets';

export interface PoolOptions {
  /** Whose connections they are, to people and to the server: `audit` is "the audit store", and `countersign-audit`. */
  readonly of: 'audit' | 'feedback' | 'effects';
  /** Connections at once. */
  readonly max: number;
  /** What to do about an error, by its code. */
  readonly mends: Readonly<Record<string, string>>;
  /** Milliseconds, for every query: at the server, and until its answer is here. @default none: a transaction sets its own */
  readonly within?: { readonly statement: number; readonly answer: number };
}

export interface PostgresPool {
  readonly pool: Pool;
  /** @throws Error always: what went wrong, at which server and database, and what to do */
  readonly explain: (error: unknown) => never;
}

/** Milliseconds, of the 10 s that the workflow gives the activity `record`. */
const CONNECT = 3_000;

/** Connects to nothing yet. */
export function openPool(url: string, { of, max, mends, within }: PoolOptions): PostgresPool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT,
    ...(within === undefined ? {} : { statement_timeout: within.statement, query_timeout: within.answer }),
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: `countersign-${of}`,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const redact = redactor(url);
  const where = postgresName(url);
  return {
    pool,
    explain(error) {
      const { code, message } = error as { code?: unknown; message?: string };
      const mend = typeof code === 'string' ? mends[code] : undefined;
      const what = message || String(code);
      throw new Error(redact(`the ${of} store, ${where}: ${what}${mend === undefined ? '' : `; ${mend}`}`));
    },
  };
}

/** Server and database, without user and password. */
export function postgresName(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `PostgreSQL at ${hostname}:${port || '5432'}${pathname}`;
}
