/** What touches the world, one effect each, over named dependencies. */
import { randomBytes } from 'node:crypto';
import { activityInfo, ApplicationFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Registry } from '../actions/registry';
import { append, executedFacts, recorded } from '../domain/audit';
import { canonical, type Root } from '../domain/digest';
import { guard, kept, type Json } from '../domain/json';
import type { Notice } from '../domain/notice';
import type { Directory } from '../domain/reviewers';
import type { Rules } from '../domain/rules';
import type { Agent } from '../providers/llm/agent';
import type { Channel } from '../providers/notify/channel';
import { verifyBatch } from '../providers/reviewers/verify';
import type { FeedbackSink } from '../providers/feedback/sink';
import { EntryRefused, type AuditStore } from '../store/audit-store';
import type { FeedbackStore } from '../store/feedback-store';
import { assess } from './assess';
import { verified, type Record } from './executor';
import { receiveTimes } from './receive-times';
import { bounded, failure, isFinal, later } from './failures';
import { reconcile } from './reconcile';
import { meterAttempt, meterModel } from './metering';
import { feedbackActivities } from './feedback';
import { learn, lessonsFor } from './lessons';
import { place } from './place';
import { firstRunOf } from './server';
import type { Activities, Execution } from './types';

export interface Dependencies {
  readonly registry: Registry;
  readonly agent: Agent;
  readonly store: AuditStore;
  readonly rules: Rules;
  /** As the worker holds it now; undefined: names are believed. */
  readonly reviewers: () => Directory | undefined;
  /** What signed texts call this installation, now. */
  readonly deployment: () => string;
  readonly channels: readonly Channel[];
  readonly feedback: {
    readonly store: FeedbackStore;
    /** Of each action's last edits and rejections, so many are shown to the agent that proposes. */
    readonly lessons: number;
    /** Where it goes besides; undefined: nowhere. */
    readonly sink?: FeedbackSink | undefined;
  };
}

