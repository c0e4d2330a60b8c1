/** Temporal and the store tell of the same gates: on a schedule both accounts are compared, and what differs is recorded, or raised. */
import { ApplicationFailure, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/types';
import type { Fact } from '../../domain/audit';
import { milliseconds } from '../../domain/duration';
import { instant } from '../../domain/gate';
import { parseReconcile, type Reconciled } from '../../domain/reconcile';
import { now } from '../runtime/replay-clock';
import { goesOn } from '../runtime/earlier-runs';
import { fitting } from '../runtime/invalid-input';
import { openLedger } from '../record/ledger';

const { reconcile: compare } = proxyActivities<Pick<Activities, 'reconcile'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
  summary: 'compare closed workflows with the store',
});

const DAY = 24 * 60 * 60 * 1_000;
const TOLD = 100;

/** @throws ApplicationFailure AUDIT_MISMATCH, with the report as its details: it shows as failed wherever people look */
export async function reconcile(argument: unknown): Promise<Reconciled> {
  const { since, settle } = fitting(parseReconcile(argument));
  goesOn();
  const { workflowId, firstExecutionRunId: firstRunId, lastResult } = workflowInfo();
  const ledger = openLedger({ workflowId, firstRunId }, 'reconcile');
  ledger.watch((reason) => {
    setCurrentDetails(reason ?? '');
  });
  const until = instant(now() - milliseconds(settle));
  const from = since ?? (lastResult as Reconciled | undefined)?.until ?? instant(now() - DAY);
  const found: Record<'ended' | 'explained', number> = { ended: 0, explained: 0 };
  const mismatches: string[] = [];
  let checked = 0;
  let page: string | undefined;
  do {
    const next = await compare({ since: from, until, ...(page === undefined ? {} : { page }) });
    for (const fact of next.facts) {
      ledger.note(fact);
      if (fact.type === 'found-ended') found.ended += 1;
      else if (fact.type === 'fork-explained') found.explained += 1;
      else mismatches.push(...sentence(fact));
    }
    checked += next.checked;
    page = next.page;
    if (ledger.pending() > TOLD) await ledger.store();
  } while (page !== undefined);
  ledger.note({ type: 'reconciled', since: from, until, checked });
  await ledger.store();
  const report: Reconciled = {
    v: 1,
    since: from,
    until,
    checked,
    ...found,
    mismatches: mismatches.slice(0, TOLD),
    audit: ledger.head(),
  };
  if (mismatches.length === 0) return report;
  throw ApplicationFailure.nonRetryable(
    `AUDIT_MISMATCH: ${String(mismatches.length)} of ${String(checked)} do not match the store: ${mismatches[0] ?? ''}`,
    'AUDIT_MISMATCH',
    report,
  );
}

function sentence(fact: Fact): string[] {
  return fact.type === 'mismatch' ? [`${fact.of.workflowId}: ${fact.problem}`] : [];
}
