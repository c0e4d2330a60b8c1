/**
 * Tells people that they are asked, where the worker has channels; without any this costs nothing. Nobody waits for a channel but
 * the workflow's end: a gate opens, and an INFO goes on, however long a webhook is down.
 */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { sha256Hex, canonical } from '../../domain/digest';
import { deciderOf, instant, isLevelGate, type Gate } from '../../domain/gate';
import type { Notice } from '../../domain/gate/notice';
import { approversOf, levelAt } from '../../domain/policy';
import { notifier } from '../runtime/activities';
import { now } from '../runtime/replay-clock';
import type { Ledger } from '../record/ledger';
import { rootCause } from '../runtime/root-cause';

export interface Notices {
  /** The gate has passed from one state to the next. */
  moved(before: Gate | undefined, next: Gate): void;
  /** Resolves once everything that is still worth saying is said, or could not be. */
  settled(): Promise<void>;
}

export function openNotices(ledger: Ledger, listening: () => boolean): Notices {
  let scopes: CancellationScope[] = [];
  const outstanding = new Set<Promise<void>>();
  let anySent = false;

  function send(notice: Notice): void {
    const { kind, gate, people, id } = notice;
    const scope = new CancellationScope();
    if (kind !== 'closed' && kind !== 'info') scopes.push(scope);
    anySent = true;
    ledger.note({ type: 'notified', gate, kind, to: [...people], id });
    const sending: Promise<void> = scope
      .run(() => notifier(kind)(notice))
      .catch((error: unknown) => {
        if (isCancellation(error)) return;
        ledger.note({ type: 'not-notified', gate, kind, id, message: rootCause(error).slice(0, 500) });
      })
      .finally(() => outstanding.delete(sending));
    outstanding.add(sending);
  }

  return {
    moved(before, next) {
      if (!listening()) return;
      const kind = kindOf(before, next, anySent);
      if (kind === undefined) return;
      // Whoever was asked need not be told any more once the gate is closed.
      if (kind === 'closed') {
        for (const scope of scopes) scope.cancel();
        scopes = [];
      }
      send(noticeOf(kind, next));
    },
    async settled() {
      await Promise.all(outstanding);
    },
  };
}

function kindOf(before: Gate | undefined, next: Gate, anySent: boolean): Notice['kind'] | undefined {
  // How a level ended is its owner's to tell: it may go on.
  if (next.status === 'closed') return anySent && !isLevelGate(next) ? 'closed' : undefined;
  if (next.status === 'approved') return next.basis === 'notice' ? 'info' : undefined;
  if (next.status !== 'open') return undefined;
  if (before?.status !== 'open' || before.revision !== next.revision)
    return isLevelGate(next) && before === undefined ? 'escalated' : 'opened';
  if (next.reminded > before.reminded) return 'reminder';
  return next.warned !== undefined && next.warned !== before.warned ? 'warning' : undefined;
}

function noticeOf(kind: Notice['kind'], next: Gate): Notice {
  const { root, gate, revision, digest, policy, rung, requester, proposal, assessment, reviewers } = next;
  const level = levelAt(policy, rung);
  const nth = kind === 'reminder' ? next.reminded : kind === 'warning' ? (next.warned ?? 0) : 0;
  return {
    id: sha256Hex(canonical([root.workflowId, root.firstRunId, gate, digest, level.name, kind, nth])),
    kind,
    at: instant(now()),
    workflowId: deciderOf(next, level.name),
    gate,
    revision,
    level: level.name,
    people: [...new Set([...approversOf(level, reviewers), ...next.delegations.map(({ to }) => to)])],
    action: proposal.action,
    title: proposal.title,
    risk: assessment.risk,
    requester,
    ...(next.status === 'open' ? { deadline: instant(next.deadline) } : {}),
    ...(next.status === 'closed' ? { outcome: next.outcome } : {}),
    ...(next.status === 'closed' && next.reason !== undefined ? { reason: next.reason.slice(0, 500) } : {}),
  };
}
