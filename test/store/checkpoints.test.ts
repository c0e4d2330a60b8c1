/** Checkpoints as workers write them: durable, signed, one file a worker, and nothing that a worker stored goes untold. */
import { spawn } from 'node:child_process';
import { createPublicKey, verify as verifyBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonical, sha256Hex } from '../../src/domain/digest';
import type { AuditStore } from '../../src/store/audit-store';
import { openWorkerStore } from '../../src/store';
import { checkpointFiles, publicKeyPath, readCheckpoints } from '../../src/store/checkpoint-log';
import { signatureCheck } from '../../src/store/checkpoint-key';
import { checkpointed } from '../../src/store/checkpoints';
import { openLibsqlStore } from '../../src/store/libsql';
import { entry } from '../support/appender';

let directory: string;
let notes: string[];
const open: AuditStore[] = [];

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'countersign checkpoints-'));
  notes = [];
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close().catch(() => undefined);
  rmSync(directory, { recursive: true });
});

const config = (more: { path?: string; key?: string; entries?: number; seconds?: number } = {}) => ({
  store: undefined,
  dataDir: directory,
  checkpoints: { path: undefined, key: undefined, entries: 1_000, seconds: 60, ...more },
});

async function worker(more: Parameters<typeof config>[0] = {}): Promise<AuditStore> {
  const store = await openWorkerStore(config(more), (text) => notes.push(text));
  open.push(store);
  return store;
}

const FIRST = () => path.join(directory, 'checkpoints.jsonl');
interface Line {
  seq: number;
  kind: string;
  changed: [string, string, number, string, number][];
  loaded?: [string, string];
  chains: number;
  entries: number;
  root: string;
  prev: string;
  key: string;
  signature: string;
}
const lines = (file = FIRST()): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const said = (file?: string) =>
  lines(file).map(({ kind, changed }) =>
    `${kind} ${changed.map(([id, , seq]) => `${id}:${seq}`).join(' ')}`.trim(),
  );

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 500)
      throw new Error(`it did not come: ${existsSync(FIRST()) ? said().join('; ') : 'no file'}`);
    await sleep(10);
  }
}

test('a worker tells that it begins, what it stored, and that it ends', async () => {
  const store = await worker();
  expect(said()).toEqual(['start']);
  await store.append([entry('a', 1), entry('a', 2)]);
  await store.append([entry('b', 1)]);
  await store.append([entry('a', 3)]);
  await store.close();
  expect(said()).toEqual(['start', 'stored a:3 b:1', 'stop']);
  expect(lines().map(({ seq, chains, entries }) => [seq, chains, entries])).toEqual([
    [1, 0, 0],
    [2, 2, 4],
    [3, 2, 4],
  ]);
  expect(notes).toEqual([]);
});

test('each line is signed, holds the hash of the one before, and is read back as it is', async () => {
  const store = await worker({ entries: 1 });
  await store.append([entry('ä\u2028', 1)]);
  await store.close();
  const texts = readFileSync(FIRST(), 'utf8').split('\n').slice(0, -1);
  const key = createPublicKey(readFileSync(publicKeyPath(FIRST())));
  for (const [index, text] of texts.entries()) {
    const { signature, ...line } = JSON.parse(text) as Line;
    expect(text).toBe(canonical({ ...line, signature }));
    expect(line.prev).toBe(index === 0 ? '0'.repeat(64) : sha256Hex(texts[index - 1]!));
    expect(verifyBytes(null, Buffer.from(canonical(line)), key, Buffer.from(signature, 'base64'))).toBe(true);
  }
  const read = await readCheckpoints(FIRST(), signatureCheck(publicKeyPath(FIRST())));
  expect(read).toMatchObject({ torn: false, bytes: statSync(FIRST()).size });
  expect(read.fault).toBeUndefined();
  expect([read.file.lines(), read.file.last()]).toEqual([texts.length, 'stop']);
});

