/**
 * What a statement may do inside SQLite, as an allow-list: what is not named here is refused while the statement is
 * compiled, before any of it runs, and so before anybody has approved as well as after. An agent that may name `sql`
 * reaches the tables of the database and nothing beside them: no file, no other database, no setting of the engine,
 * and no idempotency key.
 */
import { constants as code } from '@photostructure/sqlite';
import { FUNCTIONS } from './sql-sqlite-functions';
import { EFFECTS_TABLE } from './sql-scan';
import type { Verb } from './sql-verbs';

/** As SQLite asks: what is to be done, and up to four names whose meaning depends on it. */
export type Check = (
  action: number,
  first: string | null,
  second: string | null,
  database: string | null,
) => number;

export interface Guard {
  readonly check: Check;
  /** Why the statement was refused, in words; undefined where it was not. */
  refusal(): string | undefined;
}

/** What a guard has to know of the database, in lower case. */
export interface Names {
  /** Tables and views; one that the statement makes is added, for its own checks and computed columns read it. */
  readonly tables: Set<string>;
  /** Virtual tables that every database has, such as `dbstat`. */
  readonly modules: ReadonlySet<string>;
}

/** They describe the schema, as reading `sqlite_master` does, and have no value that could be set. */
const DESCRIBING: ReadonlySet<string> = new Set([
  'foreign_key_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'table_info',
  'table_list',
  'table_xinfo',
]);

/** Full-text tables ask them of the engine while they work; with a value they would be settings. */
const OF_FULL_TEXT: ReadonlySet<string> = new Set(['data_version', 'page_size']);

/** Virtual tables that hold nothing but what they are given, or what describes the schema. */
const VIRTUAL: ReadonlySet<string> = new Set([
  'json_each',
  'json_tree',
  ...[...DESCRIBING].map((name) => `pragma_${name}`),
]);

/** Temporary objects, triggers and virtual tables are nobody's to make; see docs/sql.md. */
const SCHEMA_CHANGES: ReadonlyMap<number, Verb> = new Map([
  [code.SQLITE_CREATE_TABLE, 'CREATE'],
  [code.SQLITE_CREATE_INDEX, 'CREATE'],
  [code.SQLITE_CREATE_VIEW, 'CREATE'],
  // A new index is filled.
  [code.SQLITE_REINDEX, 'CREATE'],
  [code.SQLITE_ALTER_TABLE, 'ALTER'],
  [code.SQLITE_DROP_TABLE, 'DROP'],
  [code.SQLITE_DROP_INDEX, 'DROP'],
  [code.SQLITE_DROP_VIEW, 'DROP'],
  [code.SQLITE_DROP_TRIGGER, 'DROP'],
  [code.SQLITE_DROP_VTABLE, 'DROP'],
]);

export function guardOf(verb: Verb, names: Names): Guard {
  let refusal: string | undefined;
  return {
    refusal: () => refusal,
    check(action, first, second, database) {
      const why = reason(action, [first ?? '', second ?? '', database], verb, names);
      if (why === undefined) return code.SQLITE_OK;
      refusal ??= why;
      return code.SQLITE_DENY;
    },
  };
}

type Named = readonly [first: string, second: string, database: string | null];

function reason(action: number, named: Named, verb: Verb, names: Names): string | undefined {
  const [first, second, database] = named;
  switch (action) {
    case code.SQLITE_SELECT:
    case code.SQLITE_RECURSIVE:
      return undefined;
    case code.SQLITE_READ:
      return unreadable(first, second, database, verb, names);
    case code.SQLITE_INSERT:
    case code.SQLITE_UPDATE:
    case code.SQLITE_DELETE:
      return unwritable(first, database, verb, names);
    case code.SQLITE_FUNCTION:
      return uncallable(second, verb);
    case code.SQLITE_PRAGMA:
      return unaskable(first, second, verb);
    default:
      return unchangeable(action, named, verb, names);
  }
}

