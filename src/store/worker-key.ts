/** The key that this worker signs permits, receipts and assessments with: made in the data directory at first use, or configured. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Config } from '../config';
import { messageOf } from '../domain/message';
import { generateKey } from '../signing';
import { openOwnKey, ownKey, type OwnKey } from '../signing/own-key';
import { makeDirectory } from './directory';
import type { EffectStore } from './effects';

/**
 * Its public half is added to the store, where whoever verifies finds it.
 * @param note is told where the key lasts no longer than the worker
 * @throws KeyFileError where a key is configured and cannot be used; Error where the store does not take it
 */
export async function openWorkerKey(
  { workerKey, dataDir }: Pick<Config, 'workerKey' | 'dataDir'>,
  store: Pick<EffectStore, 'addWorkerKey'>,
  note: (text: string) => void,
): Promise<OwnKey> {
  const key = workerKey === undefined ? made(dataDir, note) : openOwnKey(workerKey);
  const from = new Date().toISOString();
  await store.addWorkerKey({ id: key.id, public: key.public, name: hostname(), from });
  publish(dataDir, key);
  return key;
}

/**
 * The public halves of all keys that this directory has had, for whoever checks permits: a worker that the action `remote` calls reads
 * them there, or has a copy.
 */
function publish(dataDir: string, { id, public: key }: OwnKey): void {
  const file = path.join(dataDir, 'worker.pub.json');
  try {
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { id: string }[]) : [];
    if (known.some((one) => one.id === id)) return;
    const draft = `${file}.${randomUUID()}`;
    const keys = [...known, { id, public: key }];
    writeFileSync(draft, `${JSON.stringify(keys, undefined, 2)}\n`, { flush: true });
    renameSync(draft, file);
  } catch {
    // The store has them, too; a directory that takes no file is told of where it matters.
  }
}

function made(dataDir: string, note: (text: string) => void): OwnKey {
  const file = path.join(dataDir, 'worker.key.pem');
  try {
    makeDirectory(dataDir);
    return openOwnKey(file);
  } catch (error) {
    // A key that is there and cannot be used is told; one that cannot be made is made for this time.
    if (error instanceof Error && error.name === 'KeyFileError') throw error;
    note(
      `no worker key can be kept at ${file}: ${messageOf(error)}; this worker signs with one that ends with it. ` +
        'Set COUNTERSIGN_WORKER_KEY to a key that stays, as `countersign keygen` makes one',
    );
    return ownKey(generateKey().private);
  }
}
