/**
 * 8,000 tamperings with a real store, 1,000 of each kind (a twentieth in `npm test`), beside the checkpoints that its worker wrote: each is found, with the
 * place. The tamperer may write to the database and has taken its triggers and its index away. The same in PostgreSQL.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { Client } from 'pg';
import { settled, vouched } from '../../src/domain/vouching';
import { verify, type Verification } from '../../src/domain/verification';
import { openWorkerStore } from '../../src/store';
import { metaText, type AuditRecord, type AuditStore } from '../../src/store/audit-store';
import { readCheckpointSet, type CheckpointSet } from '../../src/store/checkpoint-set';
import { openLibsqlStore } from '../../src/store/libsql';
import { openPostgresStore } from '../../src/store/postgres';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres';
import { honestRecord, random } from '../support/record';
import { counted, share } from '../support/share';
import { KINDS, tampered, untold } from '../support/tamperings';

const BATCHES = honestRecord(8);
const ROWS = BATCHES.flat();
const directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-tamperings-'));
const FIRST = path.join(directory, 'checkpoints.jsonl');

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** As a worker does it, with a checkpoint now and then; `kept` after each batch. */
async function recorded(store: string | undefined, kept: (batch: number) => void): Promise<void> {
  const checkpoints = { path: FIRST, key: undefined, entries: 7, seconds: 60 };
  const note = (text: string) => {
    throw new Error(text);
  };
  const worker = await openWorkerStore({ store, dataDir: directory, checkpoints }, note);
  for (const [nth, batch] of BATCHES.entries()) {
    await worker.append(batch);
    kept(nth);
  }
  await worker.close();
}

function verified(store: AuditStore, set: CheckpointSet): Promise<Verification> {
  return verify(store.chains(), { checkpoints: vouched(set.files, true), settled: settled(set.files) });
}

async function each(
  kind: string,
  count: number,
  store: AuditStore,
  replace: (rows: readonly AuditRecord[]) => Promise<void>,
): Promise<void> {
  const set = await readCheckpointSet([FIRST]);
  const pick = random(1_000 + kind.length);
  for (let nth = 0; nth < count; nth++) {
    const made = tampered(kind, ROWS, pick);
    await replace(made.rows);
    const { faults } = await verified(store, set);
    expect({ nth, how: made.how, untold: untold(made, faults) }).toEqual({
      nth,
      how: made.how,
      untold: undefined,
    });
  }
}

const columns = ({ workflowId, firstRunId, seq, hash, prev, meta, commit, text }: AuditRecord) => [
  workflowId,
  firstRunId,
  seq,
  hash,
  prev,
  metaText(meta),
  commit,
  text ?? null,
];

describe('the embedded store', () => {
  const file = path.join(directory, 'countersign.db');
  const copy = (nth: number) => path.join(directory, `older-${String(nth)}.db`);
  const tamperer = path.join(directory, 'tamperer');
  let store: AuditStore;
  let client: ReturnType<typeof createClient>;

  beforeAll(async () => {
    await recorded(undefined, (nth) => {
      copyFileSync(file, copy(nth));
    });
    await (await openLibsqlStore(tamperer)).close();
    client = createClient({ url: pathToFileURL(path.join(tamperer, 'countersign.db')).href });
    await client.executeMultiple(
      `DROP TABLE audit_entries; PRAGMA synchronous=OFF; CREATE TABLE audit_entries
         (workflow_id TEXT, first_run_id TEXT, seq INTEGER, hash TEXT, prev TEXT, meta TEXT, "commit" TEXT, text TEXT)`,
    );
    store = await openLibsqlStore(tamperer, { create: false });
  });

  afterAll(async () => {
    await store.close();
    client.close();
  });

  const replace = async (rows: readonly AuditRecord[]) => {
    const literal = (value: string | number | null) =>
      typeof value !== 'string' ? String(value) : `'${value.replaceAll("'", "''")}'`;
    const values = rows.map((row) => `(${columns(row).map(literal).join(',')})`);
    const insert = values.length === 0 ? '' : `INSERT INTO audit_entries VALUES ${values.join(',')};`;
    await client.executeMultiple(`BEGIN; DELETE FROM audit_entries; ${insert} COMMIT`);
  };

  test('as the worker left it, it holds, and everything in it is vouched for', async () => {
    const honest = await openLibsqlStore(directory, { create: false });
    const set = await readCheckpointSet([FIRST]);
    expect(set.faults).toEqual([]);
    expect(await verified(honest, set)).toMatchObject({ entries: ROWS.length, faults: [], unvouched: [] });
    await honest.close();
    await replace(ROWS);
    expect(await verified(store, set)).toMatchObject({ entries: ROWS.length, faults: [], unvouched: [] });
  });

  test.each(Object.keys(KINDS))(
    `%s, ${String(share(1_000))} times: all are found, each with the place`,
    async (kind) => {
      await each(kind, share(1_000), store, replace);
      counted('tamperings', { embedded: share(1_000) });
    },
    300_000,
  );

  test('each older copy of the file, put back in its place', async () => {
    const set = await readCheckpointSet([FIRST]);
    for (const nth of BATCHES.keys()) {
      const back = path.join(directory, `back-${String(nth)}`);
      await (await openLibsqlStore(back)).close();
      copyFileSync(copy(nth), path.join(back, 'countersign.db'));
      const older = await openLibsqlStore(back, { create: false });
      const { faults } = await verified(older, set);
      await older.close();
      const lost = BATCHES.slice(nth + 1).flat();
      const chains = new Set(lost.map(({ workflowId, firstRunId }) => `${workflowId} ${firstRunId}`));
      expect(new Set(faults.map(({ workflowId, firstRunId }) => `${workflowId} ${firstRunId}`))).toEqual(
        chains,
      );
    }
  });
});

const here = hasPostgres() ? describe : describe.skip;

here('PostgreSQL', () => {
  let postgres: Postgres;
  let client: Client;
  let store: AuditStore;

  beforeAll(async () => {
    for (const name of readdirSync(directory).filter((one) => one.startsWith('checkpoints')))
      rmSync(path.join(directory, name));
    postgres = await startPostgres();
    await recorded(postgres.url, () => undefined);
    client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(
      `ALTER TABLE audit_entries DISABLE TRIGGER ALL; ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_pkey`,
    );
    store = await openPostgresStore(postgres.url, { create: false });
  });

  afterAll(async () => {
    await store.close();
    await client.end();
    await postgres.stop();
  });

  const replace = async (rows: readonly AuditRecord[]) => {
    const column = (nth: number) => rows.map((row) => columns(row)[nth]);
    await client.query('BEGIN; DELETE FROM audit_entries');
    await client.query(
      `INSERT INTO audit_entries
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
      [0, 1, 2, 3, 4, 5, 6, 7].map(column),
    );
    await client.query('COMMIT');
  };

  test('as the worker left it, it holds, and everything in it is vouched for', async () => {
    const set = await readCheckpointSet([FIRST]);
    expect(await verified(store, set)).toMatchObject({ entries: ROWS.length, faults: [], unvouched: [] });
  });

  test.each(Object.keys(KINDS))(
    `%s, ${String(share(100))} times: all are found, each with the place`,
    async (kind) => {
      await each(kind, share(100), store, replace);
      counted('tamperings', { postgres: share(100) });
    },
    300_000,
  );
});
