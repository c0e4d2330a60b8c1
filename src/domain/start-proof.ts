/**
 * How it is proven who has asked: whoever starts a workflow signs its argument, or a door does so for the person or service that
 * it knows. What a workflow is told of its requester is a claim, so whoever needs to know reads the start from the server again.
 */
import { z } from 'zod';
import { defined } from './defined';
import { canonical, sha256Hex } from './digest';
import { Id } from './proposal';
import { holderOf, type Directory, type ReviewerKey } from './reviewers';
import type { RequesterProof } from './gate/shown-hash';
import { signedText } from './signed-text';

/** Ed25519 over the UTF-8 bytes of `startText`. */
export const StartProof = z.strictObject({
  by: z.enum(['requester', 'door']),
  /** The requester itself, or the door, as the reviewers directory lists it. */
  name: Id,
  /** The id of its key. */
  key: Id,
  issued: z.iso.datetime(),
  /** The server must have started the workflow from `issued` on, and before. */
  expires: z.iso.datetime(),
  /** 64 bytes in base64. */
  value: z
    .string()
    .regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, 'must be the 64 bytes of an Ed25519 signature in base64'),
});
export type StartProof = z.infer<typeof StartProof>;

/** Where the outcome is to be told besides: shown to reviewers, who see what would leave the house. */
export const Callback = z
  .string()
  .max(2_000)
  .regex(
    /^https:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][!"$-[\]-~]*)?$/,
    'must be an https URL in printable ASCII, without a user name and a fragment',
  );

/** A start as it is signed. */
export interface SignedStart {
  readonly deployment: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly type: string;
  /** Of the argument without its `proof`. */
  readonly inputHash: string;
  readonly requester: string;
}

/** Whether the argument holds a proof or not, it is the same one. @throws TypeError where it is no JSON */
export function inputHashOf(argument: object): string {
  const { proof: _, ...input } = argument as { readonly proof?: unknown };
  return sha256Hex(canonical(input));
}

/** The very text that is signed. */
export function startText(
  start: SignedStart,
  { by, name, key, issued, expires }: Omit<StartProof, 'value'>,
): string {
  const { deployment, namespace, workflowId, type, inputHash, requester } = start;
  return signedText('start', {
    deployment,
    namespace,
    workflowId,
    type,
    inputHash,
    requester,
    signer: key,
    issued,
    expires,
    ...defined({ door: by === 'door' ? name : undefined }),
  });
}

/** When the server started it, and what the time is; milliseconds since 1970. */
export interface StartTimes {
  readonly startedAt: number;
  readonly now: number;
}

/**
 * The key that has to have signed it, where everything about the proof but its value is right. A key that has been revoked since
 * may have been anybody's before.
 */
export function startKey(
  directory: Directory | undefined,
  requester: string,
  { by, name, key: id, issued, expires }: StartProof,
  { startedAt, now }: StartTimes,
): ReviewerKey | undefined {
  if (by === 'requester' && name !== requester) return undefined;
  const key = holderOf(directory, by, name)?.keys.find((one) => one.id === id);
  if (key === undefined) return undefined;
  const { from, until, revoked } = key;
  const good =
    startedAt >= Date.parse(issued) &&
    startedAt < Date.parse(expires) &&
    (from === undefined || startedAt >= Date.parse(from)) &&
    (until === undefined || startedAt < Date.parse(until)) &&
    (revoked === undefined || Math.max(startedAt, now) < Date.parse(revoked));
  return good ? key : undefined;
}

export function proofBy({ by }: Pick<StartProof, 'by'>): RequesterProof {
  return by === 'door' ? 'vouched' : 'signed';
}

/** Nobody's start can be proven where no requester and no door has a key. */
export function provesStarts(directory: Directory | undefined): boolean {
  return [directory?.requesters, directory?.doors].some((listed = []) => listed.length > 0);
}
