/**
 * The keys of workers: this worker's own, which signs permits, receipts and assessments, and those whose receipts count. Where the
 * directory lists `workers`, those alone count; else those that the store knows, which are believed.
 */
import { verify } from 'node:crypto';
import { receiptText, workerKeyFault, hashOf, type EffectReceipt, type WorkerKey } from '../domain/permit';
import type { Json } from '../domain/json';
import { publicKey } from './reviewers/public-key';

/** This worker's own key, with which it signs. */
export interface OwnWorkerKey {
  readonly id: string;
  /** 32 bytes in base64. */
  readonly public: string;
  /** Ed25519 over the text's UTF-8 bytes, in base64. */
  readonly sign: (text: string) => string;
}

/** What of a directory matters here. */
export interface Workers {
  readonly people?: unknown;
  readonly workers?: readonly { readonly name: string; readonly keys: readonly WorkerKey[] }[] | undefined;
}

/** What of the store matters here. */
export interface KnownKeys {
  workerKeys(): Promise<readonly { readonly id: string; readonly public: string }[]>;
}

export interface Believed {
  readonly keys: readonly WorkerKey[];
  /** `store`: nobody but the store says that they are workers'. */
  readonly by: 'directory' | 'store';
}

export async function believedKeys(directory: Workers | undefined, store: KnownKeys): Promise<Believed> {
  const listed = directory?.workers;
  if (listed !== undefined) return { keys: listed.flatMap(({ keys }) => keys), by: 'directory' };
  const stored = await store.workerKeys();
  return { keys: stored.map(({ id, public: key }) => ({ id, public: key })), by: 'store' };
}

/** Why the worker's own key counts for nothing now; undefined where it counts. */
export function ownKeyFault(
  directory: Workers | undefined,
  own: Pick<OwnWorkerKey, 'id' | 'public'>,
  now: number,
): string | undefined {
  const listed = directory?.workers?.flatMap(({ keys }) => keys);
  if (listed === undefined) return undefined;
  const key = listed.find(({ id, public: known }) => id === own.id && known === own.public);
  if (key === undefined)
    return (
      `the directory lists workers, and this worker's key ${own.id} is none of theirs; ` +
      `add it there under workers: { id: ${own.id}, public: ${own.public} }`
    );
  return workerKeyFault(key, now, now)?.message;
}

/** What a receipt has to be of. */
export interface Receipted {
  readonly key: string;
  readonly digest: string;
  readonly result: Json;
}

/**
 * Whether a receipt is a worker's, of this effect and this result. It names no time: a key that was replaced in order goes on counting
 * for what it signed, one that was revoked counts for nothing.
 */
export function receiptHolds(
  { keys }: Pick<Believed, 'keys'>,
  receipt: EffectReceipt,
  { key, digest, result }: Receipted,
  now: number,
): boolean {
  if (receipt.effectKey !== key || receipt.digest !== digest || receipt.result !== hashOf(result))
    return false;
  const text = Buffer.from(receiptText(receipt), 'utf8');
  const value = Buffer.from(receipt.value, 'base64');
  return keys.some(
    (one) =>
      one.id === receipt.signer &&
      workerKeyFault(one, now, undefined) === undefined &&
      signed(one, text, value),
  );
}

function signed(key: WorkerKey, text: Buffer, value: Buffer): boolean {
  try {
    return verify(null, text, publicKey(key.public), value);
  } catch {
    return false; // a key that is none
  }
}
