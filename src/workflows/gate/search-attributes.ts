/** The gate's search attributes. They are readable by anybody who may list workflows: states and names, never content. */
import { canonical } from '../../domain/digest';
import type { Gate } from '../../domain/gate';
import type { Share } from '../../domain/gate/open-limits';
import { approversOf, levelAt } from '../../domain/policy';
import { upsertSearchAttributes } from '@temporalio/workflow';
import {
  CountersignApprovers,
  CountersignDueAt,
  CountersignParties,
  CountersignRisk,
  CountersignState,
} from '../messages';

/** Makes the inbox one visibility query. An execution that ends well costs no further event: `approved` stays true. */
export function announce(before: Gate | undefined, next: Gate): void {
  if (next.status === 'executing') return;
  if (next.status === 'closed') {
    if (next.outcome !== 'executed' && next.outcome !== 'approved') announceState(next.outcome);
    return;
  }
  if (next.status !== 'open') {
    // INFO was never in the inbox.
    if (before !== undefined && before.status !== next.status && before.status !== 'executing')
      announceState(next.status);
    return;
  }
  const was = before?.status === 'open' ? before : undefined;
  const changed = <T>(of: (gate: Gate) => T) =>
    was === undefined || canonical(of(was)) !== canonical(of(next));
  const fresh = [
    ...(was === undefined ? [{ key: CountersignState, value: next.status }] : []),
    ...(changed(approvers) ? [{ key: CountersignApprovers, value: approvers(next) }] : []),
    ...(changed(({ assessment }) => assessment.risk)
      ? [{ key: CountersignRisk, value: next.assessment.risk }]
      : []),
    ...(changed(({ deadline }) => deadline)
      ? [{ key: CountersignDueAt, value: new Date(next.deadline) }]
      : []),
  ];
  if (fresh.length > 0) upsertSearchAttributes(fresh);
}

/** In the queue, and counted with its requester's and its agent's from now on. */
export function announceQueued(shares: readonly Share[]): void {
  upsertSearchAttributes([
    { key: CountersignState, value: 'queued' },
    { key: CountersignParties, value: shares.map(({ party }) => party) },
  ]);
}

export function announceState(state: string): void {
  upsertSearchAttributes([{ key: CountersignState, value: state }]);
}

/** The server takes 2 KiB a search attribute: where the names are more, the gate shows in everybody's inbox. */
function approvers({ policy, rung, reviewers, delegations }: Gate): string[] {
  const people = [
    ...new Set([...approversOf(levelAt(policy, rung), reviewers), ...delegations.map(({ to }) => to)]),
  ];
  return JSON.stringify(people).length <= 1_800 ? people : ['*'];
}