test('so many entries are a checkpoint, at once; fewer are one after a while', async () => {
  const store = await worker({ entries: 3, seconds: 1 });
  await store.append([entry('a', 1), entry('a', 2)]);
  await sleep(200);
  expect(said()).toEqual(['start']);
  await store.append([entry('a', 3)]);
  await until(() => said().length === 2);
  expect(said()).toEqual(['start', 'stored a:3']);
  await store.append([entry('a', 4)]);
  await until(() => said().length === 3);
  expect(said().at(-1)).toBe('stored a:4');
  await sleep(1_200);
  expect(said()).toHaveLength(3); // nothing new, nothing said
});

test('both branches of a fork are told, and what is stored again is not', async () => {
  const store = await worker();
  await store.append([entry('a', 1), entry('a', 2)]);
  const branch = entry('a', 2, { branch: 'branch' });
  await store.append([branch]);
  await store.append([entry('a', 3)]);
  await store.append([entry('a', 1), entry('a', 2)]);
  await store.close();
  const [, stored] = lines();
  expect(stored?.changed.map(([, , seq, hash]) => [seq, hash])).toEqual(
    expect.arrayContaining([
      [2, branch.hash],
      [3, entry('a', 3).hash],
    ]),
  );
  const next = await worker();
  await next.append([entry('a', 3)]);
  await next.close();
  expect(said().slice(3)).toEqual(['start', 'stop']);
});

test('the key is made once, for its owner alone, and the next worker goes on with it and with the file', async () => {
  await (await worker()).close();
  const made = readFileSync(path.join(directory, 'checkpoints.key.pem'), 'utf8');
  expect(statSync(path.join(directory, 'checkpoints.key.pem')).mode & 0o777).toBe(0o600);
  const next = await worker();
  await next.append([entry('a', 1)]);
  await next.close();
  expect(readFileSync(path.join(directory, 'checkpoints.key.pem'), 'utf8')).toBe(made);
  expect(said()).toEqual(['start', 'stop', 'start', 'stored a:1', 'stop']);
  expect(readdirSync(directory).sort()).toEqual([
    'checkpoints.jsonl',
    'checkpoints.jsonl.lock',
    'checkpoints.key.pem',
    'checkpoints.pub.pem',
    'countersign.db',
  ]);
});

test('a key that another container with our process id has not come to make is not in the way', async () => {
  const other = path.join(directory, `checkpoints.key.pem.${String(process.pid)}`);
  writeFileSync(other, '');
  await (await worker({ path: FIRST() })).close();
  expect(said()).toEqual(['start', 'stop']);
  expect(readFileSync(other, 'utf8')).toBe('');
});

test('workers at the same time have files of their own, and none is lost', async () => {
  const workers = await Promise.all(Array.from({ length: 5 }, () => worker()));
  await Promise.all(workers.map((store, n) => store.append([entry(`w${String(n)}`, 1)])));
  await Promise.all(workers.map((store) => store.close()));
  const files = checkpointFiles(FIRST());
  expect(files.map((file) => path.basename(file))).toEqual([
    'checkpoints.jsonl',
    ...[2, 3, 4, 5].map((n) => `checkpoints-${String(n)}.jsonl`),
  ]);
  expect(new Set(files.flatMap((file) => lines(file).map(({ key }) => key))).size).toBe(1);
  const stored = files.flatMap((file) => said(file)).filter((line) => line.startsWith('stored'));
  expect(stored.sort()).toEqual(['stored w0:1', 'stored w1:1', 'stored w2:1', 'stored w3:1', 'stored w4:1']);
});

test('what was in the store before, and what a killed worker did not come to tell, is told as found', async () => {
  const before = await openLibsqlStore(directory);
  await before.append([entry('a', 1), entry('b', 1), entry('b', 1, { branch: 'branch' })]);
  const store = await worker();
  await until(() => said().length === 2);
  expect(said()).toEqual(['start', 'found a:1 b:1 b:1']);
  await store.close();
  await before.append([entry('a', 2), entry('c', 1)]);
  await (await worker()).close();
  await before.close();
  expect(said().slice(3)).toEqual(['start', 'found a:2 c:1', 'stop']);
});

