/**
 * What the worker signs about an effect. A permit goes with a call to another worker, which can check by itself that people approved
 * this very call. A receipt comes back from an effect, and tells it from a result that somebody has put in its place. An assessment says
 * which preview, policy, phrase and risk the worker computed.
 */
import { z } from 'zod';
import type { Risk } from './confirmation';
import { canonical, sha256Hex, type Root } from './digest';
import type { Json } from './json';
import type { Policy } from './policy';
import { Id } from './proposal';
import { ReviewerKey } from './reviewers';
import { signedText } from './signed-text';
import { wire, type Wire } from './wire';

/** A worker's public key, as the directory lists it under `workers`, or as the store knows it. */
export const WorkerKey = ReviewerKey;
export type WorkerKey = z.infer<typeof WorkerKey>;

const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex characters');
/** 64 bytes in base64. */
const Value = z
  .string()
  .regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, 'must be the 64 bytes of an Ed25519 signature in base64');
const Name = z.string().min(1).max(1_000);

/** The activity that a call is for, where it is dispatched to a task queue. */
const Activity = z.strictObject({ taskQueue: Name, activity: Name });
export const Audience = z.union([Activity, z.strictObject({ tool: Name })]);
export type Audience = z.infer<typeof Audience>;

/** The worker's word that this call was approved. Everything but `value` is in the text that is signed. */
export const Permit = z.strictObject({
  deployment: Name,
  namespace: Name,
  /** Of the workflow that calls, as the server says: the root's own, or that of a step. */
  workflowId: Name,
  root: z.strictObject({ workflowId: Name, firstRunId: Name }),
  gate: Name,
  revision: z.int().min(1),
  digest: Hash,
  /** The idempotency key. */
  effectKey: Hash,
  action: Name,
  /** SHA-256 of the canonical input. */
  input: Hash,
  audience: Audience,
  basis: z.enum(['signatures', 'notice', 'silence', 'step']),
  issued: z.iso.datetime(),
  /** The last attempt at the call ends before. */
  expires: z.iso.datetime(),
  /** The id of the worker's key. */
  signer: Id,
  value: Value,
});
export type Permit = z.infer<typeof Permit>;

/** The worker's word that the effect under this key was run and gave this result. Everything but `value` is signed. */
export const EffectReceipt = z.strictObject({
  effectKey: Hash,
  digest: Hash,
  /** SHA-256 of the canonical result. */
  result: Hash,
  /** SHA-256 of what judged the approval; another worker's receipt, whose own files judged nothing, has none of them. */
  directory: Hash.optional(),
  rules: Hash.optional(),
  registry: Hash.optional(),
  signer: Id,
  value: Value,
});
export type EffectReceipt = z.infer<typeof EffectReceipt>;

/** What an executor answers: the result, and its receipt. */
export interface Executed {
  readonly v: 1;
  readonly result: Json;
  readonly receipt: EffectReceipt;
}

const Answer = z.strictObject({ v: z.literal(1), result: z.unknown(), receipt: EffectReceipt });

/** The answer as an executor's, where it has that shape; whether the receipt holds is another question. */
export function executedIn(answer: unknown): Executed | undefined {
  const parsed = z.safeParse(Answer, answer);
  return parsed.success && 'result' in parsed.data ? (parsed.data as Executed) : undefined;
}

/** The signature of an assessment. A phrase is there where the action has one of its own. */
const AssessmentSealShape = z.strictObject({
  phrase: z.string().optional(),
  signer: z.string(),
  value: z.string(),
});
export const AssessmentSeal = wire(AssessmentSealShape);
/** The signature of an assessment. A phrase is there where the action has one of its own. @interface */
export type AssessmentSeal = Wire<typeof AssessmentSealShape>;

export interface AssessedValues {
  readonly preview?: Json | undefined;
  readonly policy: Policy;
  /** As the action words it. */
  readonly phrase?: string | undefined;
  readonly risk: Risk;
}

export function permitText(permit: Omit<Permit, 'value'>): string {
  return signedText('permit', unsigned(permit));
}

