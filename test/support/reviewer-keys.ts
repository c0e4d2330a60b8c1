/** Reviewers' keys that are the same at every run. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export interface TestKey {
  /** 32 bytes in base64. */
  readonly public: string;
  /** PKCS #8. */
  readonly pem: string;
  readonly key: KeyObject;
}

/** What stands before the 32 secret bytes in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param seed 0 to 255: another key for each */
export function testKey(seed: number): TestKey {
  const der = Buffer.concat([PKCS8, Buffer.alloc(32, seed)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    key,
    pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    public: Buffer.from(x, 'base64url').toString('base64'),
  };
}
