/** What doctor says of the keys that workers sign with, and of workers that do not know of each other's effects. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../src/config';
import { checkKeys, unshared } from '../../src/doctor/workers';
import { generateKey } from '../../src/signing';
import { openStore } from '../../src/store';
import { openWorkerKey } from '../../src/store/worker-key';

const directory = mkdtempSync(path.join(tmpdir(), 'countersign-doctor-keys-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let nth = 0;
let data: string;
beforeEach(() => {
  data = path.join(directory, String(++nth));
});

const config = (more: Record<string, string> = {}) =>
  readConfig({ HOME: directory, COUNTERSIGN_DATA: data, ...more });
const file = (name: string, text: string, mode = 0o600) => {
  const there = path.join(directory, `${String(nth)}-${name}`);
  writeFileSync(there, text, { mode });
  return there;
};
const reviewers = (more: object) =>
  file('reviewers.yaml', JSON.stringify({ people: [{ name: 'ana' }], ...more }));
const started = async () => {
  const store = await openStore(config());
  const key = await openWorkerKey(config(), store, { deployment: 'd', note: () => undefined });
  await store.close();
  return key;
};

test('before the first start there is none, and none is made by looking', async () => {
  const says =
    'worker keys believed: 0 in the store, as nobody lists any; a worker makes its own at its first start';
  expect(await checkKeys(config())).toEqual({ name: 'keys', status: 'ok', says });
  expect(await checkKeys(config())).toMatchObject({ says });
});

test('those of the store are believed, and where decisions are signed that is a warning', async () => {
  const { id } = await started();
  const says = `worker keys believed: 1 in the store, as nobody lists any; this worker’s is ${id}`;
  expect(await checkKeys(config())).toMatchObject({ status: 'ok', says });
  const COUNTERSIGN_REVIEWERS = reviewers({
    people: [{ name: 'ana', keys: [{ id: 'a', public: generateKey().public }] }],
  });
  expect(await checkKeys(config({ COUNTERSIGN_REVIEWERS }))).toMatchObject({
    status: 'warn',
    says,
    mend: ['list them under workers in the file that COUNTERSIGN_REVIEWERS names'],
  });
});

test('listed ones are counted; a worker that is not among them does not start', async () => {
  const { id, public: key } = await started();
  const listed = (...keys: object[]) => ({
    COUNTERSIGN_REVIEWERS: reviewers({ workers: [{ name: 'countersign', keys }] }),
  });
  expect(await checkKeys(config(listed({ id, public: key })))).toMatchObject({
    status: 'ok',
    says: `1 keys of workers are listed in the directory; this worker’s is ${id}`,
  });
  expect(await checkKeys(config(listed({ id: 'other', public: generateKey().public })))).toMatchObject({
    status: 'fail',
    says: expect.stringContaining(`this worker's key ${id} is none of theirs; add it there`),
  });
  const ended = { id, public: key, revoked: '2026-01-01T00:00:00.000Z' };
  expect(await checkKeys(config(listed(ended)))).toMatchObject({ status: 'fail' });
});

test('a key that is configured and cannot be used is told', async () => {
  const check = await checkKeys(config({ COUNTERSIGN_WORKER_KEY: path.join(directory, 'not-there.pem') }));
  expect(check).toMatchObject({ status: 'fail', says: expect.stringContaining('is not there') });
});

test.each<[string, string | undefined, string[], boolean]>([
  ['one machine, an embedded store', undefined, ['1@a'], false],
  ['two processes of one machine', undefined, ['1@a', '2@a'], false],
  ['two machines, an embedded store', undefined, ['1@a', '1@b'], true],
  ['two machines, one PostgreSQL', 'postgresql://db/audit', ['1@a', '1@b'], false],
])('%s', (_, store, identities, warned) => {
  const said = unshared({ store }, identities);
  if (warned) expect(said).toMatch(/^workers of 2 machines poll, and the store is an embedded one/);
  else expect(said).toBeUndefined();
});
