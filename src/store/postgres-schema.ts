/**
 * The audit's tables in PostgreSQL, version after version, and the role that may only add to them. A version is written once
 * and never changed; whoever may not alter the tables goes on with what is there.
 */
import { escapeIdentifier, type ClientBase } from 'pg';
import { POSTGRES_CONFIGURATIONS } from './configuration-store';

export const TABLE = 'audit_entries';
const VERSIONS = 'audit_migrations';
/** A worker may read them and add to them. */
const TABLES = [TABLE, 'configurations'];

/** Bare of comments and in one line, for a message may end with it. */
export const CREATE =
  `CREATE TABLE IF NOT EXISTS ${TABLE} (workflow_id text NOT NULL, first_run_id text NOT NULL, seq bigint NOT NULL, ` +
  'hash text NOT NULL, prev text NOT NULL, meta text NOT NULL, "commit" text NOT NULL, text text, PRIMARY KEY (workflow_id, first_run_id, seq, hash))';

/** Against mistakes, the owner's among them; an owner may drop it, and then there are the chain and the checkpoints. */
const APPEND_ONLY = `
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
DROP TRIGGER IF EXISTS audit_append_only ON ${TABLE};
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${TABLE}
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()`;

/** By version, from 1. */
const MIGRATIONS = [CREATE, APPEND_ONLY, POSTGRES_CONFIGURATIONS];
export const LATEST = MIGRATIONS.length;

/** Of those who alter the tables at the same time, the others wait: two CREATE at once collide in the catalogue. */
const ALTERING = 7_263_018_221;

/** The version that is there; 0 where the table is not. A table without versions is from before there were any: 1. */
export async function version(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ entries: boolean; versions: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AS entries,
       coalesce(has_table_privilege(to_regclass($2), 'SELECT'), false) AS versions`,
    [TABLE, VERSIONS],
  );
  const { entries = false, versions = false } = rows[0] ?? {};
  if (!entries) return 0;
  if (!versions) return 1;
  const found = await client.query<{ version: number }>(
    `SELECT coalesce(max(version), 1) AS version FROM ${VERSIONS}`,
  );
  return found.rows[0]?.version ?? 1;
}

/** Looked up first: a role that may use the tables need not be one that may create or alter them. */
export async function migrate(client: ClientBase): Promise<void> {
  const there = await version(client);
  if (there >= LATEST || (there > 0 && !(await mayAlter(client)))) return;
  await client.query(`SELECT pg_advisory_xact_lock(${String(ALTERING)})`);
  const from = await version(client);
  if (from >= LATEST) return;
  for (const sql of MIGRATIONS.slice(from)) await client.query(sql);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${VERSIONS} (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  await client.query(
    `INSERT INTO ${VERSIONS} (version) SELECT generate_series(1, ${String(LATEST)}) ON CONFLICT DO NOTHING`,
  );
}

async function mayAlter(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT pg_has_role(relowner, 'USAGE') AND has_schema_privilege(relnamespace, 'CREATE') AS may
       FROM pg_class WHERE oid = to_regclass($1)`,
    [TABLE],
  );
  return rows[0]?.may === true;
}

/** What a worker's role has no use for. */
const TOO_MUCH = ['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'];

/**
 * Makes the role where it is missing (LOGIN, without a password) and gives it what a worker needs, no more: it may read
 * and add. Needs a role that may make roles and owns the tables.
 * @throws Error where the role still may do more, as a superuser, an owner or a member of another role may
 */
export async function grantWriter(client: ClientBase, role: string): Promise<void> {
  const name = escapeIdentifier(role);
  const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rows.length === 0) await client.query(`CREATE ROLE ${name} LOGIN`);
  const { rows: schemas } = await client.query<{ schema: string }>(
    'SELECT relnamespace::regnamespace::text AS schema FROM pg_class WHERE oid = to_regclass($1)',
    [TABLE],
  );
  await client.query(`REVOKE ALL ON ${TABLES.join(', ')}, ${VERSIONS} FROM ${name}`);
  await client.query(`GRANT USAGE ON SCHEMA ${schemas[0]?.schema ?? 'public'} TO ${name}`);
  await client.query(`GRANT SELECT, INSERT ON ${TABLES.join(', ')} TO ${name}`);
  await client.query(`GRANT SELECT ON ${VERSIONS} TO ${name}`);
  const more = await client.query<{ privilege: string }>(
    `SELECT privilege FROM unnest($3::text[]) WITH ORDINALITY AS more (privilege, nth)
      WHERE EXISTS (SELECT FROM unnest($2::text[]) AS own WHERE has_table_privilege($1, own, privilege)) ORDER BY nth`,
    [role, TABLES, TOO_MUCH],
  );
  if (more.rows.length > 0)
    throw new Error(
      `the role ${role} may also ${more.rows.map(({ privilege }) => privilege).join(', ')} on ${TABLES.join(' or ')}: ` +
        'it is a superuser, the owner, or a member of a role that may; name a role of its own',
    );
}
