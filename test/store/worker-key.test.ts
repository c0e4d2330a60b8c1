/** The worker's own key: made, kept, replaced, lost, taken by somebody; and what a receipt that it signed says afterwards. */
import { fork } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashOf, receiptText, type WorkerKey } from '../../src/domain/permit';
import { permitCheck } from '../../src/permit';
import { believedKeys, ownKeyFault, receiptHolds, type Workers } from '../../src/providers/worker-keys';
import { generateKey, privateKeyFile } from '../../src/signing';
import { ownKey, type OwnKey } from '../../src/signing/own-key';
import { openWorkerKey } from '../../src/store/worker-key';
import { memoryStore } from '../../src/testing';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const directory = mkdtempSync(path.join(tmpdir(), 'countersign-worker-key-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let nth = 0;
let dataDir: string;
let store = memoryStore();
let notes: string[];
beforeEach(() => {
  dataDir = path.join(directory, String(++nth));
  store = memoryStore();
  notes = [];
});
const open = (workerKey?: string) =>
  openWorkerKey({ workerKey, dataDir }, store, { deployment: 'orders', note: (text) => notes.push(text) });
const made = () => path.join(dataDir, 'worker.key.pem');
const published = () =>
  JSON.parse(readFileSync(path.join(dataDir, 'worker.pub.json'), 'utf8')) as {
    deployment: string;
    keys: WorkerKey[];
  };

const EFFECT = { key: 'a'.repeat(64), digest: 'b'.repeat(64), result: { paid: true } };
const receiptBy = (key: Pick<OwnKey, 'id' | 'sign'>) => {
  const said = {
    effectKey: EFFECT.key,
    digest: EFFECT.digest,
    result: hashOf(EFFECT.result),
    signer: key.id,
  };
  return { ...said, value: key.sign(receiptText(said)) };
};
const holds = async (key: Pick<OwnKey, 'id' | 'sign'>, listed?: Workers) =>
  receiptHolds(await believedKeys(listed, store), receiptBy(key), EFFECT, NOW);

describe('made', () => {
  test('at first use, for its owner alone; the same one from then on', async () => {
    const key = await open();
    expect(statSync(made()).mode & 0o777).toBe(0o600);
    expect(key.id).toMatch(/^[0-9a-f]{16}$/);
    expect((await open()).id).toBe(key.id);
    expect(await store.workerKeys()).toMatchObject([{ id: key.id, public: key.public }]);
    expect(published()).toEqual({ deployment: 'orders', keys: [{ id: key.id, public: key.public }] });
    expect(notes).toEqual([]);
  });

  test('its public half is what a worker of one’s own checks permits with', async () => {
    await open();
    expect(() => permitCheck(published())).not.toThrow();
  });

  test('of workers that start at once in one directory, one makes it', async () => {
    const script = path.join(__dirname, '../support/key-maker.ts');
    const options = { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] as never };
    const ids = await Promise.all(
      Array.from({ length: 4 }, () => {
        const child = fork(script, [dataDir], options);
        return new Promise<unknown>((resolve, reject) => {
          child.once('message', resolve);
          child.once('exit', (code) => reject(new Error(`it ended with ${String(code)}`)));
        });
      }),
    );
    expect(new Set(ids)).toEqual(new Set([(await open()).id]));
  }, 120_000);

  test('where the directory takes no file, for this time, and that is said', async () => {
    writeFileSync(path.join(directory, `file-${String(nth)}`), '');
    dataDir = path.join(directory, `file-${String(nth)}`, 'data');
    const [one, other] = [await open(), await open()];
    expect(one.id).not.toBe(other.id);
    expect(notes).toEqual(
      Array(2).fill(
        expect.stringMatching(
          /^no worker key can be kept at .*worker\.key\.pem: .*Set COUNTERSIGN_WORKER_KEY/,
        ),
      ),
    );
    expect(await holds(one)).toBe(true);
  });
});

describe('configured', () => {
  const file = (text: string, mode = 0o600) => {
    const name = path.join(directory, `configured-${String(nth)}.pem`);
    writeFileSync(name, text);
    chmodSync(name, mode);
    return name;
  };

  test('one of `countersign keygen`, by the id that it says', async () => {
    const pair = generateKey();
    const key = await open(file(privateKeyFile({ privateKeyPem: pair.private, keyId: 'orders-2026' })));
    expect([key.id, key.public]).toEqual(['orders-2026', pair.public]);
    expect(existsSync(made())).toBe(false);
    expect(await holds(key)).toBe(true);
  });

  test.each<[string, () => string, string]>([
    ['that others may read', () => file(generateKey().private, 0o644), 'TOO_OPEN'],
    ['that is none', () => file('no key'), 'NOT_A_KEY'],
    ['that is not there', () => path.join(directory, 'no-key.pem'), 'UNREADABLE'],
  ])('one %s is refused, and none is made in its place', async (_, name, code) => {
    await expect(open(name())).rejects.toMatchObject({ code });
    expect(existsSync(made())).toBe(false);
    expect(await store.workerKeys()).toEqual([]);
  });

  test('one under the id of another key is refused', async () => {
    const named = () => file(privateKeyFile({ privateKeyPem: generateKey().private, keyId: 'w-1' }));
    await open(named());
    await expect(open(named())).rejects.toThrow('the worker key id w-1 belongs to another key in the store');
  });
});

describe('replaced, or lost: the next start makes another', () => {
  let old: OwnKey;
  let fresh: OwnKey;
  beforeEach(async () => {
    old = await open();
    renameSync(made(), `${made()}.old`);
    fresh = await open();
  });
  const listed = (...keys: WorkerKey[]): Workers => ({ workers: [{ name: 'countersign', keys }] });
  const entry = ({ id, public: key }: OwnKey, more: Partial<WorkerKey> = {}): WorkerKey => ({
    id,
    public: key,
    ...more,
  });

  test('both are known: in the store, and to whoever checks permits', async () => {
    expect(fresh.id).not.toBe(old.id);
    expect(new Set((await store.workerKeys()).map(({ id }) => id))).toEqual(new Set([old.id, fresh.id]));
    expect(published().keys.map(({ id }) => id)).toEqual([old.id, fresh.id]);
  });

  test.each<[string, () => Workers | undefined, { old: boolean; fresh: boolean }]>([
    ['nobody lists workers: the store’s are believed', () => undefined, { old: true, fresh: true }],
    ['the directory lists both', () => listed(entry(old), entry(fresh)), { old: true, fresh: true }],
    [
      'the directory says until when the old one was used',
      () => listed(entry(old, { until: '2026-01-01T00:00:00.000Z' }), entry(fresh)),
      { old: true, fresh: true },
    ],
    [
      'the directory says that somebody else may have had the old one',
      () => listed(entry(old, { revoked: '2026-11-01T00:00:00.000Z' }), entry(fresh)),
      { old: false, fresh: true },
    ],
    ['the directory has the fresh one alone', () => listed(entry(fresh)), { old: false, fresh: true }],
    ['the directory has the old one still', () => listed(entry(old)), { old: true, fresh: false }],
    ['the directory lists none', () => ({ workers: [] }), { old: false, fresh: false }],
    [
      'another key stands under the fresh one’s id',
      () => listed(entry(fresh, { public: generateKey().public })),
      { old: false, fresh: false },
    ],
  ])('%s', async (_, directoryNow, expected) => {
    const workers = directoryNow();
    expect({ old: await holds(old, workers), fresh: await holds(fresh, workers) }).toEqual(expected);
  });

  test('a worker whose key the directory does not list is told what to add; one that is listed is well', () => {
    expect(ownKeyFault(undefined, fresh, NOW)).toBeUndefined();
    expect(ownKeyFault(listed(entry(fresh)), fresh, NOW)).toBeUndefined();
    expect(ownKeyFault(listed(entry(old)), fresh, NOW)).toBe(
      `the directory lists workers, and this worker's key ${fresh.id} is none of theirs; ` +
        `add it there under workers: { id: ${fresh.id}, public: ${fresh.public} }`,
    );
    const ended = entry(fresh, { until: '2026-01-01T00:00:00.000Z' });
    expect(ownKeyFault(listed(ended), fresh, NOW)).toContain('was valid until');
    const taken = entry(fresh, { revoked: '2026-01-01T00:00:00.000Z' });
    expect(ownKeyFault(listed(taken), fresh, NOW)).toContain('was revoked at');
  });
});

test.each<[string, (receipt: ReturnType<typeof receiptBy>) => ReturnType<typeof receiptBy>]>([
  ['another effect’s key', (one) => ({ ...one, effectKey: 'c'.repeat(64) })],
  ['another digest', (one) => ({ ...one, digest: 'c'.repeat(64) })],
  ['another result', (one) => ({ ...one, result: 'c'.repeat(64) })],
  ['a hash of a directory that did not stand there', (one) => ({ ...one, directory: 'c'.repeat(64) })],
  ['another signer', (one) => ({ ...one, signer: 'other' })],
  ['another value', (one) => ({ ...one, value: ownKey(generateKey().private).sign('x') })],
])('a receipt with %s is none', async (_, change) => {
  const key = await open();
  const believed = await believedKeys(undefined, store);
  expect(receiptHolds(believed, receiptBy(key), EFFECT, NOW)).toBe(true);
  expect(receiptHolds(believed, change(receiptBy(key)), EFFECT, NOW)).toBe(false);
});
