/** Temporal and the store tell of the same gates: on a schedule both accounts are compared, and what differs is recorded, or raised. */
import { ApplicationFailure, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { milliseconds } from '../../domain/duration';
import { instant } from '../../domain/gate';
import { parseReconcile, type Reconciled } from '../../domain/reconcile';
import { now } from '../runtime/replay-clock';
import { comparePage } from '../runtime/activities';
import { continuesRun } from '../runtime/earlier-runs';
import { orInvalidInput } from '../runtime/invalid-input';
import { openLedger, type Ledger } from '../record/ledger';

const DAY = 24 * 60 * 60 * 1_000;
/** Mismatches that the report tells; entries that may wait in memory. */
const MOST = 100;

/** @throws ApplicationFailure AUDIT_MISMATCH, with the report as its details: it shows as failed wherever people look */
export async function reconcile(argument: unknown): Promise<Reconciled> {
  const { since, settle } = orInvalidInput(parseReconcile(argument));
  continuesRun(); // it runs once, and never goes on in a new run
  const { workflowId, firstExecutionRunId: firstRunId, lastResult } = workflowInfo();
  const ledger = openLedger({ workflowId, firstRunId }, 'reconcile');
  ledger.watch((reason) => setCurrentDetails(reason ?? ''));
  const until = instant(now() - milliseconds(settle));
  const from = since ?? (lastResult as Reconciled | undefined)?.until ?? instant(now() - DAY);
  const { checked, ended, explained, mismatches } = await compareAll(from, until, ledger);
  ledger.note({ type: 'reconciled', since: from, until, checked });
  await ledger.store();
  const report: Reconciled = {
    ...{ v: 1, since: from, until, checked, ended, explained },
    mismatches: mismatches.slice(0, MOST),
    audit: ledger.head(),
  };
  if (mismatches.length === 0) return report;
  throw ApplicationFailure.nonRetryable(
    `AUDIT_MISMATCH: ${String(mismatches.length)} of ${String(checked)} do not match the store: ${mismatches[0] ?? ''}`,
    'AUDIT_MISMATCH',
    report,
  );
}

/** Page by page; what differs, or is explained, is an entry of this workflow's own record. */
async function compareAll(since: string, until: string, ledger: Ledger) {
  const found = { checked: 0, ended: 0, explained: 0 };
  const mismatches: string[] = [];
  let page: string | undefined;
  do {
    const next = await comparePage({ since, until, ...(page === undefined ? {} : { page }) });
    for (const fact of next.facts) {
      ledger.note(fact);
      if (fact.type === 'found-ended') found.ended += 1;
      else if (fact.type === 'fork-explained') found.explained += 1;
      else if (fact.type === 'mismatch') mismatches.push(`${fact.of.workflowId}: ${fact.problem}`);
    }
    found.checked += next.checked;
    page = next.page;
    if (ledger.pending() > MOST) await ledger.store();
  } while (page !== undefined);
  return { ...found, mismatches };
}
