/** The key that signs checkpoints, and those that tell whether one was signed: beside the checkpoints, or where it is configured. */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { SignatureCheck } from '../domain/checkpoint';
import { KeyFileError, readPrivateKey } from '../signing';
import { makeKeyFile } from '../signing/own-key';

export interface Signer {
  /** The key's id. */
  readonly key: string;
  readonly sign: (text: string) => string;
}

/**
 * Made at first use, readable by its owner alone; its public key is added to `publicPath`.
 * @throws KeyFileError where it is there and cannot be used
 */
export function openSigner(path: string, publicPath: string): Signer {
  if (!existsSync(path)) makeKeyFile(path);
  const privateKey = createPrivateKey(readPrivateKey(path).privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  const key = keyId(publicKey);
  if (!publicKeys(publicPath).has(key))
    appendFileSync(publicPath, publicKey.export({ format: 'pem', type: 'spki' }));
  return { key, sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64') };
}

/** The first 16 hex characters of the SHA-256 of its 32 bytes. */
function keyId(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' });
  return createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex').slice(0, 16);
}

/** @param path PEM, one key after the other; without the file there are none */
export function signatureCheck(path: string): SignatureCheck {
  const keys = publicKeys(path);
  return (key, text, signature) => {
    const found = keys.get(key);
    return found && verify(null, Buffer.from(text, 'utf8'), found, Buffer.from(signature, 'base64'));
  };
}

function publicKeys(path: string): Map<string, KeyObject> {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  return new Map(
    blocks.map((block) => {
      const key = publicKey(block, path);
      return [keyId(key), key];
    }),
  );
}

function publicKey(pem: string, path: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // said below
  }
  throw new KeyFileError('NOT_A_KEY', `${path} holds what is no public Ed25519 key in PEM`);
}
