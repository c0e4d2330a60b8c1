/**
 * What a worker of one's own imports to check the permit that comes with a call of the action `remote`. Without the check the worker
 * runs whatever anybody with access to its namespace schedules; with it, only what people approved. It needs no network: the worker's
 * public key is configured.
 */
import { createPrivateKey, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { problems } from './domain/gate/decision';
import { guard, type Json } from './domain/json';
import {
  hashOf,
  Permit,
  permitFault,
  permitText,
  receiptText,
  WorkerKey,
  workerKeyFault,
  type Executed,
  type PermitCode,
} from './domain/permit';
import { publicKey } from './providers/reviewers/public-key';

export type { Executed, Permit, PermitCode, WorkerKey };
export type { EffectReceipt } from './domain/permit';
export type { Json } from './domain/json';

/** The argument of an activity that the action `remote` calls. */
export interface RemoteCall<Input extends Json = Json> {
  /** What was approved. */
  readonly input: Input;
  /** Idempotency key: store it together with the effect. The permit does not keep the same call from being made twice. */
  readonly key: string;
  /** Of the workflow that people were asked in. */
  readonly workflowId: string;
  readonly digest: string;
  readonly permit: Permit;
}

/** What the server says of the running activity: `activityInfo()` of `@temporalio/activity` is one. */
export interface RunningActivity {
  readonly activityType: string;
  readonly taskQueue: string;
  readonly namespace: string;
  readonly workflowExecution?: { readonly workflowId: string } | undefined;
}

export interface PermitCheckOptions {
  /** Countersign's workers' public keys, those that were replaced among them until their last permit has expired. */
  readonly keys: readonly WorkerKey[];
  /** The deployment of Countersign that the keys belong to, as COUNTERSIGN_DEPLOYMENT names it. @default the Temporal namespace */
  readonly deployment?: string;
  /** Milliseconds since 1970. @default the system's clock */
  readonly now?: () => number;
}

export interface PermitCheck {
  /**
   * The call as it was approved.
   * @param call the activity's argument, as it came
   * @throws PermitError: Countersign has told Temporal not to try again after it
   */
  check<Input extends Json = Json>(call: unknown, activity: RunningActivity): RemoteCall<Input>;
}

/** Why a call is not run. */
export class PermitError extends Error {
  override readonly name = 'PermitError';
  constructor(
    readonly code: PermitCode,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

const Argument = z.looseObject({
  input: z.unknown(),
  key: z.string(),
  workflowId: z.string(),
  digest: z.string(),
});

/**
 * ```ts
 * const permits = permitCheck({ keys: [{ id: '6f1c…', public: '…' }], deployment: 'orders' });
 * export async function refund(argument: unknown) {
 *   const { input, key } = permits.check<{ order: number }>(argument, activityInfo());
 * ```
 * @throws TypeError where a key is none
 */
export function permitCheck({ keys, deployment, now = Date.now }: PermitCheckOptions): PermitCheck {
  const known = keys.map((key) => WorkerKey.parse(key));
  if (known.length === 0) throw new TypeError('keys: name at least one public key of a Countersign worker');
  for (const key of known) publicKey(key.public);
  return {
    check<Input extends Json>(call: unknown, activity: RunningActivity): RemoteCall<Input> {
      const unfit = guard(call);
      const argument = z.safeParse(Argument, unfit === undefined ? call : undefined);
      if (!argument.success || argument.data.input === undefined)
        throw new PermitError(
          'NO_PERMIT',
          unfit ?? 'the argument is not { input, key, workflowId, digest, permit }',
        );
      const { input, key, workflowId, digest } = argument.data;
      const sent = argument.data['permit'];
      if (sent === undefined || sent === null)
        throw new PermitError('NO_PERMIT', 'the call comes without a permit');
      const parsed = z.safeParse(Permit, sent);
      if (!parsed.success) throw new PermitError('MALFORMED_PERMIT', problems(parsed.error, 'permit'));
      const permit = parsed.data;
      const { namespace, taskQueue, activityType, workflowExecution } = activity;
      const expected = {
        deployment: deployment ?? namespace,
        namespace,
        workflowId: workflowExecution?.workflowId ?? '',
        taskQueue,
        activity: activityType,
        key,
        digest,
        input: input as Json,
      };
      const fault = permitFault(permit, expected, now()) ?? signatureFault(permit, known, now());
      if (fault !== undefined) throw new PermitError(fault.code, fault.message);
      if (permit.root.workflowId !== workflowId)
        throw new PermitError('OTHER_CALL', `workflowId: the permit is for ${permit.root.workflowId}`);
      return { input: input as Input, key, workflowId, digest, permit };
    },
  };
}

function signatureFault(permit: Permit, keys: readonly WorkerKey[], now: number) {
  const named = keys.filter(({ id }) => id === permit.signer);
  if (named.length === 0)
    return {
      code: 'UNKNOWN_KEY',
      message: `the permit is signed with the key ${permit.signer}, which is not among those configured`,
    } as const;
  const text = Buffer.from(permitText(permit), 'utf8');
  const value = Buffer.from(permit.value, 'base64');
  const signer = named.find((key) => verify(null, text, publicKey(key.public), value));
  if (signer === undefined)
    return {
      code: 'BAD_SIGNATURE',
      message: `the permit is not what the key ${permit.signer} signed`,
    } as const;
  return workerKeyFault(signer, now, Date.parse(permit.issued));
}

export interface ReceiptSigner {
  /** The key's id, as Countersign's directory lists it under `workers`. */
  readonly keyId: string;
  /** PKCS #8 in PEM, Ed25519. */
  readonly privateKeyPem: string;
}

/**
 * What an activity returns in place of its bare result, where this worker has a key that Countersign's directory lists under `workers`:
 * the record then tells the effect from one that somebody has completed by hand.
 */
export function withReceipt(
  { key, digest }: Pick<RemoteCall, 'key' | 'digest'>,
  result: Json,
  { keyId, privateKeyPem }: ReceiptSigner,
): Executed {
  const said = { effectKey: key, digest, result: hashOf(result), signer: keyId };
  const value = sign(null, Buffer.from(receiptText(said), 'utf8'), createPrivateKey(privateKeyPem));
  return { v: 1, result, receipt: { ...said, value: value.toString('base64') } };
}
