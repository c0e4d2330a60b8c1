/**
 * What a reviewer's signature covers, when its key and its time are good, and how surely a decision's sender is known by what stands on
 * it. The cryptography itself is checked outside of workflow code, in batches; everything else is cheap and is checked here.
 */
import { z } from 'zod';
import type { Grade } from '../grade';
import type { Occasion } from '../confirmation';
import { milliseconds } from '../duration';
import { keyFault, lifeFault, type Life } from './key-times';
import { PasskeyFields, PasskeyValue, type PasskeyEntry } from '../passkey';
import { Id } from '../proposal';
import { hasDoors, holdsKeys, reviewerOf, type Directory, type ReviewerKey } from '../reviewers';
import { refusal, type Refusal } from './refusals';
import { signedText } from '../signed-text';
import { doorKeyOf, ed25519Fault, vouchFault, type Vouch } from './vouch';
import { placed, type Where } from './where';

export { doorKeyOf, LONGEST_VOUCH, Vouch, vouchFault, vouchText } from './vouch';
export type { Where } from './where';

/** Over the UTF-8 bytes of `decisionText`: Ed25519 by a key file, or a passkey's, whose challenge is their SHA-256. */
export const DecisionSignature = z
  .strictObject({
    /** The id of the reviewer's key. */
    key: Id,
    issued: z.iso.datetime(),
    /** The server must have received the decision before. */
    expires: z.iso.datetime(),
    /** In base64; by a key file 64 bytes. */
    value: z.string().min(1).max(1_400),
    /** By a passkey alone: what it answered besides. */
    authenticatorData: PasskeyFields.shape.authenticatorData.optional(),
    clientDataJSON: PasskeyFields.shape.clientDataJSON.optional(),
  })
  .superRefine(({ value, authenticatorData, clientDataJSON }, context) => {
    const there = [authenticatorData, clientDataJSON].filter((one) => one !== undefined).length;
    if (there === 1) context.addIssue('a passkey signs with authenticatorData and clientDataJSON, both');
    // Not by the schema's own method, which a schema that workflows share, and that is frozen, has not.
    const passkeys = () => z.safeParse(PasskeyValue, value).error?.issues[0]?.message;
    const message = there === 0 ? ed25519Fault(value) : there === 2 ? passkeys() : undefined;
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['value'], message });
  });
export type DecisionSignature = z.infer<typeof DecisionSignature>;

/** A signature is for one decision, soon; milliseconds. */
export const LONGEST_LIFE = 24 * 60 * 60_000;
/** A passkey is touched for what is on the screen. */
export const LONGEST_TOUCH = 10 * 60_000;

interface Signed {
  readonly reviewer: string;
  readonly signature?: DecisionSignature | undefined;
}

/** What is said over a decision of who has sent it. */
export interface Proven extends Signed {
  readonly vouch?: Vouch | undefined;
}

/**
 * The very text that a person signs: the decision without its signature and its vouch, where it belongs (deployment, root workflow id and
 * first run id, gate, level), and the signature's key and times.
 */
export function decisionText(
  where: Where,
  decision: object,
  { key, issued, expires }: Pick<DecisionSignature, 'key' | 'issued' | 'expires'>,
): string {
  return signedText('decision', { ...placed(where, decision), signer: key, issued, expires });
}

/** A person's: of a file, or a passkey. */
export type PersonKey = ReviewerKey | PasskeyEntry;

export function isPasskey(key: PersonKey): key is PasskeyEntry {
  return 'kind' in key;
}

/** The key that a decision names as its reviewer's. */
export function keyOf(
  directory: Directory | undefined,
  { reviewer, signature }: Signed,
): PersonKey | undefined {
  return reviewerOf(directory, reviewer)?.keys?.find(({ id }) => id === signature?.key);
}

/**
 * What is wrong with a signature short of its cryptography, for a decision that the server received at `at` (milliseconds
 * since 1970); undefined where its value remains to be verified.
 */
