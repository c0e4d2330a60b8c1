/**
 * What a front door says of a decision: which person it has authenticated, by which identity, and when. It is good for minutes, for the
 * person's own identities, and for as much as the directory lets that door vouch for.
 */
import { z } from 'zod';
import type { Occasion } from '../confirmation';
import { defined } from '../defined';
import { keyFault, lifeFault, SKEW } from './key-times';
import { Id } from '../proposal';
import {
  doorVouches,
  holderOf,
  reviewerOf,
  type Directory,
  type Identity,
  type Reviewer,
} from '../reviewers';
import { refusal, type Refusal } from './refusals';
import { signedText } from '../signed-text';
import { placed, type Where } from './where';

const ED25519 = /^[A-Za-z0-9+/]{85}[AQgw]==$/;
const NOT_ED25519 = 'must be the 64 bytes of an Ed25519 signature in base64';

/** What is wrong with the value of an Ed25519 signature; undefined where it is one in base64. */
export function ed25519Fault(value: string): string | undefined {
  return ED25519.test(value) ? undefined : NOT_ED25519;
}

/** Ed25519 over the UTF-8 bytes of `vouchText`. */
export const Vouch = z.strictObject({
  /** The front door, and the id of its key, as the directory lists them. */
  door: Id,
  key: Id,
  /** Whom it has authenticated: a name of the directory, never an alias. */
  person: Id,
  /** How, such as `oidc`; one of the methods that the directory lists for the door. */
  method: Id,
  /** Whose word on the person the door has taken, and what the person is called there. Compared exactly. */
  issuer: z.string().min(1).max(2_000),
  subject: z.string().min(1).max(2_000),
  /** When the person was authenticated. */
  authTime: z.iso.datetime(),
  /** How strongly, in the issuer's words. */
  acr: z.string().min(1).max(1_000).optional(),
  /** SHA-256 of the door's session. */
  session: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex characters'),
  issued: z.iso.datetime(),
  /** The server must have received the decision before; at most 5 minutes after `issued`. */
  expires: z.iso.datetime(),
  value: z.string().regex(ED25519, NOT_ED25519),
});
export type Vouch = z.infer<typeof Vouch>;

/** Milliseconds. */
export const LONGEST_VOUCH = 5 * 60_000;

interface Vouched {
  readonly reviewer: string;
  readonly vouch?: Vouch | undefined;
}

/** The very text that a door signs: the decision, as in `decisionText`, and everything that the door says of its sender. */
export function vouchText(where: Where, decision: object, vouch: Omit<Vouch, 'value'>): string {
  const { door, key, person, method, issuer, subject, authTime, acr, session, issued, expires } = vouch;
  return signedText('vouch', {
    ...placed(where, decision),
    ...{ door, signer: key, person, method, issuer, subject, authTime },
    ...defined({ acr }),
    ...{ session, issued, expires },
  });
}

/** The key that a vouch names as its door's. */
export function doorKeyOf(directory: Directory | undefined, { vouch }: Pick<Vouched, 'vouch'>) {
  if (vouch === undefined) return undefined;
  return holderOf(directory, 'door', vouch.door)?.keys.find(({ id }) => id === vouch.key);
}

/**
 * What is wrong with a vouch short of its cryptography, for a decision that the server received at `at` (milliseconds since 1970);
 * undefined where its value remains to be verified.
 */
export function vouchFault(
  directory: Directory | undefined,
  decision: Vouched,
  occasion: Occasion,
  at: number,
): Refusal | undefined {
  const { reviewer, vouch } = decision;
  if (vouch === undefined) return refusal('UNAUTHENTICATED', { reviewer, needed: 'vouched' });
  const { door, person, method, issuer, subject, authTime, issued } = vouch;
  const someone = reviewerOf(directory, reviewer);
  if (someone?.name !== person) return refusal('NOT_YOU', { reviewer, person, door });
  if (!isIdentityOf(someone, { method, issuer, subject }))
    return refusal('UNKNOWN_IDENTITY', { person, method, issuer });
  const key = doorKeyOf(directory, decision);
  if (key === undefined) return refusal('UNKNOWN_DOOR', { door, key: vouch.key });
  if (!doorVouches(directory, door, { person, method, ...occasion }))
    return refusal('DOOR_NOT_ALLOWED', { door, person, method, ...occasion });
  if (!(Date.parse(authTime) <= Date.parse(issued) + SKEW))
    return refusal('SIGNATURE_TIMES', { issued: authTime, expires: vouch.expires, longest: LONGEST_VOUCH });
  return keyFault(key, at) ?? lifeFault(vouch, LONGEST_VOUCH, at);
}

/** The very identity, in each of its parts: an e-mail address or an alias is none. */
function isIdentityOf({ identities = [] }: Reviewer, { method, issuer, subject }: Identity): boolean {
  return identities.some((one) => one.method === method && one.issuer === issuer && one.subject === subject);
}