test('a line that was not written to its end is cut off, and the next worker goes on', async () => {
  await (await worker()).close();
  appendFileSync(FIRST(), '{"at":"2026-');
  const read = await readCheckpoints(FIRST(), signatureCheck(publicKeyPath(FIRST())));
  expect(read).toMatchObject({ torn: true });
  await (await worker()).close();
  expect(said()).toEqual(['start', 'stop', 'start', 'stop']);
  expect(notes).toEqual([]);
});

test.each<[string, (text: string) => string, string]>([
  ['was changed', (text) => text.replace('"kind":"start"', '"kind":"found"'), 'is not what the key'],
  ['is no line', () => 'nothing\n', 'is no checkpoint'],
  ['lacks its beginning', (text) => text.slice(text.indexOf('\n') + 1), 'has the number 2, where 1 belongs'],
])('a file that %s is left alone, and the next one is taken', async (_, change, says) => {
  await (await worker()).close();
  const changed = change(readFileSync(FIRST(), 'utf8'));
  writeFileSync(FIRST(), changed);
  await (await worker()).close();
  expect(readFileSync(FIRST(), 'utf8')).toBe(changed);
  expect(notes).toEqual([expect.stringContaining(`line 1 ${says}`)]);
  expect(said(path.join(directory, 'checkpoints-2.jsonl'))).toEqual(['start', 'stop']);
});

test.each<[string, string]>([
  ['was emptied', ''],
  ['holds half a line', '{"at":"2026-'],
])(
  'a file that %s is left alone, as the key beside it was there, and the next one is taken',
  async (_, left) => {
    await (await worker()).close();
    writeFileSync(FIRST(), left);
    await (await worker()).close();
    expect(readFileSync(FIRST(), 'utf8')).toBe(left);
    expect(notes).toEqual([
      expect.stringMatching(/checkpoints\.jsonl is not gone on with.*: holds no whole line/),
    ]);
    expect(said(path.join(directory, 'checkpoints-2.jsonl'))).toEqual(['start', 'stop']);
  },
);

test('an empty file that was made for a worker to come, before there was a key, is gone on with', async () => {
  writeFileSync(FIRST(), '');
  await (await worker()).close();
  expect(said()).toEqual(['start', 'stop']);
  expect(notes).toEqual([]);
});

test.each<[string, string[]]>([
  ['the keys', []],
  ['the public key', ['checkpoints.key.pem']],
  ['the private key', ['checkpoints.pub.pem']],
])('a file that is gone beside %s is begun anew, and that it is gone is said', async (_, gone) => {
  await (await worker()).close();
  for (const one of ['checkpoints.jsonl', ...gone]) rmSync(path.join(directory, one));
  await (await worker()).close();
  expect(notes).toEqual([expect.stringContaining(`${FIRST()}: the file is gone, though the key`)]);
  expect(said()).toEqual(['start', 'stop']);
});

test('of workers that begin at the same time, in a directory that is new, none takes another’s file for gone', async () => {
  await Promise.all((await Promise.all(Array.from({ length: 8 }, () => worker()))).map((one) => one.close()));
  expect(notes).toEqual([]);
});

test('an append that failed is doubted: what is in the store all the same is told', async () => {
  const inner = await openLibsqlStore(directory);
  let lost: 'answer' | 'append' | undefined;
  const store = await checkpointed(
    {
      ...inner,
      async append(records) {
        const answer = lost === 'append' ? {} : await inner.append(records);
        if (lost !== undefined) throw new Error('no answer');
        return answer;
      },
    },
    { path: FIRST(), entries: 1_000, seconds: 1 },
    (text) => notes.push(text),
  );
  lost = 'answer';
  await expect(store.append([entry('a', 1)])).rejects.toThrow('no answer');
  await until(() => said().length === 2);
  lost = 'append';
  await expect(store.append([entry('b', 1)])).rejects.toThrow('no answer');
  await store.close();
  // Not `stop`: it might still come.
  expect(said()).toEqual(['start', 'stored a:1']);
});

