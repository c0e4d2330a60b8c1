/**
 * The built-in action `sql`: one statement against a configured database, its idempotency key in the same transaction.
 *
 * Its preview runs before anybody has approved, in a transaction that is always rolled back, and only where nothing of
 * it can get out: on SQLite the engine itself asks what a statement may do (sql-sqlite-authorizer.ts); on PostgreSQL a
 * table of names is refused (sql-postgres-table.ts), what names a sequence's next value is not tried, and neither is
 * anything under a login that may more than its tables. What is left is the owner's making: functions, triggers,
 * defaults (a serial column's number is taken) and foreign tables that a statement reaches do what they do. docs/sql.md
 * advises a role; a preview may have a login of its own, `{ url, preview: { url } }`, or be off, `{ url, preview: false }`.
 */
import { z } from 'zod';
import { verbAndTarget } from '../domain/phrase';
import type { LocalAction } from './action';
import { type DatabaseConfig, dialectOf } from './configured';
import { LIMITS, type SqlDatabase, type SqlLimits, type Statement } from './sql-database';
import { openPostgres } from './sql-postgres';
import { scan } from './sql-scan';
import { openSqlite } from './sql-sqlite';
import type { Verb } from './sql-verbs';

type Databases = Readonly<Record<string, DatabaseConfig>>;

/** The action, and the way to close what it opened. Nothing is opened before it is needed. */
export interface Sql {
  readonly action: LocalAction;
  close(): Promise<void>;
}

const PREVIEWED: readonly Verb[] = ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE', 'WITH'];

export function createSql(databases: Databases, limits: SqlLimits = LIMITS): Sql {
  const opened = new Map<string, SqlDatabase>();
  const at = (name: string, url: string): SqlDatabase => {
    const open = dialectOf(url) === 'postgres' ? openPostgres : openSqlite;
    const database = opened.get(url) ?? open(name, url, limits);
    opened.set(url, database);
    return database;
  };
  const input = schema(databases);
  type Args = z.output<typeof input>;

  const action: LocalAction<typeof input> = {
    name: 'sql',
    input,
    risk: 'high',
    offered: Object.keys(databases).length > 0,
    timeout: '1 minute',
    phrase: (args) =>
      verbAndTarget(statementOf(args, configured(databases, args.database).url).verb, args.database),
    async preview(args, { signal }) {
      const { url, preview } = configured(databases, args.database);
      if (preview === false) return { skipped: `previews are off for the database ${args.database}` };
      const statement = statementOf(args, url);
      if (!PREVIEWED.includes(statement.verb)) return { skipped: why(statement.verb) };
      if (statement.lasting !== undefined) {
        const skipped = `${statement.lasting} is not undone by a rollback, so it is not tried before it is approved`;
        return { skipped };
      }
      return at(args.database, preview?.url ?? url).preview(statement, signal);
    },
    run(args: Args, { key, workflowId, digest, signal }) {
      const { url } = configured(databases, args.database);
      return at(args.database, url).run(statementOf(args, url), { key, workflowId, digest }, signal);
    },
  };
  return {
    action,
    async close() {
      await Promise.all([...opened.values()].map((database) => database.close()));
      opened.clear();
    },
  };
}

function why(verb: Verb): string {
  return verb === 'SELECT'
    ? 'a SELECT is run once it is approved'
    : `${verb} takes locks on whole tables, so it is not tried before it is approved`;
}

function schema(databases: Databases) {
  return z
    .strictObject({
      /** A name that the actions module configures. */
      database: z
        .string()
        .superRefine((name, context) => {
          if (!Object.hasOwn(databases, name))
            context.addIssue({ code: 'custom', message: unconfigured(databases) });
        })
        .meta(listed(Object.keys(databases))),
      /** One statement; placeholders are `?` for SQLite and `$1` for PostgreSQL. */
      statement: z.string().max(100_000),
      parameters: z
        .array(
          z.union([z.string(), z.number(), z.boolean(), z.null()], {
            error: 'must be a string, number, boolean or null',
          }),
        )
        .max(1_000)
        .optional(),
    })
    .superRefine(({ database, statement }, context) => {
      const config = Object.hasOwn(databases, database) ? databases[database] : undefined;
      const scanned = config === undefined ? undefined : scan(statement, dialectOf(config.url));
      if (scanned?.ok === false)
        context.addIssue({ code: 'custom', path: ['statement'], message: scanned.message });
    });
}

/** For the schema that a language model is given. */
function listed(names: readonly string[]): { enum?: string[] } {
  return names.length === 0 ? {} : { enum: [...names] };
}

function unconfigured(databases: Databases): string {
  const names = Object.keys(databases);
  return names.length === 0
    ? 'no database is configured: export databases = { name: "postgres://…" } from the module that COUNTERSIGN_ACTIONS names'
    : `not a configured database; configured: ${names.join(', ')}`;
}

function configured(databases: Databases, name: string): DatabaseConfig {
  const config = Object.hasOwn(databases, name) ? databases[name] : undefined;
  if (config === undefined) throw new TypeError(unconfigured(databases));
  return config;
}

/** Scanned again, for a caller that has not been through the schema must not get past the guard either. */
function statementOf(
  args: { readonly statement: string; readonly parameters?: Statement['parameters'] | undefined },
  url: string,
): Statement {
  const scanned = scan(args.statement, dialectOf(url));
  if (!scanned.ok) throw new TypeError(scanned.message);
  const { verb, lasting } = scanned;
  return { text: args.statement, verb, lasting, parameters: args.parameters ?? [] };
}
