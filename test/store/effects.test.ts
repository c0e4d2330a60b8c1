/** Which effects were begun and which came off, in every store: what any of them must do, told once, and what each brings besides. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { openLibsqlFile } from '../../src/store/libsql-file';
import type { EffectReceipt } from '../../src/domain/permit';
import { openStore, type Store } from '../../src/store';
import { openLibsqlEffects } from '../../src/store/effects-libsql';
import { openPostgresEffects } from '../../src/store/effects-postgres';
import { EFFECT_TABLES, type EffectStore } from '../../src/store/effects';
import { openPostgresStore } from '../../src/store/postgres';
import { memoryStore } from '../../src/testing';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres';
import { storeContract } from '../support/store-contract';

const HOSTILE = `'); DROP TABLE effects_begun; -- \u202e ü \u{1f600}`;
const key = (n: number | string) => String(n).padStart(64, '0');
const receipt: EffectReceipt = {
  effectKey: key(1),
  digest: key(2),
  result: key(3),
  signer: 'k',
  value: `${'A'.repeat(86)}==`,
};
const begin = (n: number | string, more: object = {}) => ({
  key: key(n),
  workflowId: 'w',
  runId: 'r',
  at: '2026-03-02T09:00:00.000Z',
  ...more,
});

function effectContract(current: () => EffectStore): void {
  test('an effect is begun once, and what is known of it is by whom and when', async () => {
    const store = current();
    const first = begin('a', { workflowId: HOSTILE });
    expect(await store.begin(first)).toBe('begun');
    expect(await store.begin(first)).toBe('again');
    expect(await store.begin(begin('a', { workflowId: 'another' }))).toBe('again');
    expect(await store.begin(begin('b'))).toBe('begun');
    const { key: _, ...begun } = first;
    expect(await store.effect(key('a'))).toEqual({ begun });
    expect(await store.effect(key('nobody'))).toEqual({});
  });

  test('of thirty that begin at once, one has', async () => {
    const store = current();
    const answers = await Promise.all(Array.from({ length: 30 }, () => store.begin(begin('c'))));
    expect(answers.filter((one) => one === 'begun')).toHaveLength(1);
  });

  test('what it came to is kept as it was, and the first stays', async () => {
    const store = current();
    const result = { [HOSTILE]: [HOSTILE, null, 1.5, '\u0000'] };
    await store.end({ key: key('d'), receipt, result });
    await store.end({ key: key('d'), receipt: { ...receipt, signer: 'other' }, result: null });
    expect(await store.effect(key('d'))).toEqual({ done: { receipt, result } });
    await store.end({ key: key('e'), receipt, result: null });
    expect(await store.effect(key('e'))).toEqual({ done: { receipt, result: null } });
  });

  test('keys of workers: each once, in the order of their coming, and an id is one key’s', async () => {
    const store = current();
    const named = (id: string, at: string, more: object = {}) => ({
      id,
      public: `${id}=`,
      name: HOSTILE,
      from: `2026-03-0${at}T09:00:00.000Z`,
      ...more,
    });
    await store.addWorkerKey(named('later', '3'));
    await store.addWorkerKey(named('first', '1'));
    await store.addWorkerKey(named('later', '4'));
    const all = [named('first', '1'), named('later', '3')];
    expect(await store.workerKeys()).toEqual(all);
    await expect(store.addWorkerKey(named('later', '3', { public: 'another=' }))).rejects.toThrow(
      'the worker key id later belongs to another key in the store; give this worker’s key an id of its own'.replace(
        '’',
        "'",
      ),
    );
    expect(await store.workerKeys()).toEqual(all);
  });

  test('it is ready, and asking leaves nothing behind', async () => {
    await current().ready();
    await current().ready();
  });
}

describe('in memory', () => {
  let store = memoryStore();
  beforeEach(() => {
    store = memoryStore();
  });
  effectContract(() => store);
  storeContract(() => store);
});

describe('embedded', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'countersign-effects-'));
  let nth = 0;
  let here: string;
  let store: Store;
  beforeEach(async () => {
    here = path.join(directory, String(++nth));
    store = await openStore({ store: undefined, dataDir: here });
  });
  afterEach(() => store.close());
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  effectContract(() => store);

  test('a second process sees what the first has begun', async () => {
    const other = await openLibsqlEffects(here);
    expect(await store.begin(begin(1))).toBe('begun');
    expect(await other.begin(begin(1))).toBe('again');
    expect(await other.effect(key(1))).toMatchObject({ begun: { workflowId: 'w' } });
    await other.close();
  });

  test('of four processes that begin the same twenty at once, each effect is one’s', async () => {
    const script = path.join(__dirname, '../support/beginner.ts');
    const children = Array.from({ length: 4 }, () =>
      fork(script, [here, '20'], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    const counts = await Promise.all(children.map(told));
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(20);
  }, 120_000);

  test.each(EFFECT_TABLES)('rows of %s are not changed, nor deleted', async (table) => {
    await store.begin(begin(1));
    await store.end({ key: key(1), receipt, result: {} });
    await store.addWorkerKey({ id: 'k', public: 'p', name: 'n', from: 'f' });
    const file = await openLibsqlFile(here);
    const column = table === 'worker_keys' ? 'id' : 'effect_key';
    for (const sql of [`UPDATE ${table} SET ${column} = 'x'`, `DELETE FROM ${table}`])
      await expect(file.write([sql])).rejects.toThrow('effects are added, and never changed');
    file.close();
  });

  test('a row that somebody has damaged tells of no effect', async () => {
    const file = await openLibsqlFile(here);
    await file.write([
      `INSERT INTO effects_done VALUES ('${key(1)}', '{}', '{}'), ('${key(2)}', 'no JSON', '1')`,
    ]);
    file.close();
    expect(await store.effect(key(1))).toEqual({});
    expect(await store.effect(key(2))).toEqual({});
  });
});

/** How many effects a process has begun. */
function told(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (count) => resolve(count as number));
    child.once('exit', (code) => reject(new Error(`it ended with ${String(code)}`)));
  });
}

