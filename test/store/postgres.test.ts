/** The audit in PostgreSQL: the contract of every store, and what a server among others brings: roles, races, outages. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { NoTable, type AuditStore } from '../../src/store/audit-store';
import { openStore, storeName } from '../../src/store';
import { openPostgresStore } from '../../src/store/postgres';
import { entry } from '../support/appender';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres';
import { storeContract } from '../support/store-contract';

const here = hasPostgres() ? describe : describe.skip;

here('the audit store in PostgreSQL', () => {
  let postgres: Postgres;
  let url: string;
  let store: AuditStore;
  let databases = 0;

  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'hush-hush'");
  });

  afterAll(() => postgres.stop());

  beforeEach(async () => {
    databases += 1;
    const name = `store_${String(databases)}`;
    await postgres.query(`CREATE DATABASE ${name}`);
    // A setting that would lose what was answered, and below an order that is not that of the bytes.
    await postgres.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    url = postgres.url.replace(/postgres$/, name);
    store = await openStore({ store: url, dataDir: '/nowhere' });
    await query('ALTER TABLE audit_entries ALTER COLUMN first_run_id TYPE text COLLATE "en-x-icu"');
  });

  afterEach(() => store.close());

  const query = async (text: string, at = url): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: at });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const as = (user: string) => url.replace('postgres:s3cret', user);

  storeContract(() => store);

  test('the table is the one of the design', async () => {
    const columns = await query(
      "SELECT column_name FROM information_schema.columns WHERE table_name = 'audit_entries' ORDER BY ordinal_position",
    );
    expect(columns.map((row) => row['column_name'])).toEqual([
      'workflow_id',
      'first_run_id',
      'seq',
      'hash',
      'prev',
      'meta',
      'commit',
      'text',
    ]);
  });

  const versions = async () =>
    (await query('SELECT version FROM audit_migrations ORDER BY 1')).map((row) => row['version']);

  test('the versions that were applied are on record, each once', async () => {
    expect(await versions()).toEqual([1, 2, 3]);
    await (await openPostgresStore(url)).close();
    expect(await versions()).toEqual([1, 2, 3]);
  });

  test('a table from before there were versions is the first one, and is brought up to date with what it holds', async () => {
    await store.append([entry('a', 1)]);
    await query('DROP TABLE audit_migrations, configurations; DROP FUNCTION audit_append_only CASCADE');
    await query("UPDATE audit_entries SET text = '{}'");
    await query('GRANT SELECT, INSERT ON audit_entries TO app');
    await (await openPostgresStore(as('app:hush-hush'))).close(); // it may not, and need not
    expect(await query("SELECT to_regclass('audit_migrations') AS there")).toEqual([{ there: null }]);
    await (await openPostgresStore(url)).close();
    expect(await versions()).toEqual([1, 2, 3]);
    expect(await store.entries('a')).toEqual([{ ...entry('a', 1), text: '{}' }]);
    await expect(query("UPDATE audit_entries SET text = ''")).rejects.toThrow('append-only');
  });

  test.each([
    "UPDATE audit_entries SET text = 'forged'",
    'DELETE FROM audit_entries',
    'TRUNCATE audit_entries',
  ])('nobody changes an entry by accident, its owner neither: %s', async (sql) => {
    await store.append([entry('a', 1)]);
    await expect(query(sql)).rejects.toThrow('the audit is append-only');
    expect(await store.entries('a')).toEqual([entry('a', 1)]);
  });

  describe('the role that may only add', () => {
    const role = () => `writer of "store" ${String(databases)}`;
    const writer = async () => {
      const opened = await openPostgresStore(url, { writer: role() });
      await opened.close();
      await query(`ALTER ROLE "${role().replaceAll('"', '""')}" PASSWORD 'pw'`);
      return as(`${encodeURIComponent(role())}:pw`);
    };

    test('it appends and reads, as the worker does', async () => {
      const worker = await openPostgresStore(await writer());
      await worker.ready();
      await worker.append([entry('a', 1)]);
      await worker.append([entry('a', 1), entry('a', 2)]);
      expect(await worker.entries('a')).toEqual([entry('a', 1), entry('a', 2)]);
      expect(await worker.count()).toEqual({ chains: 1, entries: 2 });
      await worker.close();
    });

    test.each([
      "UPDATE audit_entries SET text = 'forged'",
      'DELETE FROM audit_entries',
      'TRUNCATE audit_entries',
      'DROP TABLE audit_entries',
      'ALTER TABLE audit_entries DISABLE TRIGGER ALL',
      'DROP TRIGGER audit_append_only ON audit_entries',
      'INSERT INTO audit_entries SELECT * FROM audit_entries ON CONFLICT (workflow_id, first_run_id, seq, hash) DO UPDATE SET text = EXCLUDED.text',
      'UPDATE audit_migrations SET version = 9',
      'DELETE FROM audit_migrations',
      "UPDATE configurations SET text = 'forged'",
      'DELETE FROM configurations',
    ])('the database refuses it: %s', async (sql) => {
      await store.append([entry('a', 1)]);
      // Not by the trigger, which its owner may disable: by its rights.
      await query('ALTER TABLE audit_entries DISABLE TRIGGER audit_append_only');
      await expect(query(sql, await writer())).rejects.toThrow(/permission denied|must be owner/);
      expect(await store.entries('a')).toEqual([entry('a', 1)]);
    });

    test('made again it is as it was, and rights that it was given beside are taken back', async () => {
      const at = await writer();
      await query(`GRANT UPDATE, DELETE ON audit_entries TO "${role().replaceAll('"', '""')}"`);
      await writer();
      await expect(query('DELETE FROM audit_entries', at)).rejects.toThrow('permission denied');
      await (await openPostgresStore(at)).close();
    });

    test('a role that may do more all the same is refused by name', async () => {
      const more = openPostgresStore(url, { writer: 'postgres' });
      await expect(more).rejects.toThrow(
        'the role postgres may also UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER on audit_entries or configurations: it is a superuser',
      );
    });
  });

  test('an append is on disk when it is answered, whatever the database is set to', async () => {
    await query(`CREATE TABLE seen (setting text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
      CREATE TRIGGER see BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION see()`);
    expect(await query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }]);
    await store.append([entry('a', 1)]);
    expect(await query('SELECT setting FROM seen')).toEqual([{ setting: 'on' }]);
  });

  test('one entry that cannot be stored keeps the others out', async () => {
    await query('ALTER TABLE audit_entries ADD CONSTRAINT no CHECK (seq <> 2)');
    const append = store.append([entry('a', 1), entry('a', 2), entry('a', 3)]);
    await expect(append).rejects.toThrow('violates check constraint "no"');
    expect(await store.entries('a')).toEqual([]);
    await store.append([entry('a', 1)]);
    expect(await store.entries('a')).toEqual([entry('a', 1)]);
  });

  test('ten workers that start at once on an empty database all find the table', async () => {
    await query('DROP TABLE audit_entries');
    const stores = await Promise.all(Array.from({ length: 10 }, () => openPostgresStore(url)));
    await Promise.all(stores.map((one, n) => one.append([entry('a', 1, { branch: String(n) })])));
    expect(new Set((await store.entries('a')).map(({ hash }) => hash)).size).toBe(10);
    await Promise.all(stores.map((one) => one.close()));
  });

  test('two stores that append the same at once both succeed, and there is one of each', async () => {
    const other = await openPostgresStore(url);
    const records = Array.from({ length: 50 }, (_, n) => entry('a', n + 1));
    await Promise.all([store.append(records), other.append(records)]);
    expect(await store.entries('a')).toEqual(records);
    await other.close();
  });

  test('a role that may not create tables uses one that is there', async () => {
    await query('GRANT SELECT, INSERT ON audit_entries TO app');
    const app = await openPostgresStore(as('app:hush-hush'));
    await app.ready();
    await app.append([entry('a', 1)]);
    expect(await app.entries('a')).toEqual([entry('a', 1)]);
    await app.close();
  });

  test('a role without rights is told the GRANT', async () => {
    const app = await openPostgresStore(as('app:hush-hush'));
    await expect(app.ready()).rejects.toThrow('GRANT SELECT, INSERT ON audit_entries TO "app"');
    await expect(app.append([entry('a', 1)])).rejects.toThrow('permission denied for table audit_entries');
    await app.close();
  });

  test('a role that may not create the table that is missing is told the statement', async () => {
    await query('DROP TABLE audit_entries; REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    await expect(openPostgresStore(as('app:hush-hush'))).rejects.toThrow(
      /permission denied for schema public; let the role create the table, or create it for the role: CREATE TABLE/,
    );
  });

  test('a table that is gone, or a server that takes no writes, is not ready', async () => {
    await query(`ALTER DATABASE store_${String(databases)} SET default_transaction_read_only = on`);
    const standby = await openPostgresStore(url);
    await expect(standby.ready()).rejects.toThrow('the server takes no writes');
    await standby.close();
    await query('BEGIN READ WRITE; DROP TABLE audit_entries; COMMIT');
    await expect(store.ready()).rejects.toThrow('audit_entries is not there; run `countersign setup`');
  });

  test('a table of another shape is not ready; one that is gone says so when it is read', async () => {
    await query('ALTER TABLE audit_entries DROP COLUMN prev');
    await expect(store.ready()).rejects.toThrow(
      `column "prev" does not exist; the table is not Countersign's: name another database in COUNTERSIGN_STORE`,
    );
    await query('DROP TABLE audit_entries');
    const read = async () => {
      for await (const chain of store.chains()) expect(chain).toEqual([]);
    };
    await expect(read()).rejects.toBeInstanceOf(NoTable);
    await expect(store.entries('a')).rejects.toThrow('has no table audit_entries: it was never set up');
  });

  test('rows that somebody has damaged are read as they are, and so is the rest', async () => {
    await store.append([entry('a', 1), entry('a', 2), entry('b', 1)]);
    await query('DROP TRIGGER audit_append_only ON audit_entries');
    await query('ALTER TABLE audit_entries ALTER COLUMN meta DROP NOT NULL');
    await query("UPDATE audit_entries SET seq = 9223372036854775807 WHERE workflow_id = 'a' AND seq = 2");
    await query("UPDATE audit_entries SET meta = NULL, text = NULL WHERE workflow_id = 'a' AND seq = 1");
    const found = [];
    for await (const chain of store.chains()) found.push(chain);
    expect(found).toEqual([
      [
        { ...entry('a', 1), text: undefined, meta: { type: '', at: '' }, damage: 'meta' },
        { ...entry('a', 2), seq: 2 ** 63 },
      ],
      [entry('b', 1)],
    ]);
  });

  test('a lock that somebody holds ends an append in time, and the next one works', async () => {
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE audit_entries IN ACCESS EXCLUSIVE MODE');
    const began = Date.now();
    await expect(store.append([entry('a', 1)])).rejects.toThrow('canceling statement due to lock timeout');
    expect(Date.now() - began).toBeLessThan(8_000);
    await holder.end();
    await store.append([entry('a', 1)]);
    expect(await store.entries('a')).toEqual([entry('a', 1)]);
  });

  test('sessions that the server ends are replaced', async () => {
    await store.append([entry('a', 1)]);
    await query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
    await store.append([entry('a', 2)]).catch(() => store.append([entry('a', 2)]));
    expect(await store.entries('a')).toEqual([entry('a', 1), entry('a', 2)]);
  });

  test('a server that vanishes without a word ends an append within 10 s', async () => {
    const line = await wire(postgres.port);
    const far = await openPostgresStore(url.replace(String(postgres.port), String(line.port)));
    await far.append([entry('a', 1)]);
    line.freeze();
    const began = Date.now();
    await expect(far.append([entry('a', 2)])).rejects.toThrow('there was no answer within 8 s');
    expect(Date.now() - began).toBeLessThan(10_000);
    await expect(far.append([entry('a', 2)])).rejects.toThrow(/the audit store, PostgreSQL at 127\.0\.0\.1/);
    expect(Date.now() - began).toBeLessThan(20_000);
    line.close();
    await far.close();
    expect(await store.entries('a')).toEqual([entry('a', 1)]);
  }, 30_000);

  test.each([
    {
      wrong: 'the port',
      change: (from: string) => from.replace(/:\d+\//, ':1/'),
      says: /ECONNREFUSED 127\.0\.0\.1:1; start the server/,
    },
    {
      wrong: 'the database',
      change: (from: string) => `${from}_not`,
      says: /database "store_\d+_not" does not exist; create the database/,
    },
    {
      wrong: 'the user',
      change: (from: string) => from.replace('postgres:s3cret', 'nobody:s3cret'),
      says: /role "nobody" does not exist; check the user in COUNTERSIGN_STORE/,
    },
  ])('$wrong is wrong: it says which server, and no password', async ({ change, says }) => {
    const failed = await openPostgresStore(change(url)).then(
      () => 'opened',
      (error: unknown) => String(error),
    );
    expect(failed).toMatch(says);
    expect(failed).toMatch(/the audit store, PostgreSQL at 127\.0\.0\.1:\d+\/store_\d+/);
    expect(failed).not.toContain('s3cret');
  });

  test('people read its name without the password', () => {
    expect(storeName({ store: 'postgresql://u:p%40ss@db.internal/audit', dataDir: '/d' })).toBe(
      'PostgreSQL at db.internal:5432/audit',
    );
    expect(storeName({ store: undefined, dataDir: '/d' })).toBe('the embedded store in /d');
  });
});

/** A line to a server that can go silent, as a pulled cable does: open, and nothing gets through. */
async function wire(to: number): Promise<{ port: number; freeze(): void; close(): void }> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server: Server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.on('data', (bytes) => {
        if (!frozen) other.write(bytes);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    freeze: () => (frozen = true),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