function unreadable(
  table: string,
  column: string,
  database: string | null,
  verb: Verb,
  { tables, modules }: Names,
): string | undefined {
  const name = table.toLowerCase();
  if (database === 'temp' && verb === 'ALTER' && name === 'sqlite_temp_master') return undefined;
  if (database === null || database === 'main') {
    if (tables.has(name) || VIRTUAL.has(name)) return undefined;
    if (name === 'sqlite_master' || name === 'sqlite_schema') return undefined;
    // ADD COLUMN with a constraint looks whether the rows that are there keep it.
    if (name === 'pragma_quick_check' && verb === 'ALTER') return undefined;
    // Where no column is read, the name of a common table expression comes here, too.
    if (column === '' && database === null && !reserved(name, modules)) return undefined;
  }
  return `it reads ${table}, which is no table of the database`;
}

function reserved(name: string, modules: ReadonlySet<string>): boolean {
  return modules.has(name) || name.startsWith('sqlite_') || name.startsWith('pragma_');
}

function unwritable(
  table: string,
  database: string | null,
  verb: Verb,
  { tables }: Names,
): string | undefined {
  const name = table.toLowerCase();
  if (name === EFFECTS_TABLE) return KEYS;
  const schema = verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP';
  // SQLite itself refuses a statement that writes to its schema; what comes here is part of CREATE, ALTER or DROP.
  if (name === 'sqlite_master' && database === 'main' && schema) return undefined;
  if (name === 'sqlite_temp_master' && verb === 'ALTER') return undefined;
  if (name.startsWith('sqlite_stat') && verb !== 'DROP')
    return `it writes to ${table}, which the engine keeps`;
  if (tables.has(name) && database === 'main') return undefined;
  return `it writes to ${table}, which is no table of the database`;
}

function uncallable(name: string, verb: Verb): string | undefined {
  if (FUNCTIONS.has(name.toLowerCase())) return undefined;
  // ALTER TABLE rewrites the schema with functions that SQLite lets no statement call.
  if (verb === 'ALTER' && name.startsWith('sqlite_')) return undefined;
  return `it calls the function ${name}, which is not on the list; docs/sql.md has the list`;
}

function unaskable(name: string, value: string, verb: Verb): string | undefined {
  const pragma = name.toLowerCase();
  if (DESCRIBING.has(pragma) || (OF_FULL_TEXT.has(pragma) && value === '')) return undefined;
  if (pragma === 'quick_check' && verb === 'ALTER') return undefined;
  return `it uses PRAGMA ${name}`;
}

function unchangeable(
  action: number,
  [first, second, database]: Named,
  verb: Verb,
  { tables, modules }: Names,
): string | undefined {
  if ([first, second].some((name) => name.toLowerCase() === EFFECTS_TABLE)) return KEYS;
  const where = action === code.SQLITE_ALTER_TABLE ? first : database;
  if (SCHEMA_CHANGES.get(action) !== verb || where !== 'main') {
    return `it does what no statement may: ${NAMES.get(action) ?? `action ${String(action)}`}`;
  }
  // A name that means something to the engine already is read by nobody under the cover of the new table.
  const name = first.toLowerCase();
  if (action === code.SQLITE_CREATE_TABLE && !reserved(name, modules)) tables.add(name);
  return undefined;
}

const KEYS = `it changes ${EFFECTS_TABLE}, which holds the idempotency keys`;

const NAMES: ReadonlyMap<number, string> = new Map([
  [code.SQLITE_ATTACH, 'ATTACH'],
  [code.SQLITE_DETACH, 'DETACH'],
  [code.SQLITE_TRANSACTION, 'BEGIN, COMMIT or ROLLBACK'],
  [code.SQLITE_SAVEPOINT, 'SAVEPOINT'],
  [code.SQLITE_ANALYZE, 'ANALYZE'],
  [code.SQLITE_REINDEX, 'REINDEX'],
  [code.SQLITE_CREATE_TEMP_TABLE, 'CREATE TEMP TABLE'],
  [code.SQLITE_CREATE_TEMP_INDEX, 'CREATE INDEX on a temporary table'],
  [code.SQLITE_CREATE_TEMP_TRIGGER, 'CREATE TEMP TRIGGER'],
  [code.SQLITE_CREATE_TEMP_VIEW, 'CREATE TEMP VIEW'],
  [code.SQLITE_CREATE_TRIGGER, 'CREATE TRIGGER'],
  [code.SQLITE_CREATE_VTABLE, 'CREATE VIRTUAL TABLE'],
]);
