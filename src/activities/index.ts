/** What touches the world, one effect each, over named dependencies. */
import { randomBytes } from 'node:crypto';
import { activityInfo, ApplicationFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Registry } from '../actions/registry';
import type { Root } from '../domain/digest';
import { guard, type Json } from '../domain/json';
import type { Directory } from '../domain/reviewers';
import type { Rules } from '../domain/gate/policy-source';
import type { Agent } from '../providers/llm/agent';
import type { Channel } from '../providers/notify/channel';
import { verifyBatch } from '../providers/reviewers/verify';
import type { FeedbackSink } from '../providers/feedback/sink';
import { EntryRefused, type AuditStore } from '../store/audit-store';
import type { EffectStore } from '../store/effects';
import type { FeedbackStore } from '../store/feedback-store';
import { assess } from './assess';
import { continued, unfitRun } from './continuation';
import type { EffectDependencies } from './effects';
import type { Entries } from './entries';
import { executing } from './executing';
import { receiveTimes } from './receive-times';
import { bounded, failure, isFinal, later } from './failures';
import { reconcile } from './reconcile';
import { meterModel } from './metering';
import { feedbackActivities } from './feedback';
import { learn, lessonsFor } from './lessons';
import { guarded } from './guards';
import { place } from './place';
import { firstRunOf } from './server';
import type { Activities } from './types';

export interface Dependencies extends EffectDependencies {
  readonly registry: Registry;
  readonly agent: Agent;
  readonly store: AuditStore & EffectStore;
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
  const { agent, store, channels } = dependencies;
  const entries: Entries = ({ workflowId, firstRunId }) => store.entries(workflowId, firstRunId);
  const executor = executing(dependencies, entries, async (request) => {
    const answer = await activities.record(request);
    return answer !== undefined && 'missing' in answer ? answer : undefined;
  });

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
      const unfit = await unfitRun(store, request.opens);
      const sign = executor.assessed;
      const found =
        unfit ?? (await assess({ ...dependencies, channels: channels.length > 0, sign }, request));
      return { ...found, seed: newSeed() };
    },

    seed: () => Promise.resolve(newSeed()),

    continued: () => continued(store),

    place,

    async verify({ where, reviewers: recorded, decisions }) {
      return verifyBatch(recorded, where, decisions);
    },

    async notify(notice) {
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

    async record({ root, entries, after, judge, dispatch = false, executes = false }) {
      const own = await ofItsChain(root);
      if (after !== undefined && (await store.entry(own, after)) === undefined) return { missing: true };
      const { missing } = await store.append(entries.map((entry) => ({ ...entry, ...own }))).catch(refusal);
      if (missing !== undefined) return { missing: true };
      // Nobody waits for it: without a lesson nothing is wrong.
      void learn(dependencies.feedback, store, own, entries).catch(() => undefined);
      if (judge === undefined) return undefined;
      return executes ? executor.unread(judge) : executor.judged(judge, dispatch);
    },

    reconcile: (request) => reconcile(store, request),

    execute: (execution) => executor.execute(execution),

    recordAndExecute: (request) => executor.recordAndExecute(request),

    recordEffect: (request) => executor.recordEffect(request),

    receiveTimes,
  };
  return guarded(activities);
}

function namesIn(details: unknown): string[] {
  return Array.isArray(details) ? details.filter((one) => typeof one === 'string') : [];
}

/** What the attempt before this one had kept. */
function keptBefore(): Json | undefined {
  const details: unknown = activityInfo().heartbeatDetails;
  return guard(details) === undefined ? (details as Json | undefined) : undefined;
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