const postgresHere = hasPostgres() ? describe : describe.skip;

postgresHere('in PostgreSQL', () => {
  let postgres: Postgres;
  let url: string;
  let store: EffectStore;
  let databases = 0;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    const name = `effects_${String(++databases)}`;
    await postgres.query(`CREATE DATABASE ${name}`);
    await postgres.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    url = postgres.url.replace(/postgres$/, name);
    store = await openPostgresEffects(url);
  });
  afterEach(() => store.close());

  const query = async (text: string, at = url) => {
    const client = new Client({ connectionString: at });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  effectContract(() => store);

  test('a begin is on disk when it is answered, whatever the database is set to', async () => {
    await query(`CREATE TABLE seen (setting text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
      CREATE CONSTRAINT TRIGGER see AFTER INSERT ON effects_begun DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()`);
    expect(await query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }]);
    await store.begin(begin(1));
    expect(await query('SELECT setting FROM seen')).toEqual([{ setting: 'on' }]);
  });

  test('ten workers that start at once on an empty database all find the tables', async () => {
    await query(`DROP TABLE ${EFFECT_TABLES.join(', ')}`);
    const stores = await Promise.all(Array.from({ length: 10 }, () => openPostgresEffects(url)));
    const answers = await Promise.all(stores.map((one) => one.begin(begin(7))));
    expect(answers.filter((one) => one === 'begun')).toHaveLength(1);
    await Promise.all(stores.map((one) => one.close()));
  });

  test('a role that only adds does what a worker needs, and no more', async () => {
    const role = `writer_${String(databases)}`;
    await (await openPostgresStore(url, { writer: role })).close();
    await (await openPostgresEffects(url, { writer: role })).close();
    const at = url.replace('postgres:s3cret', role);
    const worker = await openPostgresEffects(at);
    await worker.ready();
    expect(await worker.begin(begin(1))).toBe('begun');
    await worker.end({ key: key(1), receipt, result: {} });
    await worker.addWorkerKey({ id: 'k', public: 'p', name: 'n', from: 'f' });
    await worker.close();
    // Not by the triggers, which their owner may disable: by its rights.
    for (const table of EFFECT_TABLES) {
      await query(`ALTER TABLE ${table} DISABLE TRIGGER effects_append_only`);
      const column = table === 'worker_keys' ? 'id' : 'effect_key';
      for (const sql of [`UPDATE ${table} SET ${column} = 'x'`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
        await expect(query(sql, at)).rejects.toThrow(/permission denied/);
    }
  });

  test.each(EFFECT_TABLES)('rows of %s are not changed by their owner either', async (table) => {
    const column = table === 'worker_keys' ? 'id' : 'effect_key';
    for (const sql of [`UPDATE ${table} SET ${column} = 'x'`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
      await expect(query(sql)).rejects.toThrow('effects are added, and never changed');
  });

  test('tables that are not there are named, with what makes them', async () => {
    await query(`DROP TABLE ${EFFECT_TABLES.join(', ')}`);
    await expect(store.ready()).rejects.toThrow('effects_begun is not there; run `countersign setup`');
    await expect(store.begin(begin(1))).rejects.toThrow('run `countersign setup`, which creates the tables');
  });
});
