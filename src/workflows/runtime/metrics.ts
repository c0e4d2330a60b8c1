/**
 * What the worker's metrics and logs are told of gates. Nothing here is a command or an event: emitting happens outside of the workflow,
 * never while it is replayed, and never with content or names of people; each label has a bounded set of values.
 */
import { log, metricMeter, workflowInfo } from '@temporalio/workflow';
import type { Fact } from '../../domain/audit';
import { isLevelGate, type Gate, type Instant } from '../../domain/gate';
import { unpinnedNow } from './replay-clock';
import { traceWait } from './tracing';

/** The levels of the default ladder go by their names; an operator's own names are theirs, and have one label together. */
const KNOWN_LEVELS = ['AGENT', 'SENIOR_AGENT', 'HUMAN', 'MANAGER'];
const OWN_LEVEL = 'own';

type Tags = Record<string, string>;

function count(name: string, description: string, tags: Tags): void {
  if (!workflowInfo().unsafe.isReplaying)
    metricMeter.createCounter(name, undefined, description).add(1, tags);
}

function logEvent(event: string, tags: Tags): void {
  if (!workflowInfo().unsafe.isReplaying) log.info(event, tags);
}

/** @param noted false where there are too many of its kind to be noted: they are counted alone */
export function meterFact(fact: Fact, noted: boolean): void {
  if (fact.type === 'refused') {
    const { code, via } = fact;
    count('countersign_refusals_total', 'Decisions that were not admitted', { code });
    if (noted) logEvent('decision refused', { code, via });
  } else if (fact.type === 'escalated') {
    const passed = { from: labelOf(fact.from), to: labelOf(fact.to) };
    count('countersign_escalations_total', 'Gates passed from one level to the next', passed);
    logEvent('gate passed on', passed);
  }
}

function labelOf(level: string): string {
  return KNOWN_LEVELS.includes(level) ? level : OWN_LEVEL;
}

/** It ended before there was anything to ask people. */
export function meterUnopened(outcome: string): void {
  count('countersign_unopened_total', 'Workflows that ended before a gate opened', { outcome });
  logEvent('ended without a gate', { outcome });
}

export interface GateMeter {
  moved(before: Gate | undefined, next: Gate): void;
  /** When people were first asked; undefined where they were not, or an earlier version did not keep it. */
  openedAt(): Instant | undefined;
}

/** @param openedAt as the run before knew it. The gate of a level's own workflow is its owner's, and is counted there. */
export function openMeter(openedAt?: Instant): GateMeter {
  let since = openedAt;
  return {
    openedAt: () => since,
    moved(before, next) {
      if (isLevelGate(next)) return;
      if (before === undefined) {
        const opened = { confirmation: next.policy.confirmation, risk: next.assessment.risk };
        count('countersign_gates_opened_total', 'Gates opened', opened);
        logEvent('gate opened', opened);
        since = isBeforePeople(next) ? unpinnedNow() : undefined;
      }
      const decision = decisionIn(before, next);
      if (decision !== undefined && since !== undefined) {
        const at = unpinnedNow();
        metricMeter
          .createHistogram(DECIDED, 'float', 's', 'From the first question to people to their decision')
          .record(Math.max(0, (at - since) / 1000), { decision });
        traceWait(since, at, decision);
        since = undefined;
      }
      if (next.status !== 'closed') return;
      const { outcome, proposal } = next;
      count('countersign_gates_closed_total', 'Gates closed, by how', { outcome });
      logEvent('gate closed', { outcome, action: proposal.action });
      if ((before?.status === 'approved' || before?.status === 'executing') && outcome !== 'approved')
        count('countersign_effects_total', 'What became of approved actions', {
          action: proposal.action,
          outcome,
        });
    },
  };
}

const DECIDED = 'countersign_decided_seconds';

function isBeforePeople({ status }: Gate): boolean {
  return status === 'open' || status === 'waiting';
}

function decisionIn(before: Gate | undefined, next: Gate): string | undefined {
  if (before !== undefined && !isBeforePeople(before) && before.status !== 'proposing') return undefined;
  if (next.status === 'approved' || next.status === 'executing') return 'approved';
  return next.status === 'closed' ? next.outcome : undefined;
}
