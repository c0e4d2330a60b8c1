/** What `countersign audit verify` says, for people; `--json` prints the report as it is. */
import type { Verified } from '../../../app/audit/verify';
import type { Fault } from '../../../domain/chain';
import type { Deps } from '../../command';
import { visibleId, visibleLine } from '../../output';
import { proofsTold } from './proving';

/** Places that are told one by one; `--json` has all. */
const SHOWN = 100;

export function printReport(deps: Deps, report: Verified): void {
  const { streams } = deps;
  const { faults, chains, entries, branches, unvouched, uncompared, erased, checkpoints, temporal } = report;
  const files = report.configurations?.faults ?? [];
  listPlaces(deps, report);
  const size = `${counted(chains, 'chain')}, ${counted(entries, 'entry', 'entries')}`;
  const beside =
    branches === 0
      ? ''
      : ` (${String(branches)} of them branch off, left by attempts that were cut off or runs before a reset)`;
  const places = faults.length + files.length + (checkpoints?.faults.length ?? 0);
  if (report.holds && chains === 0)
    streams.out('nothing was looked at: the store holds no entries, or none in that time\n');
  else if (report.holds) streams.out(`the record holds: ${size}${beside}\n`);
  else if (places > 0)
    streams.out(`the record does not hold: ${counted(places, 'place')}; ${size}${beside}\n`);
  else
    streams.out(
      `the record holds by itself; ${counted(uncompared.length, 'chain')} cannot be compared; ${size}${beside}\n`,
    );
  if (erased > 0)
    streams.out(
      `${counted(erased, 'text is', 'texts are')} erased: their place, type and time alone are verified\n`,
    );
  if (checkpoints === undefined)
    streams.err(
      'there are no checkpoints: a tail that was cut, or an older copy, shows only beside Temporal\n',
    );
  else {
    streams.out(
      `checkpoints: ${counted(checkpoints.lines, 'line')} in ${counted(checkpoints.files, 'file')}, the last of ${checkpoints.last ?? 'none'}\n`,
    );
    const beyond = unvouched.reduce((sum, one) => sum + one.entries, 0);
    if (beyond > 0)
      streams.out(
        `${counted(beyond, 'entry', 'entries')} that no checkpoint tells of yet: ${unvouched
          .slice(0, 5)
          .map(({ workflowId, seq }) => `${visibleId(workflowId)} from ${String(seq)}`)
          .join(', ')}${unvouched.length > 5 ? ', …' : ''}\n`,
      );
  }
  if (report.proven !== undefined) {
    const { remarks } = report.proven;
    for (const remark of remarks.slice(0, SHOWN)) streams.out(`remark: ${placed(remark)}\n`);
    if (remarks.length > SHOWN) streams.out(`… and ${String(remarks.length - SHOWN)} more remarks\n`);
    streams.out(proofsTold(report.proven));
  }
  if (temporal !== undefined)
    streams.out(
      `Temporal: ${String(temporal.told)} results compared; ${String(temporal.open)} still open, ${String(temporal.silent)} ended without a result, ` +
        `${String(temporal.gone)} not known there (any more)\n`,
    );
}

/** Each place that does not hold, as far as people read. */
function listPlaces({ streams }: Deps, { faults, uncompared, configurations, checkpoints }: Verified): void {
  for (const fault of faults.slice(0, SHOWN)) streams.out(`${placed(fault)}\n`);
  if (faults.length > SHOWN)
    streams.out(`… and ${String(faults.length - SHOWN)} more places; --json has all of them\n`);
  for (const one of uncompared.slice(0, SHOWN))
    streams.out(`${placed({ ...one, message: `cannot be compared with Temporal: ${one.message}` })}\n`);
  if (uncompared.length > SHOWN)
    streams.out(`… and ${String(uncompared.length - SHOWN)} more that cannot be compared\n`);
  for (const { kind, hash, message } of configurations?.faults.slice(0, SHOWN) ?? [])
    streams.out(`the ${visibleLine(kind)} ${visibleLine(hash.slice(0, 12))}… ${message}\n`);
  for (const { file, message } of checkpoints?.faults ?? [])
    streams.out(`${visibleLine(file)}: ${message}\n`);
}

function placed({
  workflowId,
  firstRunId,
  message,
}: Pick<Fault, 'workflowId' | 'firstRunId' | 'message'>): string {
  return `${visibleId(workflowId)} (first run ${visibleId(firstRunId)}): ${visibleLine(message)}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
