/**
 * What a statement on PostgreSQL could use to reach beyond the database's tables, or to leave something behind that no
 * rollback takes back. Each name is refused before the statement is sent, wherever in it the name stands: called or
 * not, quoted, in any case, behind a schema, in a common table expression. So a superuser's login is no way out of the
 * table either; but functions of extensions that are not PostgreSQL's own, and of the database's owner, are not in it.
 * For those it takes the role that docs/sql.md advises, and no preview runs under a login that may more than its tables
 * (sql-postgres.ts).
 *
 * test/activities/sql-postgres-table.test.ts asks a real server for every function that could be missing here.
 */
import type { Verb } from './sql-verbs';
import { nameOf, type Token } from './sql-tokens';

export interface PostgresRule {
  /** As a person reads it, after "is not allowed: it". */
  readonly does: string;
  /** `never`: refused. `approval`: not tried in a preview, allowed in what a person has approved. */
  readonly after: 'never' | 'approval';
  /** In lower case; with a star at the end, whatever begins like it. */
  readonly names: readonly string[];
}

const never = (does: string, names: string): PostgresRule => ({
  does,
  after: 'never',
  names: names.split(' '),
});

export const POSTGRES_RULES: readonly PostgresRule[] = [
  never(
    'reads or writes files of the server',
    'pg_read_* pg_ls_* pg_stat_file pg_file_* pg_logdir_ls pg_current_logfile pg_control_* pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings pg_config pg_tablespace_databases pg_tablespace_location pg_available_extension* pg_extension_update_paths pg_timezone_names pg_available_wal_* pg_wal_summary_* pg_get_wal_* pg_export_snapshot lo_import lo_import_with_oid lo_export xslt_process',
  ),
  never(
    'works on large objects, which stand outside the tables',
    'lo_open lo_close lo_creat lo_create lo_unlink lo_put lo_get lo_from_bytea lo_lseek lo_lseek64 lo_tell lo_tell64 lo_truncate lo_truncate64 lo_manage loread lowrite pg_largeobject pg_largeobject_metadata',
  ),
  never('opens connections', 'dblink* postgres_fdw_*'),
  never('runs a program', 'pg_import_system_collations'),
  never(
    'runs a statement that is given as text',
    'query_to_xml* cursor_to_xml* table_to_xml* schema_to_xml* database_to_xml* ts_stat ts_rewrite crosstab* connectby xpath_table',
  ),
  never(
    'ends, stops or changes other sessions, or the server',
    'pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile* pg_log_* pg_promote pg_switch_* pg_create_* pg_drop_* pg_copy_* pg_backup_* pg_start_* pg_stop_* pg_wal_replay_* pg_replication_* pg_logical_* pg_sync_* binary_upgrade_*',
  ),
  never(
    'has an effect that is no part of the transaction',
    'pg_notify triggered_change_notification pg_stat_reset* pg_stat_force_next_flush pg_stat_statements_reset* pg_restore_* pg_clear_* pg_set_* pg_prewarm autoprewarm_* pg_buffercache_evict* pg_truncate_visibility_map heap_force_* brin_* gin_clean_pending_list pg_nextoid',
  ),
  never(
    'takes or lets go locks that outlive the transaction',
    'pg_advisory_lock* pg_advisory_unlock* pg_try_advisory_lock*',
  ),
  never('changes settings of the session', 'set_config set_limit pg_settings pg_reset_*'),
  never('reads the passwords of roles', 'pg_authid pg_shadow pg_user_mapping pg_user_mappings'),
  {
    does: 'moves a sequence, which no rollback moves back',
    after: 'approval',
    names: ['nextval', 'setval'],
  },
];

/** What may be made, changed and dropped. The rest is the operator's: roles, servers, extensions, functions, settings. */
const OBJECTS = ['TABLE', 'INDEX', 'VIEW', 'SEQUENCE', 'SCHEMA', 'TYPE', 'DOMAIN', 'TRIGGER'];
const BEFORE_OBJECTS =
  'OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED UNIQUE RECURSIVE MATERIALIZED CONSTRAINT'.split(' ');

export interface Found extends Pick<PostgresRule, 'does' | 'after'> {
  readonly name: string;
}

/** The rule that a statement falls under, the strictest one; undefined where there is none. */
export function postgresRule(tokens: readonly Token[], verb: Verb): Found | undefined {
  const object = otherObject(tokens, verb);
  if (object !== undefined) return object;
  let mild: Found | undefined;
  for (const token of tokens) {
    const name = nameOf(token);
    const rule = name === undefined ? undefined : ruleOf(name);
    if (name === undefined || rule === undefined) continue;
    const found = { name, does: rule.does, after: rule.after };
    if (rule.after === 'never') return found;
    mild ??= found;
  }
  return mild;
}

/** By name, and by beginning: a statement has tens of thousands of names at most, and each is looked up. */
const EXACT = new Map(POSTGRES_RULES.flatMap((rule) => rule.names.map((name) => [name, rule] as const)));
const BEGINNINGS = [...EXACT].flatMap(([name, rule]) =>
  name.endsWith('*') ? [[name.slice(0, -1), rule] as const] : [],
);

function ruleOf(name: string): PostgresRule | undefined {
  return EXACT.get(name) ?? BEGINNINGS.find(([beginning]) => name.startsWith(beginning))?.[1];
}

function otherObject(tokens: readonly Token[], verb: Verb): Found | undefined {
  if (verb !== 'CREATE' && verb !== 'ALTER' && verb !== 'DROP') return undefined;
  const words = tokens.slice(1).map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : ''));
  const object = words.find((word) => !BEFORE_OBJECTS.includes(word)) ?? '';
  if (OBJECTS.includes(object)) return undefined;
  const name = `${verb} ${object}`.trim();
  return { name, does: `is not about one of ${OBJECTS.join(', ')}`, after: 'never' };
}