export function createActivities(dependencies: Dependencies): Activities {
  const { agent, store, channels, registry } = dependencies;
  const execute = async (execution: Execution, record: Record): Promise<Json> => {
    const action = await verified(dependencies, execution, record).catch((error: unknown) => {
      meterAttempt(registry, execution, 'refused');
      throw error;
    });
    const { root, key, digest, args } = execution;
    if (!('run' in action))
      throw ApplicationFailure.nonRetryable(
        `the action ${execution.action} is another one than was approved`,
        'ACTION_CHANGED',
      );
    const beat = setInterval(() => {
      heartbeat();
    }, 5_000);
    try {
      const signal = cancellationSignal();
      // What it returns is noted where it cannot be carried on: the effect was there, and is not tried again for it.
      const result = kept(await action.run(args, { key, workflowId: root.workflowId, digest, signal }));
      meterAttempt(registry, execution, 'done');
      return result;
    } catch (error) {
      meterAttempt(registry, execution, 'failed');
      throw failure(error);
    } finally {
      clearInterval(beat);
    }
  };

  const recordOf: Record = ({ workflowId, firstRunId }) => store.entries(workflowId, firstRunId);

  const activities: Activities = {
    async propose(task) {
      const seed = newSeed();
      let kept: Json | undefined = keptBefore();
      const beat = setInterval(() => {
        heartbeat(kept);
      }, 3_000);
      try {
        const lessons = await lessonsFor(
          dependencies.feedback,
          task.produce === undefined ? dependencies.registry.names() : [task.produce],
        );
        const answer = await agent.propose({
          ...task,
          ...(lessons.length === 0 ? {} : { lessons }),
          signal: cancellationSignal(),
          kept,
          keep: (progress) => {
            kept = progress;
            heartbeat(kept);
          },
        });
        const by = `${task.level} (${answer.by ?? agent.name})`;
        const made = answer.generation === undefined ? {} : { generation: answer.generation };
        meterModel(answer.by ?? agent.name, answer.generation);
        if (answer.kind === 'proposal') return { ok: true, proposal: answer.proposal, by, seed, ...made };
        return { ok: false, code: answer.code, message: answer.message, by, seed, ...made };
      } catch (error) {
        throw bounded(later(error));
      } finally {
        clearInterval(beat);
      }
    },

    async assess(request) {
      const found = await assess({ ...dependencies, channels: channels.length > 0 }, request);
      return { ...found, seed: newSeed() };
    },

    seed: () => Promise.resolve(newSeed()),

    place,

    async verify({ where, reviewers: recorded, decisions }) {
      return verifyBatch(recorded, where, decisions);
    },

    async notify(notice) {
      fromItsWorkflow(notice);
      // What an earlier attempt has told is not told again.
      const done = namesIn(activityInfo().heartbeatDetails);
      const settled = (name: string) => {
        done.push(name);
        heartbeat(done);
      };
      const told = await Promise.allSettled(
        channels
          .filter(({ name }) => !done.includes(name))
          .map(async (channel) => {
            await channel.tell(notice, cancellationSignal()).catch((error: unknown) => {
              const failed = failure(later(error));
              // One that will never take it is not asked again either, while another may yet.
              if (isFinal(failed)) settled(channel.name);
              throw failed;
            });
            settled(channel.name);
          }),
      );
      const failed = told.filter((one) => one.status === 'rejected').map(({ reason }): unknown => reason);
      // One that may yet come off is tried again, whatever the others say.
      const again = failed.find((one) => !isFinal(one));
      if (failed.length > 0) throw again ?? failed[0];
    },

    ...feedbackActivities(dependencies.feedback, (error) => failure(later(error))),

    async record({ root, entries, after, permit }) {
      fromOurWorkflow();
      const own = await ofItsChain(root);
      if (after !== undefined && (await store.entry(own, after)) === undefined) return { missing: true };
      const { missing } = await store.append(entries.map((entry) => ({ ...entry, ...own }))).catch(refusal);
      if (missing !== undefined) return { missing: true };
      // Nobody waits for it: without a lesson nothing is wrong.
      void learn(dependencies.feedback, store, own, entries).catch(() => undefined);
      if (permit !== undefined) await verified(dependencies, permit, recordOf);
      return undefined;
    },

    reconcile: (request) => reconcile(store, request),

    execute: (execution) => execute(execution, recordOf),

    async recordAndExecute({ chain, execution, at }) {
      const { gate, key } = execution;
      const { root } = chain;
      if ((await activities.record({ root, entries: chain.pending })) !== undefined)
        throw ApplicationFailure.retryable(
          'the audit store lacks the entry that these follow',
          'ENTRY_MISSING',
        );
      // What has just been stored need not be read back.
      const { seq, hash } = execution.evidence;
      const stored = chain.pending.some((one) => one.seq === seq && one.hash === hash);
      const own: Record = (asked) =>
        stored && canonical(asked) === canonical(root) ? Promise.resolve(chain.pending) : recordOf(asked);
      const result = await execute(execution, own);
      const before = recorded(chain, chain.seq);
      const { pending } = executedFacts(gate, key, result).reduce((on, fact) => append(on, fact, at), before);
      // Where the store does not take these two now, the workflow stores them like any other.
      const after = await activities.record({ root, entries: pending }).then(
        (answer) => (answer === undefined ? pending : []),
        () => [],
      );
      return { result, stored: [...chain.pending, ...after].map(({ hash }) => hash) };
    },

    receiveTimes,
  };
  return activities;
}

/** Whoever may write to the namespace can schedule any activity, and must not have our channels speak of somebody else's gate. */
function fromItsWorkflow(notice: Partial<Notice> | undefined): void {
  const scheduledBy = activityInfo().workflowExecution?.workflowId;
  if (scheduledBy === undefined || scheduledBy !== notice?.workflowId)
    throw ApplicationFailure.nonRetryable('a workflow tells of its own gate alone', 'NOT_ITS_WORKFLOW');
}

function namesIn(details: unknown): string[] {
  return Array.isArray(details) ? details.filter((one) => typeof one === 'string') : [];
}

/** What the attempt before this one had kept. */
function keptBefore(): Json | undefined {
  const details: unknown = activityInfo().heartbeatDetails;
  return guard(details) === undefined ? (details as Json | undefined) : undefined;
}

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

/** For the salts of a record: whoever does not know them cannot guess at a text that was erased. */
function newSeed(): string {
  return randomBytes(16).toString('hex');
}

/** The chain of the workflow that asks, as the server names it: nobody writes to another's record. */
async function ofItsChain({ workflowId, firstRunId }: Root): Promise<Root> {
  const own = await firstRunOf();
  if (own.workflowId === workflowId && own.firstRunId === firstRunId) return own;
  throw ApplicationFailure.nonRetryable(
    `a workflow records in its own chain alone: it is ${own.workflowId}, first run ${own.firstRunId}`,
    'NOT_ITS_WORKFLOW',
  );
}

/** What is no entry will be none at the next attempt either. */
function refusal(error: unknown): never {
  if (error instanceof EntryRefused) throw ApplicationFailure.nonRetryable(error.message, error.code);
  throw error;
}
