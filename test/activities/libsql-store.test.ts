/** The embedded audit store: nothing lost, nothing twice, all or none, whoever else writes and whoever is killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { NoTable, type AuditStore } from '../../src/store/audit-store';
import { openLibsqlStore } from '../../src/store/libsql';
import { entry } from '../support/appender';
import { storeContract } from '../support/store-contract';

let directory: string;
let store: AuditStore;

beforeEach(async () => {
  directory = path.join(mkdtempSync(path.join(os.tmpdir(), 'countersign store-')), 'made here');
  store = await openLibsqlStore(directory);
});

afterEach(async () => {
  await store.close();
  rmSync(path.dirname(directory), { recursive: true });
});

function appender(
  workflowId: string,
  batches: number,
  size: number,
): { process: ChildProcess; exited: Promise<unknown>; told: number[] } {
  const child = fork(
    require.resolve('../support/appender'),
    [directory, workflowId, String(batches), String(size)],
    {
      execArgv: ['--require', require.resolve('tsx/cjs')],
    },
  );
  const told: number[] = [];
  child.on('message', (batch: number) => told.push(batch));
  return { process: child, told, exited: new Promise((resolve) => child.once('exit', resolve)) };
}

const seqs = async (workflowId: string): Promise<number[]> =>
  (await store.entries(workflowId)).map(({ seq }) => seq);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

storeContract(() => store);

test('one entry that cannot be stored keeps the others out', async () => {
  const look = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  await look.execute(
    "CREATE TRIGGER no BEFORE INSERT ON audit_entries WHEN new.seq = 2 BEGIN SELECT raise(ABORT, 'no'); END",
  );
  await expect(store.append([entry('a', 1), entry('a', 2), entry('a', 3)])).rejects.toThrow('no');
  expect(await store.entries('a')).toEqual([]);
  await store.append([entry('a', 1)]);
  expect(await seqs('a')).toEqual([1]);
  look.close();
});

test('what was appended is there when it is opened again, by directory or by URL', async () => {
  await store.append([entry('a', 1)]);
  for (const name of [directory, pathToFileURL(path.join(directory, 'countersign.db')).href]) {
    const again = await openLibsqlStore(name);
    expect(await again.entries('a')).toEqual([entry('a', 1)]);
    await again.close();
  }
  expect(readdirSync(directory)).toEqual(['countersign.db']);
});

test('a file that has lost its table is not ready', async () => {
  const look = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  await look.execute('DROP TABLE audit_entries');
  look.close();
  await expect(store.ready()).rejects.toThrow('no such table: audit_entries');
});

describe('a file of another shape is not opened, and it says what is there and what to do', () => {
  const other = async (...sql: string[]) => {
    await store.close();
    const client = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
    for (const one of sql) await client.execute(one);
    client.close();
  };
  test.each([
    {
      there: 'a table of another program',
      sql: ['DROP TABLE audit_entries', 'CREATE TABLE audit_entries (id, foo)'],
      says: "has a table audit_entries without the column workflow_id: it is not Countersign's. Name another directory in COUNTERSIGN_DATA",
    },
    {
      there: 'a table without one of the columns',
      sql: ['ALTER TABLE audit_entries DROP COLUMN prev'],
      says: 'without the column prev',
    },
    {
      there: 'a version that is not known',
      sql: ['PRAGMA user_version = 99'],
      says: 'has the version 99 (user_version), and this countersign knows 1: use a newer countersign',
    },
  ])('$there', async ({ sql, says }) => {
    await other(...sql);
    for (const create of [true, false])
      await expect(openLibsqlStore(directory, { create })).rejects.toThrow(says);
  });

  test('a file from before there were versions gets one, and keeps what it holds', async () => {
    await store.append([entry('a', 1)]);
    await other('PRAGMA user_version = 0');
    store = await openLibsqlStore(directory);
    expect(await store.entries('a')).toEqual([entry('a', 1)]);
    const look = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
    expect((await look.execute('PRAGMA user_version')).rows[0]?.['user_version']).toBe(1);
    look.close();
  });
});

describe('rows that somebody has damaged are read as they are, and so is the rest', () => {
  const damaged = async (sql: string) => {
    const client = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
    await client.executeMultiple(`DROP TRIGGER IF EXISTS audit_entries_no_update; ${sql}`);
    client.close();
  };
  const chains = async () => {
    const found = [];
    for await (const chain of store.chains()) found.push(chain);
    return found;
  };
  beforeEach(() => store.append([entry('a', 1), entry('a', 2), entry('b', 1), entry('c', 1)]));
  const rest = [[entry('b', 1)], [entry('c', 1)]];

  test.each<[string, string, object[][]]>([
    [
      'a number beyond those of entries',
      "UPDATE audit_entries SET seq = 9223372036854775807 WHERE workflow_id = 'a' AND seq = 2",
      [[entry('a', 1), { ...entry('a', 2), seq: 2 ** 63 }], ...rest],
    ],
    [
      'no number',
      "UPDATE audit_entries SET seq = 'two' WHERE workflow_id = 'a' AND seq = 2",
      [[entry('a', 1), { ...entry('a', 2), seq: 0 }], ...rest],
    ],
    [
      'a text that is none',
      "UPDATE audit_entries SET text = CAST(text AS BLOB), prev = x'00' WHERE workflow_id = 'a' AND seq = 2",
      [[entry('a', 1), { ...entry('a', 2), prev: '', text: '', damage: 'prev, text' }], ...rest],
    ],
    [
      'an id that is no text',
      "UPDATE audit_entries SET workflow_id = x'ff' WHERE workflow_id = 'a' AND seq = 2",
      [[entry('a', 1)], ...rest, [{ ...entry('a', 2), workflowId: '', damage: 'workflow_id' }]],
    ],
    ...['nothing', 'null', '{}', '{"type":"closed","at":"x"}', '{"at":1,"type":"closed"}'].map(
      (meta): [string, string, object[][]] => [
        `a meta that is none: ${meta}`,
        `UPDATE audit_entries SET meta = '${meta}' WHERE workflow_id = 'a' AND seq = 2`,
        [[entry('a', 1), { ...entry('a', 2), meta: { type: '', at: '' }, damage: 'meta' }], ...rest],
      ],
    ),
    [
      'a text that is no UTF-8',
      "UPDATE audit_entries SET text = CAST(x'61ff' AS TEXT) WHERE workflow_id = 'a' AND seq = 2",
      [[entry('a', 1), { ...entry('a', 2), text: '', damage: 'text' }], ...rest],
    ],
  ])('%s', async (_, sql, expected) => {
    await damaged(sql);
    expect(await chains()).toEqual(expected);
  });

  test.each([
    ['is no UTF-8', '61ff', ''],
    ['holds a NUL', '610062', 'a\0b'],
  ])('an id that %s leads no reader round in circles, nor to its end', async (_, bytes, id) => {
    await damaged(`UPDATE audit_entries SET workflow_id = CAST(x'${bytes}' AS TEXT) WHERE workflow_id = 'a'`);
    expect((await chains()).map(([row]) => row?.workflowId)).toEqual([id, 'b', 'c']);
  });

  test('a view in the place of the table', async () => {
    await damaged(
      'ALTER TABLE audit_entries RENAME TO moved; CREATE VIEW audit_entries AS SELECT * FROM moved',
    );
    await store.close();
    store = await openLibsqlStore(directory, { create: false });
    expect(await chains()).toEqual([[entry('a', 1), entry('a', 2)], ...rest]);
  });

  test('a table that is gone', async () => {
    await damaged('DROP TABLE audit_entries');
    await expect(chains()).rejects.toThrow(
      `the audit store in ${directory} has no table audit_entries: it was never set up, which`,
    );
    await expect(chains()).rejects.toBeInstanceOf(NoTable);
  });
});

test('a file in WAL mode goes back to the rollback journal', async () => {
  const client = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  await store.close();
  await client.execute('PRAGMA journal_mode=WAL');
  client.close();
  store = await openLibsqlStore(directory);
  const look = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  expect((await look.execute('PRAGMA journal_mode')).rows[0]?.['journal_mode']).toBe('delete');
  look.close();
});

test('it waits for another writer, without holding up the rest of this process', async () => {
  const holder = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  const held = await holder.transaction('write');
  let longest = 0;
  let last = Date.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, Date.now() - last);
    last = Date.now();
  }, 5);
  const appended = store.append([entry('a', 1)]);
  await sleep(700);
  await held.commit();
  await appended;
  clearInterval(pulse);
  holder.close();
  expect(await seqs('a')).toEqual([1]);
  // The driver's own wait, and what a busy machine adds.
  expect(longest).toBeLessThan(500);
});

test('a reader in the way of a commit is waited for, and leaves nothing locked', async () => {
  const other = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  const reading = await other.transaction('read');
  await reading.execute('SELECT count(*) FROM audit_entries');
  const appended = store.append([entry('a', 1)]);
  await sleep(500);
  await reading.commit();
  await appended;
  const writing = await other.transaction('write');
  await writing.commit();
  other.close();
  expect(await seqs('a')).toEqual([1]);
});

test('three processes that append at once lose nothing', async () => {
  const others = [appender('b', 60, 2), appender('c', 60, 2)];
  for (let seq = 1; seq <= 60; seq++) await store.append([entry('a', seq), entry('shared', seq)]);
  await Promise.all(others.map(({ exited }) => exited));
  expect(others.map(({ told }) => told.length)).toEqual([60, 60]);
  expect([await seqs('a'), await seqs('shared'), await seqs('b'), await seqs('c')]).toEqual([
    upTo(60),
    upTo(60),
    upTo(120),
    upTo(120),
  ]);
}, 30_000);

test('SIGKILL in the middle of an append leaves all of it or none, and no lock', async () => {
  for (const [round, pause] of [0, 3, 7, 13].entries()) {
    const workflowId = `killed-${String(round)}`;
    const { process: child, told, exited } = appender(workflowId, 0, 200);
    while (told.length < 2) await sleep(2);
    await sleep(pause);
    child.kill('SIGKILL');
    await exited;
    const began = Date.now();
    await store.append([entry('after', round + 1)]);
    expect(Date.now() - began).toBeLessThan(1_000);
    const there = await seqs(workflowId);
    expect(there).toEqual(upTo(there.length));
    expect(there.length % 200).toBe(0);
    expect(there.length / 200).toBeGreaterThanOrEqual(told.length);
    expect(there.length / 200).toBeLessThanOrEqual(told.length + 1);
  }
}, 30_000);

test('an entry is neither changed nor taken away by accident', async () => {
  await store.append([entry('a', 1)]);
  const look = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  await store.configured({ kind: 'rules', text: 'x', at: '2026-03-02T10:00:00.000Z' });
  for (const sql of [
    ...["UPDATE audit_entries SET text = 'forged'", 'DELETE FROM audit_entries'],
    ...["UPDATE configurations SET text = 'forged'", 'DELETE FROM configurations'],
  ])
    await expect(look.execute(sql)).rejects.toThrow('the audit is append-only');
  look.close();
  expect(await store.entries('a')).toEqual([entry('a', 1)]);
});

test('opened to be read it makes nothing, and a file that is not there is named', async () => {
  const nowhere = path.join(directory, 'nowhere');
  await expect(openLibsqlStore(nowhere, { create: false })).rejects.toThrow(
    `there is no audit store at ${path.join(nowhere, 'countersign.db')}; name its directory in COUNTERSIGN_DATA`,
  );
  expect(readdirSync(directory)).toEqual(['countersign.db']);
  await store.append([entry('a', 1)]);
  chmodSync(path.join(directory, 'countersign.db'), 0o444);
  const reader = await openLibsqlStore(directory, { create: false });
  for await (const chain of reader.chains()) expect(chain).toEqual([entry('a', 1)]);
  await reader.close();
});