export function receiptText(receipt: Omit<EffectReceipt, 'value'>): string {
  return signedText('receipt', unsigned(receipt));
}

/** @param of the workflow whose gate it is, by its first run */
export function assessmentText(of: Root, values: AssessedValues, signer: string): string {
  const { workflowId, firstRunId } = of;
  const { preview, policy, phrase, risk } = values;
  return signedText('assessment', present({ workflowId, firstRunId, preview, policy, phrase, risk, signer }));
}

function unsigned(signed: object): object {
  const { value: _, ...holds } = signed as { value?: unknown };
  return present(holds);
}

function present(holds: object): object {
  return Object.fromEntries(Object.entries(holds).filter(([, value]) => value !== undefined));
}

/** SHA-256 of the canonical JSON: how a permit names its input, and a receipt its result. */
export function hashOf(value: Json): string {
  return sha256Hex(canonical(value));
}

export type PermitCode =
  | 'NO_PERMIT'
  | 'MALFORMED_PERMIT'
  | 'OTHER_CALL'
  | 'PERMIT_EXPIRED'
  | 'UNKNOWN_KEY'
  | 'KEY_REVOKED'
  | 'KEY_NOT_VALID'
  | 'BAD_SIGNATURE';

export interface PermitFault {
  readonly code: PermitCode;
  readonly message: string;
}

/** What a worker knows of a call by itself and by the server, beside what the call says. */
export interface Call {
  readonly deployment: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly activity: string;
  /** As the call says; the permit has to say the same. */
  readonly key: string;
  readonly digest: string;
  readonly input: Json;
}

/** An effect is tried so long, where its policy does not say otherwise; a permit holds as long. */
export const EXECUTE_WITHIN = '1 day';

/** Clocks may differ by so much; milliseconds. */
const SKEW = 5 * 60_000;

/** Why the permit is not for this call now, short of the signature; undefined where it is. */
export function permitFault(permit: Permit, call: Call, now: number): PermitFault | undefined {
  const { audience } = permit;
  const there = 'tool' in audience ? { tool: audience.tool } : audience;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['deployment', permit.deployment, call.deployment],
    ['namespace', permit.namespace, call.namespace],
    ['workflowId', permit.workflowId, call.workflowId],
    ['audience', canonical(there), canonical({ taskQueue: call.taskQueue, activity: call.activity })],
    ['key', permit.effectKey, call.key],
    ['digest', permit.digest, call.digest],
    ['input', permit.input, hashOf(call.input)],
  ];
  const other = pairs.find(([, said, found]) => said !== found);
  if (other !== undefined)
    return {
      code: 'OTHER_CALL',
      message: `${other[0]}: the permit is for ${String(other[1])}, and this call is for ${String(other[2])}`,
    };
  const [issued, expires] = [Date.parse(permit.issued), Date.parse(permit.expires)];
  if (issued < expires && issued <= now + SKEW && now < expires) return undefined;
  return {
    code: 'PERMIT_EXPIRED',
    message: `the permit holds from ${permit.issued} to ${permit.expires}, and now it is ${new Date(now).toISOString()}`,
  };
}

/** Why a key does not count for what it signed. @param signed when it signed, where that is known: as milliseconds since 1970 */
export function workerKeyFault(
  key: WorkerKey,
  now: number,
  signed: number | undefined,
): PermitFault | undefined {
  const { id, from, until, revoked } = key;
  if (revoked !== undefined && now >= Date.parse(revoked))
    return { code: 'KEY_REVOKED', message: `the worker's key ${id} was revoked at ${revoked}` };
  if (signed === undefined) return undefined;
  if (from !== undefined && signed < Date.parse(from))
    return { code: 'KEY_NOT_VALID', message: `the worker's key ${id} is valid from ${from} on` };
  if (until !== undefined && signed >= Date.parse(until))
    return { code: 'KEY_NOT_VALID', message: `the worker's key ${id} was valid until ${until}` };
  return undefined;
}

/** Outcome and reason where an effect's activity was completed by somebody else than its executor. */
export const BY_HAND =
  'COMPLETED_BY_HAND: somebody completed the activity in place of the executor; whether it had an effect is not known';
