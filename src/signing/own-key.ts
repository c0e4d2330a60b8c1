/** A key of a process's own: made at first use, readable by its owner alone, and told apart by what its public half is. */
import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { generateKey, readPrivateKey } from '../signing';

export interface OwnKey {
  /** As its file says; else the first 16 hex characters of the SHA-256 of the public half's 32 bytes. */
  readonly id: string;
  /** 32 bytes in base64. */
  readonly public: string;
  /** Ed25519 over the text's UTF-8 bytes, in base64. */
  readonly sign: (text: string) => string;
}

/** @throws KeyFileError where it is there and cannot be used */
export function openOwnKey(path: string): OwnKey {
  if (!existsSync(path)) makeKeyFile(path);
  const { privateKeyPem, keyId } = readPrivateKey(path);
  return ownKey(privateKeyPem, keyId);
}

/** @param privateKeyPem PKCS #8, Ed25519, not encrypted */
export function ownKey(privateKeyPem: string, keyId?: string): OwnKey {
  const privateKey = createPrivateKey(privateKeyPem);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const raw = Buffer.from(x, 'base64url');
  return {
    id: keyId ?? createHash('sha256').update(raw).digest('hex').slice(0, 16),
    public: raw.toString('base64'),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64'),
  };
}

/** Of processes that start at once, one makes it. In containers they all have the same process id. */
export function makeKeyFile(path: string): void {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, generateKey().private, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
