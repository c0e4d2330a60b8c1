/** Countersign's workflows with one of somebody's own, which asks people in each of its runs. */
import { continueAsNew } from '@temporalio/workflow';
import { gated } from '../../src/workflows/public';
import type { Proposal } from '../../src/workflows/public';

export * from '../../src/workflows';

/** One gate a run, by the names given; answers how each ended. */
export async function runs(
  proposal: Proposal,
  gates: readonly string[],
  ended: readonly string[] = [],
): Promise<readonly string[]> {
  const { outcome, reason = '' } = await gated({
    proposal,
    requester: 'rita',
    gate: gates[ended.length] ?? '',
  });
  const all = [...ended, `${outcome} ${reason}`.trim()];
  if (all.length < gates.length) await continueAsNew<typeof runs>(proposal, gates, all);
  return all;
}
