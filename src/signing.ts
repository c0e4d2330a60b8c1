/**
 * Signing where the reviewer is: keys are made, read and used on their machine alone, and whatever leaves it is signed. Not in
 * the client, which has no key and needs none.
 */
import { createPrivateKey, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Decision } from './domain/gate/decision';
import { isId } from './domain/proposal';
import {
  decisionText,
  LONGEST_LIFE,
  LONGEST_VOUCH,
  vouchText,
  type Vouch,
  type Where,
} from './domain/gate/signature';

export interface KeyPair {
  /** 32 bytes in base64, as the reviewers directory takes it. */
  readonly public: string;
  /** PKCS #8 in PEM. A secret. */
  readonly private: string;
}

export function generateKey(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return {
    public: Buffer.from(x, 'base64url').toString('base64'),
    private: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

export interface Signing {
  /** As the reviewers directory calls the key. */
  readonly keyId: string;
  /** PKCS #8 in PEM, not encrypted. */
  readonly privateKeyPem: string;
  readonly issued: Date;
  /** The server must have received the decision before; at most 24 hours after `issued`. */
  readonly expires: Date;
}

/**
 * The decision with its signature, in place of one that it may have. It counts as it is, and nowhere else.
 * @throws RangeError where its times would not be taken; KeyFileError NOT_A_KEY
 */
export function sign(
  decision: Decision,
  where: Where,
  { keyId, privateKeyPem, issued, expires }: Signing,
): Decision {
  const life = expires.getTime() - issued.getTime();
  if (!(life > 0 && life <= LONGEST_LIFE))
    throw new RangeError('a signature expires after it is issued, and within 24 hours');
  const said = { key: keyId, issued: issued.toISOString(), expires: expires.toISOString() };
  const value = signed(decisionText(where, decision, said), privateKeyPem);
  return { ...decision, signature: { ...said, value } };
}

/**
 * The decision with a front door's vouch for its reviewer, in place of one that it may have.
 * @throws RangeError where its times would not be taken; KeyFileError NOT_A_KEY
 */
export function vouch(
  decision: Decision,
  where: Where,
  words: Omit<Vouch, 'value'>,
  privateKeyPem: string,
): Decision {
  const life = Date.parse(words.expires) - Date.parse(words.issued);
  if (!(life > 0 && life <= LONGEST_VOUCH))
    throw new RangeError('a vouch expires after it is issued, and within 5 minutes');
  const value = signed(vouchText(where, decision, words), privateKeyPem);
  return { ...decision, vouch: { ...words, value } };
}

/** Ed25519 over the UTF-8 bytes of a text, in base64. @throws KeyFileError NOT_A_KEY */
export function signed(text: string, privateKeyPem: string): string {
  return signBytes(null, Buffer.from(text, 'utf8'), keyOf(privateKeyPem)).toString('base64');
}

/** Why a file gave no key. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  constructor(
    readonly code: 'UNREADABLE' | 'TOO_OPEN' | 'NOT_A_KEY' | 'ENCRYPTED' | 'WRONG_PASSPHRASE',
    message: string,
  ) {
    super(message);
  }
}

export interface PrivateKeyFile {
  /** PKCS #8 in PEM, not encrypted any more. */
  readonly privateKeyPem: string;
  /** The key's id, where the file says it, as those of `countersign keygen` do. */
  readonly keyId?: string;
}

/** Before the PEM block stands text that every reader of PEM passes over. */
const KEY_ID = 'Countersign-Key-Id: ';

export function privateKeyFile({ privateKeyPem, keyId }: Required<PrivateKeyFile>): string {
  return `${KEY_ID}${keyId}\n${privateKeyPem}`;
}

/** Bits that let the group or others at the file. */
const OTHERS = 0o077;

/**
 * @param passphrase of an encrypted key
 * @throws KeyFileError; ENCRYPTED where a passphrase is needed and there is none
 */
export function readPrivateKey(path: string, passphrase?: string): PrivateKeyFile {
  const text = ownText(path);
  if (
    passphrase === undefined &&
    /^-----BEGIN ENCRYPTED PRIVATE KEY-----$|^Proc-Type: 4,ENCRYPTED$/m.test(text)
  )
    throw new KeyFileError('ENCRYPTED', `the key ${path} is encrypted, and there is no passphrase`);
  const key = keyOf(text, path, passphrase);
  const keyId = text
    .split('\n')
    .find((line) => line.startsWith(KEY_ID))
    ?.slice(KEY_ID.length)
    .trim();
  return {
    privateKeyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ...(isId(keyId) ? { keyId } : {}),
  };
}

/** What is checked is what is read: one open file, whatever its name points to in between. */
function ownText(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { mode } = fstatSync(file);
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new KeyFileError(
        'TOO_OPEN',
        `the key ${path} is open to others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}); chmod 600 it, or make a new one if somebody may have read it`,
      );
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read: ${message}`;
    throw new KeyFileError('UNREADABLE', `the key ${path} ${why}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function keyOf(pem: string, path?: string, passphrase?: string): KeyObject {
  const what = path === undefined ? 'the private key' : `the key ${path}`;
  const key = privateKey(pem, what, passphrase);
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new KeyFileError('NOT_A_KEY', `${what} is no Ed25519 key, but ${key.asymmetricKeyType ?? 'another'}`);
}

/** What OpenSSL says of a key is not repeated: it may hold parts of it. */
function privateKey(pem: string, what: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    if (passphrase !== undefined && pem.includes('ENCRYPTED'))
      throw new KeyFileError('WRONG_PASSPHRASE', `the passphrase does not open ${what}`);
    throw new KeyFileError('NOT_A_KEY', `${what} is no private key in PEM`);
  }
}
