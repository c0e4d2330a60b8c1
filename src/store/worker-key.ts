/** The key that this worker signs permits, receipts and assessments with: made in the data directory at first use, or configured. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Config } from '../config';
import { messageOf } from '../domain/message';
import { generateKey, readPrivateKey } from '../signing';
import { openOwnKey, ownKey, type OwnKey } from '../signing/own-key';
import { makeDirectory } from './directory';
import type { EffectStore } from './effects';

/**
 * Its public half is added to the store, where whoever verifies finds it.
 * @param deployment that its permits name
 * @param note is told where the key lasts no longer than the worker
 * @throws KeyFileError where a key is configured and cannot be used; Error where the store does not take it
 */
export async function openWorkerKey(
  { workerKey, dataDir }: Pick<Config, 'workerKey' | 'dataDir'>,
  store: Pick<EffectStore, 'addWorkerKey'>,
  { deployment, note }: { readonly deployment: string; readonly note: (text: string) => void },
): Promise<OwnKey> {
  const key = workerKey === undefined ? made(dataDir, note) : configured(workerKey);
  const from = new Date().toISOString();
  await store.addWorkerKey({ id: key.id, public: key.public, name: hostname(), from });
  publish(dataDir, key, deployment);
  return key;
}

/**
 * The key that a worker would start with; undefined where it would make one. Makes none.
 * @throws KeyFileError where it cannot be used
 */
export function keyAtStart(config: Pick<Config, 'workerKey' | 'dataDir'>): OwnKey | undefined {
  const file = workerKeyPath(config);
  return config.workerKey === undefined && !existsSync(file) ? undefined : configured(file);
}

/** The file of the key that a worker signs with, whether or not it is there. */
export const workerKeyPath = ({ workerKey, dataDir }: Pick<Config, 'workerKey' | 'dataDir'>) =>
  workerKey ?? path.join(dataDir, 'worker.key.pem');

interface Published {
  readonly deployment: string;
  readonly keys: readonly { readonly id: string; readonly public: string }[];
}

/**
 * What whoever checks permits is configured with: the deployment, and the public halves of all keys that this directory has had. A worker
 * that the action `remote` calls reads them there, or has a copy.
 */
function publish(dataDir: string, { id, public: key }: OwnKey, deployment: string): void {
  const file = path.join(dataDir, 'worker.pub.json');
  try {
    const there = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Published) : undefined;
    const keys = there?.keys ?? [];
    const known = keys.some((one) => one.id === id && one.public === key);
    if (known && there?.deployment === deployment) return;
    const draft = `${file}.${randomUUID()}`;
    const told: Published = { deployment, keys: known ? keys : [...keys, { id, public: key }] };
    writeFileSync(draft, `${JSON.stringify(told, undefined, 2)}\n`, { flush: true });
    renameSync(draft, file);
  } catch {
    // The store has them, too; a directory that takes no file is told of where it matters.
  }
}

/** It has to be there: one that is made in its place, where a mount is missing, would be nobody's that the directory lists. */
function configured(file: string): OwnKey {
  const { privateKeyPem, keyId } = readPrivateKey(file);
  return ownKey(privateKeyPem, keyId);
}

function made(dataDir: string, note: (text: string) => void): OwnKey {
  const file = workerKeyPath({ workerKey: undefined, dataDir });
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
