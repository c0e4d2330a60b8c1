/** A whole decision, sent to its gate; and what became of it. */
import type { Decision, Receipt } from '../../client';
import { AppError } from '../errors';
import type { Ports } from '../ports';

export interface Submission {
  readonly workflowId: string;
  /** As it is to arrive, signed where it is to be. */
  readonly decision: Decision;
  /** Its id was chosen by whoever sends it, and may have been used before. @default false */
  readonly ownId?: boolean;
  /** Milliseconds to wait for the receipt. */
  readonly within: number;
  /** Asks for the receipt that it would get now, and sends nothing. @default false */
  readonly dryRun?: boolean;
}

/** `delivered`: it is durable, and no worker has answered yet; its receipt will be that of `id`. */
export type Submitted = Receipt | { readonly id: string; readonly status: 'delivered' };

/** Durable from the moment this resolves. @throws AppError ID_REUSED; CountersignError as `send` */
export async function submit(
  { gates }: Pick<Ports, 'gates'>,
  { workflowId, decision, ownId = false, within, dryRun = false }: Submission,
): Promise<Submitted> {
  if (dryRun) return gates.dryRun(workflowId, decision);
  if (ownId) await unused(gates, workflowId, decision);
  const { id } = await gates.send(workflowId, decision);
  return (await gates.confirmed(workflowId, id, within)) ?? { id, status: 'delivered' };
}

/** A reused id must not be answered with the first decision's receipt as its own. */
async function unused(gates: Ports['gates'], workflowId: string, decision: Decision): Promise<void> {
  const { status } = await gates
    .receipt(workflowId, decision.id)
    .catch(() => ({ status: 'unknown' as const }));
  if (status === 'unknown') return;
  const again = await gates.dryRun(workflowId, decision);
  if (again.code === 'ID_REUSED') throw new AppError('ID_REUSED', again.message ?? 'the id was used before');
}
