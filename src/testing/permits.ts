/** Calls with permits, as Countersign makes them, for the tests of a worker that checks them: no Countersign and no server is needed. */
import { digestOf, effectKey } from '../domain/digest';
import type { Json } from '../domain/json';
import { EXECUTE_WITHIN, hashOf, permitText, type Permit } from '../domain/permit';
import { milliseconds } from '../domain/duration';
import { permitCheck, type PermitCheck, type RemoteCall, type WorkerKey } from '../permit';
import { generateKey } from '../signing';
import { ownKey } from '../signing/own-key';

export interface TestPermits {
  /** Of the key that signs: what `permitCheck` takes. */
  readonly keys: readonly WorkerKey[];
  /** The deployment that the permits name. */
  readonly deployment: string;
  /** The check over these keys, at the time of these permits. */
  readonly check: PermitCheck['check'];
  /** The argument of an activity, permitted. @param change of the permit, made before it is signed */
  call<Input extends Json>(of: PermittedCall<Input>, change?: Partial<Permit>): RemoteCall<Input>;
}

export interface PermittedCall<Input extends Json = Json> {
  readonly input: Input;
  /** The activity that is called, as `MockActivityEnvironment` of `@temporalio/testing` has it by itself. @default "unknown" */
  readonly activity?: string;
  /** @default "test", as the mock has it */
  readonly taskQueue?: string;
  /** @default "test", as the mock has it */
  readonly namespace?: string;
  /** @default "test", as the mock has it */
  readonly workflowId?: string;
}

export interface TestPermitsOptions {
  /** @default "test" */
  readonly deployment?: string;
  /** Milliseconds since 1970: when the permits are issued, and what the check takes for now. @default the system's clock */
  readonly now?: () => number;
}

/**
 * ```ts
 * const permits = testPermits();
 * const activities = createActivities(permitCheck(permits));
 * const paid = await new MockActivityEnvironment().run(activities.refund, permits.call({ input: { order: 1042 } }));
 * ```
 */
export function testPermits({ deployment = 'test', now = Date.now }: TestPermitsOptions = {}): TestPermits {
  const key = ownKey(generateKey().private);
  const keys = [{ id: key.id, public: key.public }];
  const check = permitCheck({ keys, deployment, now });
  return {
    keys,
    deployment,
    check: (call, activity) => check.check(call, activity),
    call(
      { input, activity = 'unknown', taskQueue = 'test', namespace = 'test', workflowId = 'test' },
      change = {},
    ) {
      const root = { workflowId, firstRunId: 'test-run' };
      const args = { taskQueue, activity, input, timeout: '1 minute' };
      const digest = digestOf({ ...root, gate: 'main', revision: 1, action: 'remote', args });
      const issued = now();
      const said: Omit<Permit, 'value'> = {
        deployment,
        namespace,
        workflowId,
        root,
        gate: 'main',
        revision: 1,
        digest,
        effectKey: effectKey(root, 'main', digest),
        action: 'remote',
        input: hashOf(input),
        audience: { taskQueue, activity },
        basis: 'signatures',
        issued: new Date(issued).toISOString(),
        expires: new Date(issued + milliseconds(EXECUTE_WITHIN)).toISOString(),
        signer: key.id,
        ...change,
      };
      const permit = { ...said, value: change.value ?? key.sign(permitText(said)) };
      return { input, key: said.effectKey, workflowId, digest: said.digest, permit };
    },
  };
}
