/** What touches the world, one effect each, over named dependencies. */
import {
  activityInfo,
  ApplicationFailure,
  cancellationSignal,
  Context,
  heartbeat,
} from '@temporalio/activity';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { messageOf } from '../domain/message';
import type { Action, LocalAction, RetryAfter } from '../actions/action';
import type { Registry } from '../actions/registry';
import { append, executedFacts, recorded } from '../domain/audit';
import { canonical, digestOf, effectKey, sha256Hex } from '../domain/digest';
import { milliseconds } from '../domain/duration';
import type { Runs } from '../domain/gate';
import type { Json } from '../domain/json';
import { guard, kept } from '../domain/json';
import { DEFAULT_POLICY } from '../domain/policy';
import { TryLater, type Agent } from '../providers/llm/agent';
import type { AuditStore } from '../store/audit-store';
import { decideSignal } from '../workflows/messages';
import type { Activities, Execution } from './types';

export interface Dependencies {
  readonly registry: Registry;
  readonly agent: Agent;
  readonly store: AuditStore;
}

const ATTEMPT = '1 minute';
const PREVIEW_WITHIN = 5_000;

export function createActivities({ registry, agent, store }: Dependencies): Activities {
  const execute = async (execution: Execution, approval: Approval): Promise<Json> => {
    const action = await verified(execution, registry, approval);
    const { root, key, digest, args } = execution;
    const beat = setInterval(() => {
      heartbeat();
    }, 5_000);
    try {
      const signal = cancellationSignal();
      return (await action.run(args, { key, workflowId: root.workflowId, digest, signal })) ?? null;
    } catch (error) {
      throw failure(error);
    } finally {
      clearInterval(beat);
    }
  };

  const activities: Activities = {
    async propose({ task, level, earlier }) {
      let kept: Json | undefined = keptBefore();
      const beat = setInterval(() => {
        heartbeat(kept);
      }, 3_000);
      try {
        const answer = await agent.propose({
          task,
          level,
          earlier,
          signal: cancellationSignal(),
          kept,
          keep: (progress) => {
            kept = progress;
            heartbeat(kept);
          },
        });
        const by = `${level} (${agent.name})`;
        const made = answer.generation === undefined ? {} : { generation: answer.generation };
        if (answer.kind === 'proposal') return { ok: true, proposal: answer.proposal, by, ...made };
        return { ok: false, code: answer.code, message: answer.message, by, ...made };
      } catch (error) {
        throw later(error);
      } finally {
        clearInterval(beat);
      }
    },

    async assess({ action: name, args, policy }) {
      const checked = registry.check(name, args);
      if (!checked.ok) return checked;
      const { action } = checked;
      const preview = await previewOf(action, checked.args);
      const assessment = {
        args: checked.args,
        risk: action.risk,
        runs: runsOf(action, checked.args),
        ...(preview === undefined ? {} : { preview }),
      };
      return { ok: true, assessment, policy: policy ?? DEFAULT_POLICY };
    },

    async record({ root, entries }) {
      fromOurWorkflow();
      await store.append(entries.map((entry) => ({ ...root, ...entry })));
    },

    execute: (execution) => execute(execution, (evidence) => store.entry(execution.root, evidence)),

    async recordAndExecute({ chain, execution, at }) {
      const { root, gate, key } = execution;
      await activities.record({ root, entries: chain.pending });
      // What has just been stored need not be read back.
      const approval = async (evidence: Execution['evidence']) =>
        chain.pending.find(({ seq, hash }) => seq === evidence.seq && hash === evidence.hash) ??
        (await store.entry(root, evidence));
      const result = kept(await execute(execution, approval));
      const before = recorded(chain, chain.seq);
      const { pending } = executedFacts(gate, key, result).reduce((on, fact) => append(on, fact, at), before);
      // Where the store does not take these two now, the workflow stores them like any other.
      const after = await activities.record({ root, entries: pending }).then(
        () => pending,
        () => [],
      );
      return { result, stored: [...chain.pending, ...after].map(({ hash }) => hash) };
    },

    async receiveTimes({ ids }) {
      const { workflowExecution } = activityInfo();
      if (workflowExecution === undefined) throw ApplicationFailure.nonRetryable('not called by a workflow');
      const { workflowId, runId } = workflowExecution;
      const { events } = await Context.current().client.workflow.getHandle(workflowId, runId).fetchHistory();
      const earliest = new Map<string, string>();
      for (const { eventTime, workflowExecutionSignaledEventAttributes: signaled } of events ?? []) {
        if (signaled?.signalName !== decideSignal.name) continue;
        const id = idIn(signaled.input?.payloads?.[0]);
        if (id === undefined || !ids.includes(id) || earliest.has(id) || eventTime == null) continue;
        earliest.set(
          id,
          new Date(Number(eventTime.seconds) * 1000 + Math.floor((eventTime.nanos ?? 0) / 1e6)).toISOString(),
        );
      }
      return [...earliest].map(([id, at]) => ({ id, at }));
    },
  };
  return activities;
}

