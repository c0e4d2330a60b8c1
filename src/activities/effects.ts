/**
 * Around an effect: what the store knows of it before, the permit that goes with a call of another worker, the receipt after. Whether the
 * approval carries it at all is the executor's question, and is asked before.
 */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Action, Dispatch } from '../actions/action';
import { milliseconds } from '../domain/duration';
import type { Json } from '../domain/json';
import {
  assessmentText,
  executedIn,
  EXECUTE_WITHIN,
  hashOf,
  permitText,
  receiptText,
  type AssessedValues,
  type AssessmentSeal,
  type Executed,
} from '../domain/permit';
import {
  believedKeys,
  ownKeyFault,
  receiptHolds,
  type OwnWorkerKey,
  type Receipted,
  type Workers,
} from '../providers/worker-keys';
import type { Begun, Done, EffectStore } from '../store/effects';
import { firstRunOf } from './server';
import type { Dispatched, Execution } from './types';
import type { Effect } from './undo';

export interface EffectDependencies {
  readonly store: EffectStore;
  /** As the worker holds it now. */
  readonly reviewers: () => Workers | undefined;
  /** This worker's own. */
  readonly workerKey: OwnWorkerKey;
  /** The name of this deployment of Countersign, which signed texts hold. */
  readonly deployment: () => string;
  /** SHA-256 of what judges: of each as it is loaded now. */
  readonly configuration: () => {
    readonly directory: string;
    readonly rules: string;
    readonly registry: string;
  };
}

type Keyed = Pick<Receipted, 'key' | 'digest'>;

export interface Effects {
  /** @throws ApplicationFailure WORKER_KEY_NOT_LISTED, which passes once the key is listed */
  mayExecute(): void;
  /** What came of it before, where it was executed under this key already. */
  known(execution: Keyed): Promise<Executed | undefined>;
  /** What the tables hold under a key: who began it, and the digest that a good receipt is of. */
  under(key: string): Promise<Effect>;
  /** @throws ApplicationFailure EFFECT_UNKNOWN where it was begun before, and its target is not known to deduplicate */
  begin(execution: Execution, action: Action): Promise<void>;
  /** Signs what came of it. It is in the store, too, unless that does not answer. */
  executed(execution: Execution, result: Json): Promise<Executed>;
  /** @param at the workflow's time, ISO 8601 UTC */
  dispatched(execution: Execution, dispatch: Dispatch, at: string): Promise<Dispatched>;
  /** The answer of an effect's activity with its receipt, where it is one that counts; it is in the store then. */
  receipted(of: Keyed, answer: Json | undefined): Promise<Executed | undefined>;
  /** Signs what the worker has computed for the gate of the workflow that asks. */
  assessed(values: AssessedValues): Promise<AssessmentSeal>;
}

export function createEffects({
  store,
  reviewers,
  workerKey,
  deployment,
  configuration,
}: EffectDependencies): Effects {
  const holds = async ({ key, digest }: Keyed, { receipt, result }: Done) =>
    receiptHolds(await believedKeys(reviewers(), store), receipt, { key, digest, result }, Date.now());

  const known: Effects['known'] = async (of) => {
    const { done } = await store.effect(of.key);
    return done !== undefined && (await holds(of, done)) ? { v: 1, ...done } : undefined;
  };

  return {
    mayExecute() {
      const fault = ownKeyFault(reviewers(), workerKey, Date.now());
      if (fault !== undefined) throw ApplicationFailure.retryable(fault, 'WORKER_KEY_NOT_LISTED');
    },

    known,

    async under(key) {
      const { begun, done } = await store.effect(key);
      const good = done !== undefined && (await holds({ key, digest: done.receipt.digest }, done));
      return {
        ...(begun === undefined ? {} : { begun }),
        ...(good ? { receipt: done.receipt.digest } : {}),
      };
    },

    async begin({ key, args }, action) {
      if (!('run' in action) || attemptsOf(action, args) !== 1) return;
      if ((await store.begin({ key, ...beginning() })) === 'begun') return;
      const { begun } = await store.effect(key);
      throw ApplicationFailure.nonRetryable(unknown(key, begun), 'EFFECT_UNKNOWN');
    },

    async executed({ key, digest }, result) {
      const said = {
        effectKey: key,
        digest,
        result: hashOf(result),
        ...configuration(),
        signer: workerKey.id,
      };
      const receipt = { ...said, value: workerKey.sign(receiptText(said)) };
      // The effect was there, and must not be tried again for the store's sake: the answer carries the receipt, which is stored with the end.
      await store.end({ key, receipt, result }).catch(() => undefined);
      return { v: 1, result, receipt };
    },

    async dispatched(execution, dispatch, at) {
      const { root, gate, revision, digest, key, action, approval } = execution;
      const mine = beginning();
      const { namespace } = activityInfo();
      const issued = Math.max(Date.now(), Date.parse(at));
      const last = issued + milliseconds(EXECUTE_WITHIN);
      const said = {
        deployment: deployment(),
        namespace,
        workflowId: mine.workflowId,
        root,
        gate,
        revision,
        digest,
        effectKey: key,
        action,
        input: hashOf(dispatch.input),
        audience: { taskQueue: dispatch.taskQueue, activity: dispatch.activity },
        basis: approval.basis,
        issued: new Date(issued).toISOString(),
        expires: approval.executeBefore ?? new Date(last).toISOString(),
        signer: workerKey.id,
      };
      // A call that was lost on its way is made again, by the same workflow; the key keeps its effect to once.
      if ((await store.begin({ key, ...mine })) === 'again') {
        const { begun } = await store.effect(key);
        if (begun?.workflowId !== mine.workflowId)
          throw ApplicationFailure.nonRetryable(unknown(key, begun), 'EFFECT_UNKNOWN');
      }
      return { dispatch, permit: { ...said, value: workerKey.sign(permitText(said)) } };
    },

    async receipted(of, answer) {
      const told = executedIn(answer);
      if (told === undefined || !(await holds(of, told))) return undefined;
      await store.end({ key: of.key, receipt: told.receipt, result: told.result });
      return told;
    },

    async assessed(values) {
      const { phrase } = values;
      const signer = workerKey.id;
      const value = workerKey.sign(assessmentText(await firstRunOf(), values, signer));
      return { ...(phrase === undefined ? {} : { phrase }), signer, value };
    },
  };
}

function beginning(): Begun {
  const { workflowId, runId } = activityInfo().workflowExecution ?? { workflowId: '', runId: '' };
  return { workflowId, runId, at: new Date().toISOString() };
}

function attemptsOf({ attempts }: Extract<Action, { run: unknown }>, args: object): number | undefined {
  return typeof attempts === 'function' ? attempts(args) : attempts;
}

function unknown(key: string, begun: Begun | undefined): string {
  const where =
    begun === undefined ? 'before' : `at ${begun.at} by the run ${begun.runId} of ${begun.workflowId}`;
  return (
    `it was begun ${where}, and no receipt of it is on record. It may or may not have taken effect, and is not tried again, ` +
    `because its target is not known to deduplicate. Look for it there (key ${key}); propose it again only if it did not happen`
  );
}