test('a file that the worker goes by is told at once, again where another was in between, and with the store’s hash', async () => {
  const at = '2026-03-02T09:00:00.000Z';
  const told = () => lines().flatMap(({ loaded }) => loaded ?? []);
  const store = await worker();
  for (const text of ['one', 'one', 'two', 'one']) await store.configured({ kind: 'rules', text, at });
  await store.configured({ kind: 'directory', text: 'one', at });
  expect(said()).toEqual(['start', 'loaded', 'loaded', 'loaded', 'loaded']);
  expect(told()).toEqual(
    [
      ['rules', 'one'],
      ['rules', 'two'],
      ['rules', 'one'],
      ['directory', 'one'],
    ].flatMap(([kind, text]) => [kind, sha256Hex(text!)]),
  );
  await store.close();
  const next = await worker();
  await next.configured({ kind: 'rules', text: 'one', at });
  await next.configured({ kind: 'rules', text: 'three', at });
  await next.close();
  expect(said().slice(5)).toEqual(['stop', 'start', 'loaded', 'stop']);
  expect(notes).toEqual([]);
});

test('what the store does not take is told of by no line', async () => {
  const store = await worker();
  const forged = { ...entry('a', 1), hash: 'f'.repeat(64) };
  await expect(store.append([entry('b', 1), forged])).rejects.toMatchObject({ code: 'NOT_AN_ENTRY' });
  expect(await store.append([entry('c', 1), entry('a', 2)])).toHaveProperty('missing');
  await store.close();
  expect(said()).toEqual(['start', 'stop']);
});

describe('where they cannot be written', () => {
  test('in a directory that nobody named, the worker runs without, and says so', async () => {
    await (await worker()).close();
    chmodSync(path.join(directory, 'checkpoints.key.pem'), 0o644);
    const store = await worker();
    await store.append([entry('a', 1)]);
    expect(await store.entries('a')).toEqual([entry('a', 1)]);
    expect(notes).toEqual([
      expect.stringMatching(/is open to others.*set COUNTERSIGN_CHECKPOINTS to a path/),
    ]);
  });

  test('where it was named, the worker does not start', async () => {
    writeFileSync(path.join(directory, 'file'), '');
    const named = worker({ path: path.join(directory, 'file', 'checkpoints.jsonl') });
    await expect(named).rejects.toThrow(/no checkpoints can be written to .*file.*; mend it, or set/);
  });

  test('off is off', async () => {
    const store = await openWorkerStore({ ...config(), checkpoints: undefined }, (text) => notes.push(text));
    await store.append([entry('a', 1)]);
    await store.close();
    expect(readdirSync(directory)).toEqual(['countersign.db']);
  });

  test('a disk that is full for a while loses none of it, and is told once', async () => {
    const file = path.join(directory, 'elsewhere', 'own.jsonl');
    const store = await worker({ path: file, seconds: 1 });
    const handle = await openFile(file);
    const prototype = Object.getPrototypeOf(handle) as { appendFile: unknown };
    await handle.close();
    const full = jest.spyOn(prototype as never, 'appendFile' as never).mockImplementation((async (
      text: string,
    ) => {
      appendFileSync(file, text.slice(0, 10));
      throw new Error('ENOSPC: no space left on device');
    }) as never);
    await store.append([entry('a', 1)]);
    await until(() => notes.length > 0);
    expect(notes).toEqual([expect.stringContaining('ENOSPC')]);
    await store.append([entry('b', 1)]);
    full.mockRestore();
    await store.close();
    expect(said(file)).toEqual(['start', 'stored a:1', 'stored b:1', 'stop']);
    expect(readdirSync(path.dirname(file)).sort()).toEqual([
      'own.jsonl',
      'own.jsonl.lock',
      'own.key.pem',
      'own.pub.pem',
    ]);
  });
});

test('a worker that is killed leaves no lock, and its file is gone on with', async () => {
  const script = `
    require('tsx/cjs');
    const { openWorkerStore } = require(${JSON.stringify(path.resolve('src/store/index.ts'))});
    openWorkerStore(${JSON.stringify(config())}, console.error).then(async (store) => {
      await store.append([${JSON.stringify(entry('a', 1))}]);
      console.log('stored');
      setInterval(() => {}, 1000);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(said()).toEqual(['start']);
  await (await worker()).close();
  expect(said()).toEqual(['start', 'start', 'found a:1', 'stop']);
}, 30_000);
