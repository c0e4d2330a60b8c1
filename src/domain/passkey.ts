/**
 * A passkey as a reviewer's key, and what its assertion adds to a signature on the wire. This file knows shapes alone: whether an
 * assertion holds is judged outside of workflow code, in providers/reviewers/passkey.
 */
import { z } from 'zod';
import { Id } from './proposal';

/** Strict: without padding, and the last character's unused bits are zero, so that bytes have one form only. */
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;
/** Strict: with padding, and the last character's unused bits are zero. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

function base64url(least: number, most: number) {
  const error = `must be base64url without padding, of ${String(least)} to ${String(most)} bytes`;
  const characters = (bytes: number) => Math.ceil((bytes * 4) / 3);
  return encodedText(characters(least), characters(most), BASE64URL, error);
}

/** @param most a multiple of three: the number of characters does not tell it from one or two bytes less */
function base64(least: number, most: number) {
  const error = `must be base64 with padding, of ${String(least)} to ${String(most)} bytes`;
  const characters = (bytes: number) => Math.ceil(bytes / 3) * 4;
  return encodedText(characters(least), characters(most), BASE64, error);
}

/** Of the wrong length it is not looked at any further. */
function encodedText(least: number, most: number, form: RegExp, error: string) {
  return z.string().min(least, { error, abort: true }).max(most, { error, abort: true }).regex(form, error);
}

/** What a passkey's assertion adds to a signature; the names are WebAuthn's. */
export const PasskeyFields = z.strictObject({
  authenticatorData: base64url(1, 512),
  clientDataJSON: base64url(1, 3_072),
});
export type PasskeyFields = z.infer<typeof PasskeyFields>;

/** A passkey's signature: a DER sequence (ES256), 64 bytes (Ed25519), or as long as the modulus (RS256). */
export const PasskeyValue = base64(1, 1_026);

/** What is judged of a signature; whatever else stands there is its own business. */
export const PasskeyAssertion = z.object({ ...PasskeyFields.shape, value: PasskeyValue });
export type PasskeyAssertion = Readonly<z.infer<typeof PasskeyAssertion>>;

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** The last label begins with a letter: what ends in a number is an address, for which WebAuthn has no passkeys. */
const HOST = `localhost|(?:${LABEL}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;
const ORIGIN = new RegExp(`^(https?)://(${HOST})(?::([1-9][0-9]{0,4}))?$`);

/** As browsers write it: compared to what they sign, byte for byte. */
const Origin = z
  .string()
  .max(300)
  .regex(
    ORIGIN,
    'must be an origin as browsers write it: https://, a lower-case host, no default port, no path',
  );

/**
 * A passkey among a reviewer's keys. `from`, `until` and `revoked` mean what they mean for a key file; that no credential and no
 * public key stands in a directory twice is the directory's rule.
 */
export const PasskeyEntry = z
  .strictObject({
    /** Named in each signature; a person has each id once. */
    id: Id,
    kind: z.literal('passkey'),
    /** The credential id, by which a page asks the authenticator. */
    credential: base64url(16, 1_023),
    /** SubjectPublicKeyInfo in DER, whose kind of key is that of `alg`. */
    spki: base64(1, 1_200),
    /** COSE: -7 ES256, -8 Ed25519, -257 RS256. */
    alg: z.union([z.literal(-7), z.literal(-8), z.literal(-257)]),
    rpId: z
      .string()
      .max(253)
      .regex(new RegExp(`^(?:${HOST})$`), 'must be a domain in lower case, or localhost'),
    /** Where she may sign. The host is `rpId` or below it. */
    origins: z.array(Origin).min(1).max(20),
    /** As the authenticator said at enrolment: whether the key may leave it. */
    backupEligible: z.boolean(),
    from: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
    revoked: z.iso.datetime().optional(),
  })
  .superRefine(({ origins, rpId }, context) => {
    origins.forEach((origin, nth) => {
      const message = originFault(origin, rpId);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['origins', nth], message });
    });
  });
export type PasskeyEntry = Readonly<z.infer<typeof PasskeyEntry>>;

function originFault(origin: string, rpId: string): string | undefined {
  const [, scheme, host = '', port] = ORIGIN.exec(origin) ?? [];
  if (scheme === undefined) return undefined; // the pattern has refused it
  if (host !== rpId && !host.endsWith(`.${rpId}`)) return `its host is neither ${rpId} nor below it`;
  if (scheme === 'http' && host !== 'localhost') return 'http is for localhost alone; elsewhere it is https';
  if (port === undefined) return undefined;
  if (Number(port) > 65_535) return 'there is no such port';
  return port === (scheme === 'http' ? '80' : '443') ? 'a browser leaves the default port out' : undefined;
}

/** Of authenticatorData of 37 bytes, in base64url: the counter is the last four of them. */
export function signCountIn(authenticatorData: string): number {
  const digits = [...authenticatorData.slice(44, 50)].map((digit) => BASE64URL_DIGITS.indexOf(digit));
  return digits.reduce((sum, digit) => sum * 64 + digit, 0) / 16; // six digits are 36 bits, the last four of them zero
}

const BASE64URL_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Whether a counter speaks of a copy of the key: it did not grow, though this authenticator counts. A flag for people, never a reason to
 * refuse: synced passkeys do not count, and two devices may count apart.
 */
export function signCountRegressed(before: number, now: number): boolean {
  return (before > 0 || now > 0) && now <= before;
}