export function signatureFault(
  directory: Directory | undefined,
  decision: Signed,
  at: number,
): Refusal | undefined {
  const { reviewer, signature } = decision;
  if (signature === undefined) return refusal('UNAUTHENTICATED', { reviewer, needed: 'signed' });
  const key = keyOf(directory, decision);
  if (key === undefined) return refusal('UNKNOWN_KEY', { reviewer, key: signature.key });
  // A maker of authenticators copies it between devices, and whoever can read a copy can sign.
  if (isPasskey(key) && key.backupEligible && directory?.passkeys?.synced === 'refuse')
    return refusal('KEY_NOT_VALID', { key: key.id, when: 'where passkeys that may be synced are refused' });
  return keyFault(key, at) ?? lifeFault(signature, isPasskey(key) ? LONGEST_TOUCH : LONGEST_LIFE, at);
}

/** Whether each of what stands on a decision verifies; what does not stand there is left out, and proves nothing. */
export interface Genuine {
  readonly signature?: boolean;
  readonly vouch?: boolean;
}

/** Why a decision does not count, by its cryptography; undefined where all that stands on it verifies. */
export function forgery(
  { reviewer, signature, vouch }: Proven,
  found: Genuine | undefined,
): Refusal | undefined {
  if (signature !== undefined && found?.signature !== true)
    return refusal('BAD_SIGNATURE', { reviewer, key: signature.key });
  if (vouch !== undefined && found?.vouch !== true) {
    const { door, key, person } = vouch;
    return refusal('BAD_VOUCH', { door, key, person });
  }
  return undefined;
}

/** A directory without keys and doors proves nobody: what stands on a decision is left unread then, and names are believed. */
export function canProve(directory: Directory | undefined): boolean {
  return holdsKeys(directory) || hasDoors(directory);
}

/** Which key that stands behind the decision, the person's or the door's, has been revoked by `at`: nothing that it signed counts any more. */
export function revocation(
  directory: Directory | undefined,
  decision: Proven,
  at: number,
): Refusal | undefined {
  const keys = [keyOf(directory, decision), doorKeyOf(directory, decision)];
  const found = keys.find((key) => key?.revoked !== undefined && !(at < Date.parse(key.revoked)));
  return found?.revoked === undefined
    ? undefined
    : refusal('KEY_REVOKED', { key: found.id, revoked: found.revoked });
}

/** There is something on it to be verified before it counts. */
export function isToBeVerified(directory: Directory | undefined, { signature, vouch }: Proven): boolean {
  return canProve(directory) && (signature !== undefined || vouch !== undefined);
}

/** As soon as the server has received it later, it does not count any more; milliseconds since 1970. */
export function goodUntil(
  { signature, vouch }: Proven,
  { executeWithin }: { readonly executeWithin?: string | undefined },
): number {
  const lives: readonly (Life | undefined)[] = [signature, vouch];
  return Math.min(
    ...lives.flatMap((life) =>
      life === undefined ? [] : [Date.parse(life.expires), staleFrom(life, executeWithin)],
    ),
  );
}

/** What was signed longer ago than an approval may wait would be void by the time it counts. */
export function staleFrom({ issued }: Life, executeWithin: string | undefined): number {
  return executeWithin === undefined ? Infinity : Date.parse(issued) + milliseconds(executeWithin);
}

/** The grade, or what is wrong with what stands on the decision. */
export type Graded = { readonly grade: Grade } | { readonly fault: Refusal };

/**
 * How surely the sender of a decision is known, where its signature and its vouch verify: each that stands there must hold, and the higher
 * one counts. `at`: when the server received it, milliseconds since 1970.
 */
export function gradeOf(
  directory: Directory | undefined,
  decision: Proven,
  occasion: Occasion,
  at: number,
): Graded {
  if (!canProve(directory)) return { grade: 'open' };
  const { signature, vouch } = decision;
  const fault =
    (signature === undefined ? undefined : signatureFault(directory, decision, at)) ??
    (vouch === undefined ? undefined : vouchFault(directory, decision, occasion, at));
  if (fault !== undefined) return { fault };
  return { grade: signature !== undefined ? 'signed' : vouch !== undefined ? 'vouched' : 'open' };
}
