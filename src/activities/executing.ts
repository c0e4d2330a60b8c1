/** From an approval that holds to its effect, once, and to what goes on record of it. */
import { ApplicationFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import { append, recorded, type AuditEntry, type Chain } from '../domain/audit';
import { endingFacts, type EffectOf, type Ending } from '../domain/ending';
import { kept, type Json } from '../domain/json';
import type { Executed } from '../domain/permit';
import { createEffects, type EffectDependencies, type Effects } from './effects';
import type { Entries } from './entries';
import { timeOf, verified, type ExecutorDependencies, type Verified } from './executor';
import { failure } from './failures';
import { meterAttempt } from './metering';
import { goneFor } from './said';
import type { Activities, Execution, Judged, Recording } from './types';

/** Stores entries of the workflow that calls; `missing` where those before them are not there. */
type Store = (
  request: Pick<Recording, 'root' | 'entries' | 'after'>,
) => Promise<{ missing: true } | undefined>;

export function executing(
  dependencies: Omit<ExecutorDependencies, 'effectUnder'> & EffectDependencies,
  entries: Entries,
  record: Store,
): Pick<Activities, 'execute' | 'recordAndExecute' | 'recordEffect'> & {
  /** Goes through an approval once more; what another worker is to run comes with its permit. */
  judged(execution: Execution, dispatch: boolean): Promise<Judged | undefined>;
  /** Of an approval that `execute` will go through: the histories that it will not find. */
  unread(execution: Execution): Promise<Judged | undefined>;
  /** Signs what the worker has computed for a question. */
  assessed: Effects['assessed'];
} {
  const { registry } = dependencies;
  const effects = createEffects(dependencies);
  const checked = async (execution: Execution) =>
    verified({ ...dependencies, effectUnder: (key) => effects.under(key) }, execution, entries).catch(
      (error: unknown) => {
        meterAttempt(registry, execution, 'refused');
        throw error;
      },
    );

  const execute = async (execution: Execution, { action }: Verified): Promise<Executed> => {
    const { root, key, digest, args } = execution;
    if (!('run' in action)) throw changed(execution);
    effects.mayExecute();
    const before = await effects.known(execution);
    if (before !== undefined) return before;
    await effects.begin(execution, action);
    const beat = setInterval(() => {
      heartbeat();
    }, 5_000);
    let result: Json;
    try {
      const signal = cancellationSignal();
      // What it returns is noted where it cannot be carried on: the effect was there, and is not tried again for it.
      result = kept(await action.run(args, { key, workflowId: root.workflowId, digest, signal }));
      meterAttempt(registry, execution, 'done');
    } catch (error) {
      meterAttempt(registry, execution, 'failed');
      throw failure(error);
    } finally {
      clearInterval(beat);
    }
    return effects.executed(execution, result);
  };

  /** Where the store does not take them now, the workflow stores them like any other. */
  const ended = async (
    chain: Chain,
    of: EffectOf,
    ending: Ending,
    at: string,
  ): Promise<readonly AuditEntry[]> => {
    const { pending } = endingFacts(of, ending).reduce(
      (on, fact) => append(on, fact, at),
      recorded(chain, chain.seq),
    );
    const taken = await record({ root: chain.root, entries: pending }).catch(() => ({ missing: true }));
    return taken === undefined ? pending : [];
  };

  const hashes = (...entries: (readonly AuditEntry[])[]) => entries.flat().map(({ hash }) => hash);

  return {
    assessed: (values) => effects.assessed(values),

    async judged(execution, dispatch) {
      const { action, gone } = await checked(execution);
      if (!dispatch) return without(gone);
      if (!('dispatch' in action)) throw changed(execution);
      effects.mayExecute();
      const permitted = await effects.dispatched(execution, action.dispatch(execution.args), execution.at);
      return { ...permitted, ...without(gone) };
    },

    unread: async (execution) => without(await goneFor(execution, entries, timeOf(execution))),

    execute: async (execution) => execute(execution, await checked(execution)),

    async recordAndExecute({ chain, execution, at }) {
      if ((await record({ root: chain.root, entries: chain.pending })) !== undefined)
        throw ApplicationFailure.retryable(
          'the audit store lacks the entry that these follow',
          'ENTRY_MISSING',
        );
      const approved = await checked(execution);
      // That goes on record before the effect, and the workflow alone numbers its entries.
      if (approved.gone.length > 0)
        throw ApplicationFailure.retryable(
          'histories that are gone go on record before the effect',
          'HISTORIES_GONE',
        );
      const { result, receipt } = await execute(execution, approved);
      const after = await ended(chain, execution, { how: 'executed', result, receipt }, at);
      return { result, receipt, stored: hashes(chain.pending, after) };
    },

    async recordEffect({ chain, of, answer, otherwise, at }) {
      const { root } = chain;
      if ((await record({ root, entries: chain.pending })) !== undefined) return { missing: true };
      const told = otherwise === undefined ? await effects.receipted(of, answer) : undefined;
      // Of our own effects the store knows, whatever became of the answer.
      const stored = told === undefined && of.by === undefined ? await effects.known(of) : undefined;
      const found = told ?? stored;
      const ending: Ending =
        found === undefined
          ? (otherwise ?? bare(of, kept(answer)))
          : { how: 'executed', result: found.result, receipt: found.receipt };
      const after = await ended(chain, of, ending, at);
      return {
        how: ending.how,
        ...(found === undefined ? {} : { receipt: found.receipt }),
        // The answer itself is in the workflow's history already.
        ...(stored === undefined ? {} : { result: stored.result }),
        stored: hashes(chain.pending, after),
      };
    },
  };
}

/** An answer that came without a receipt. */
function bare({ by }: EffectOf, result: Json): Ending {
  return by === undefined ? { how: 'by-hand', result } : { how: 'executed', result, receipt: 'none' };
}

/** Nothing is said where nothing is gone. */
function without(gone: readonly string[]): Pick<Judged, 'gone'> | undefined {
  return gone.length === 0 ? undefined : { gone };
}

function changed({ action }: Execution): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `the action ${action} is another one than was approved`,
    'ACTION_CHANGED',
  );
}
