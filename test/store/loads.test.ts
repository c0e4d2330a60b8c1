/** What a worker loads goes on record, in its order, however long the store is away; what is in force waits for none of it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { checkGone } from '../../src/doctor/files';
import { configurationText } from '../../src/domain/configuration';
import { openDirectory } from '../../src/providers/reviewers/current';
import type { AuditStore } from '../../src/store/audit-store';
import { openLibsqlStore } from '../../src/store/libsql';
import { openLoads } from '../../src/store/loads';
import { testKey } from '../support/reviewer-keys';

const folder = mkdtempSync(join(tmpdir(), 'countersign-loads-'));
let store: AuditStore;
let count = 0;
let data: string;
beforeEach(async () => {
  data = join(folder, String((count += 1)));
  store = await openLibsqlStore(data);
});
afterEach(() => store.close());
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const clock = () => {
  let second = 0;
  return () => new Date(Date.parse('2026-11-30T09:00:00Z') + 1_000 * second++);
};
const at = (second: number) => `2026-11-30T09:00:0${String(second)}.000Z`;

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const latest = Date.now() + 20_000; !(await holds());) {
    if (Date.now() > latest) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('each version once, with when it was loaded first', async () => {
  const loads = openLoads(store, fail, { now: clock() });
  await loads.load('directory', 'null');
  await loads.load('rules', '{"a":1}');
  await loads.load('directory', '{"people":[]}');
  await loads.load('directory', 'null');
  expect(await store.configurations()).toEqual([
    { kind: 'directory', text: 'null', hash: hash('null'), at: at(0) },
    { kind: 'rules', text: '{"a":1}', hash: hash('{"a":1}'), at: at(1) },
    { kind: 'directory', text: '{"people":[]}', hash: hash('{"people":[]}'), at: at(2) },
  ]);
  expect(loads.hashes()).toEqual({ directory: hash('null'), rules: hash('{"a":1}'), registry: hash('null') });
  await loads.close();
});

function fail(text: string): void {
  throw new Error(text);
}

it('what the store does not take is said, in force all the same, and offered again until it does', async () => {
  let down = true;
  const said: string[] = [];
  const away = {
    configured: (loaded: Parameters<AuditStore['configured']>[0]) =>
      down ? Promise.reject(new Error('the disk is full')) : store.configured(loaded),
  };
  const loads = openLoads(away, (text) => said.push(text), { again: 20, now: clock() });
  await loads.load('directory', 'null');
  await loads.load('rules', '{"a":1}');
  expect(loads.hashes().rules).toBe(hash('{"a":1}'));
  expect(said[0]).toBe(`the directory that was loaded at ${at(0)} is not on record yet: the disk is full`);
  expect(await store.configurations()).toEqual([]);
  down = false;
  await until(async () => (await store.configurations()).length === 2);
  expect((await store.configurations()).map((one) => [one.kind, one.at])).toEqual([
    ['directory', at(0)],
    ['rules', at(1)],
  ]);
  await loads.close();
});

const KEY = { id: 'ana-1', public: testKey(1).public };
const file = () => join(folder, 'reviewers.yaml');
const write = (directory: object) => writeFileSync(file(), JSON.stringify(directory));

it('a directory that is read again is on record by itself, and doctor names what has gone from it', async () => {
  const loads = openLoads(store, fail);
  const directory = await (async () => {
    write({ people: [{ name: 'ana', keys: [KEY] }, { name: 'bo' }] });
    return openDirectory(
      file(),
      folder,
      () => undefined,
      (read) => loads.load('directory', configurationText(read)),
    );
  })();
  write({ people: [{ name: 'ana' }], workers: [] });
  await until(async () => (await store.configurations()).length === 2);
  const config = (rest: Record<string, string> = {}) =>
    readConfig({ HOME: folder, COUNTERSIGN_DATA: data, COUNTERSIGN_REVIEWERS: file(), ...rest });
  const check = await checkGone(config());
  expect(check).toMatchObject({
    name: 'gone',
    status: 'warn',
    says: '2 versions of the reviewers directory are on record; put back what has gone, and give it until or revoked',
  });
  const first = (await store.configurations())[0]!;
  const since = `is gone since the version that was loaded at ${first.at}`;
  expect(check.mend).toEqual([`the key ana-1 of ana ${since}`, `bo ${since}`]);

  write({
    people: [
      { name: 'ana', keys: [{ ...KEY, revoked: '2026-11-30T00:00:00Z' }] },
      { name: 'bo' },
      { name: 'cy' },
    ],
  });
  expect(await checkGone(config())).toEqual({
    name: 'gone',
    status: 'ok',
    says: '2 versions of the reviewers directory are on record, and nothing has gone from it',
  });
  expect((await checkGone(config({ COUNTERSIGN_REVIEWERS: '' }))).mend).toEqual([
    expect.stringMatching(/^the whole directory is gone since .*: name it in COUNTERSIGN_REVIEWERS$/),
  ]);
  await directory.close();
  await loads.close();
});

it('nothing is on record yet', async () => {
  expect(await checkGone(readConfig({ HOME: folder, COUNTERSIGN_DATA: data }))).toEqual({
    name: 'gone',
    status: 'ok',
    says: '0 versions of the reviewers directory are on record, and nothing has gone from it',
  });
});