/** What the attempt before this one had kept. */
function keptBefore(): Json | undefined {
  const details: unknown = activityInfo().heartbeatDetails;
  return guard(details) === undefined ? (details as Json | undefined) : undefined;
}

/** A provider that says when to come back is not called before. */
function later(error: unknown): unknown {
  if (!(error instanceof TryLater) || error.milliseconds === undefined) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: error.name,
    nextRetryDelay: error.milliseconds,
    cause: error,
  });
}

/** The entry that says it was approved, where there is one. */
type Approval = (evidence: Execution['evidence']) => Promise<{ readonly entry: string } | undefined>;

/**
 * Entries are written by the workflows of this worker alone: only they can call an activity locally. Whoever may write to
 * the namespace can schedule any activity on our task queue, and must not write evidence for the executor.
 */
function fromOurWorkflow(): void {
  if (!activityInfo().isLocal)
    throw ApplicationFailure.nonRetryable(
      'entries are recorded by Countersign’s own workflows alone',
      'NOT_LOCAL',
    );
}

/** The executor trusts nobody who can start an activity: digest, key and evidence are checked just before the effect. */
async function verified(execution: Execution, registry: Registry, approval: Approval): Promise<LocalAction> {
  const { root, gate, revision, digest, action, args, key, evidence } = execution;
  if (digestOf({ ...root, gate, revision, action, args }) !== digest)
    throw ApplicationFailure.nonRetryable('the args are not those of the approved digest', 'DIGEST_MISMATCH');
  if (effectKey(root, gate, digest) !== key)
    throw ApplicationFailure.nonRetryable('the key is not that of the approved digest', 'KEY_MISMATCH');
  const entry = await approval(evidence);
  // A text that was changed has another hash, wherever it was changed.
  const told = entry !== undefined && sha256Hex(entry.entry) === evidence.hash ? entry.entry : 'null';
  const fact = JSON.parse(told) as { type?: unknown; digest?: unknown } | null;
  if (fact?.type !== 'approved' || fact.digest !== digest)
    throw ApplicationFailure.nonRetryable('the audit store holds no approval of this digest', 'NO_EVIDENCE');
  const checked = registry.check(action, args);
  if (!checked.ok) throw ApplicationFailure.nonRetryable(checked.message, checked.code);
  if (!('run' in checked.action) || canonical(checked.args) !== canonical(args))
    throw ApplicationFailure.nonRetryable(
      `the action ${action} is another one than was approved`,
      'ACTION_CHANGED',
    );
  return checked.action;
}

async function previewOf(action: Action, args: object): Promise<Json | undefined> {
  if (action.preview === undefined) return undefined;
  const signal = AbortSignal.timeout(PREVIEW_WITHIN);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error(`no answer within ${String(PREVIEW_WITHIN / 1000)} s`));
    });
  });
  try {
    const preview = await Promise.race([action.preview(args, { signal }), late]);
    const unfit = guard(preview);
    return unfit === undefined ? preview : { unavailable: unfit };
  } catch (error) {
    return { unavailable: messageOf(error) };
  }
}

function runsOf(action: Action, args: object): Runs {
  if ('dispatch' in action) return { in: 'queue', ...action.dispatch(args) };
  if ('effect' in action) return { in: 'nowhere' };
  const { short, timeout = ATTEMPT } = action;
  const attempts = typeof action.attempts === 'function' ? action.attempts(args) : action.attempts;
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts > 0))
    throw ApplicationFailure.nonRetryable(`the action's attempts must be 1 or more, not ${String(attempts)}`);
  if (!(milliseconds(timeout) > 0))
    throw ApplicationFailure.nonRetryable(`the action's timeout ${timeout} is no duration`);
  return {
    in: 'worker',
    timeout,
    ...(attempts === undefined ? {} : { attempts }),
    ...(short === true && attempts === undefined ? { short } : {}),
  };
}

/**
 * A programming error or a `PermanentError` is the same at every attempt; anything else may pass. By name, for a module
 * of one's own may bring classes of its own.
 */
function failure(error: unknown): unknown {
  const name = error instanceof Error ? error.name : 'Error';
  const permanent = [
    'PermanentError',
    'TypeError',
    'ReferenceError',
    'SyntaxError',
    'RangeError',
    'ZodError',
  ];
  if (permanent.includes(name)) return ApplicationFailure.nonRetryable(messageOf(error), name);
  const pause = name === 'RetryAfter' ? (error as Partial<RetryAfter>).milliseconds : undefined;
  if (pause === undefined) return error;
  return ApplicationFailure.create({ message: messageOf(error), type: name, nextRetryDelay: pause });
}

function idIn(payload: Payload | null | undefined): string | undefined {
  if (payload == null) return undefined;
  try {
    const id = defaultPayloadConverter.fromPayload<{ id?: unknown } | null>(payload)?.id;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined; // what does not decode was no decision
  }
}
