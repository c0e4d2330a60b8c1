/**
 * Signing a start where the requester is, or at the door that knows who asks. The gate then says that the requester is proven, and
 * rules may go by it.
 */
import { createPrivateKey, sign as signBytes, type KeyObject } from 'node:crypto';
import { inputHashOf, startText, type SignedStart, type StartProof } from './domain/start-proof';

/** Where the workflow is to be started: under which id, as which type. */
export type StartedAs = Omit<SignedStart, 'inputHash' | 'requester'>;

export interface StartSigning {
  readonly by: StartProof['by'];
  /** As the reviewers directory lists it under `requesters`, or `doors`. */
  readonly name: string;
  /** As the directory calls the key. */
  readonly keyId: string;
  /** PKCS #8 in PEM, not encrypted. */
  readonly privateKeyPem: string;
  readonly issued: Date;
  /** The server must have started the workflow before. */
  readonly expires: Date;
}

/**
 * The argument with `v` and its proof, in place of one that it may have: to be started as it is, under that workflow id. Another
 * field, another id or another type, and it proves nothing.
 * @throws RangeError where its times would not be taken, or the key is no Ed25519 key
 */
export function signStart<Argument extends { readonly requester: string }>(
  argument: Argument,
  { deployment, namespace, workflowId, type }: StartedAs,
  { by, name, keyId, privateKeyPem, issued, expires }: StartSigning,
): Argument & { readonly v: 1; readonly proof: StartProof } {
  if (!(issued.getTime() < expires.getTime()))
    throw new RangeError('the proof of a start expires after it is issued');
  // As it will be on the wire: a key that is undefined is a key that is not there.
  const wire = JSON.parse(JSON.stringify({ ...argument, v: 1 })) as Argument & { readonly v: 1 };
  const said = { by, name, key: keyId, issued: issued.toISOString(), expires: expires.toISOString() };
  const { requester } = wire;
  const start = { deployment, namespace, workflowId, type, inputHash: inputHashOf(wire), requester };
  const text = Buffer.from(startText(start, said), 'utf8');
  const value = signBytes(null, text, ed25519(privateKeyPem)).toString('base64');
  return { ...wire, proof: { ...said, value } };
}

/** What OpenSSL says of a key is not repeated: it may hold parts of it. */
function ed25519(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    key = undefined;
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new RangeError('privateKeyPem is no Ed25519 private key in PEM');
}
