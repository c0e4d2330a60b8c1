/** The embedded audit store: nothing lost, nothing twice, all or none, whoever else writes and whoever is killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import type { AuditStore } from '../../src/store/audit-store';
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
  for (const sql of ["UPDATE audit_entries SET entry = 'forged'", 'DELETE FROM audit_entries'])
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
