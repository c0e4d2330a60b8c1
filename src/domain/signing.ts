/**
 * What a reviewer's signature covers, and when its key and its time are good. The cryptography itself is checked outside
 * of workflow code, in batches; everything else about a signature is cheap and is checked here.
 */
import { z } from 'zod';
import { canonical, type Root } from './digest';
import { Id } from './proposal';
import { isPasskey, reviewerOf, type Directory, type ReviewerKey } from './reviewers';
import { refusal, type Refusal } from './refusal';

/** Ed25519 over the UTF-8 bytes of `signedText`. */
export const DecisionSignature = z.strictObject({
  /** The id of the reviewer's key. */
  key: Id,
  issued: z.iso.datetime(),
  /** The server must have received the decision before. */
  expires: z.iso.datetime(),
  /** 64 bytes in base64. */
  value: z
    .string()
    .regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, 'must be the 64 bytes of an Ed25519 signature in base64'),
});
export type DecisionSignature = z.infer<typeof DecisionSignature>;

/** Clocks may differ by so much; milliseconds. */
const SKEW = 5 * 60_000;
/** A signature is for one decision, soon; milliseconds. */
export const LONGEST_LIFE = 24 * 60 * 60_000;

interface Signed {
  readonly reviewer: string;
  readonly signature?: DecisionSignature | undefined;
}

/** Where a decision belongs: the gate, and whose turn it is there. */
export interface Where extends Root {
  readonly gate: string;
  readonly level: string;
}

/**
 * The very text that is signed: RFC 8785 canonical JSON of the decision without its signature, where it belongs (root
 * workflow id, first run id, gate, level) and the signature's key and times.
 */
export function signedText(
  where: Where,
  decision: Signed & Record<string, unknown>,
  { key, issued, expires }: Omit<DecisionSignature, 'value'>,
): string {
  const { workflowId, firstRunId, gate, level } = where;
  const { signature: _, ...said } = decision;
  return canonical({ workflowId, firstRunId, gate, level, decision: said, key, issued, expires });
}

/** The key that a decision names as its reviewer's. */
export function keyOf(
  directory: Directory | undefined,
  { reviewer, signature }: Signed,
): ReviewerKey | undefined {
  const key = reviewerOf(directory, reviewer)?.keys?.find(({ id }) => id === signature?.key);
  return key === undefined || isPasskey(key) ? undefined : key;
}

/**
 * What is wrong with a signature short of its cryptography, for a decision that the server received at `at` (milliseconds
 * since 1970); undefined where its value remains to be verified.
 */
export function unsound(directory: Directory | undefined, decision: Signed, at: number): Refusal | undefined {
  const { reviewer, signature } = decision;
  if (signature === undefined) return refusal('UNAUTHENTICATED', { reviewer });
  const key = keyOf(directory, decision);
  if (key === undefined) return refusal('UNKNOWN_KEY', { reviewer, key: signature.key });
  const { revoked, from, until } = key;
  if (revoked !== undefined && at >= Date.parse(revoked))
    return refusal('KEY_REVOKED', { key: key.id, revoked });
  if (from !== undefined && at < Date.parse(from))
    return refusal('KEY_NOT_VALID', { key: key.id, when: `before ${from}` });
  if (until !== undefined && at >= Date.parse(until))
    return refusal('KEY_NOT_VALID', { key: key.id, when: `from ${until} on` });
  const issued = Date.parse(signature.issued);
  const expires = Date.parse(signature.expires);
  if (!(issued < expires) || expires - issued > LONGEST_LIFE || issued > at + SKEW)
    return refusal('SIGNATURE_TIMES', { issued: signature.issued, expires: signature.expires });
  return at >= expires ? refusal('SIGNATURE_EXPIRED', { expires: signature.expires }) : undefined;
}
