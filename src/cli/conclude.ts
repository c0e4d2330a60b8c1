/** How a decision that has been made is sent: signed where there is a key, as a signal, confirmed by its receipt. */
import { AppError } from '../app/errors';
import { randomUUID } from 'node:crypto';
import type { Countersign, DecideInput, Decision, Receipt } from '../client';
import type { Deps } from './command';
import type { DecideOptions, Place } from './decide';
import { EXIT, jsonLine, visibleId, visibleLine } from './output';
import { signedBy } from './sign';

/** What became of it; `receipt` is undefined where no worker has answered yet. */
export interface Sent {
  readonly id: string;
  readonly receipt: Receipt | undefined;
}

/** Signs it where there is a key, sends it, and waits for its receipt. @throws Failure, CountersignError */
export async function send(
  deps: Deps,
  countersign: Countersign,
  at: Place,
  decision: DecideInput,
  options: Pick<DecideOptions, 'id' | 'key' | 'keyId' | 'deployment' | 'timeout'>,
): Promise<Sent> {
  const whole = await authenticated(deps, countersign, at, decision, options);
  if (options.id !== undefined) await unused(countersign, at.workflowId, whole);
  const { id } = await countersign.send(at.workflowId, whole);
  return { id, receipt: await countersign.confirmed(at.workflowId, id, options.timeout * 1000) };
}

function authenticated(
  deps: Deps,
  countersign: Countersign,
  { workflowId, packet }: Place,
  decision: DecideInput,
  options: Pick<DecideOptions, 'id' | 'key' | 'keyId' | 'deployment'>,
): Promise<Decision> {
  const whole = { ...decision, id: options.id ?? randomUUID() };
  const read = async () => packet ?? countersign.show(workflowId);
  return signedBy(deps, options, { workflowId, read }, whole);
}

/** Sends it and says what became of it. False where it was refused, or not sent. */
export async function conclude(
  deps: Deps,
  countersign: Countersign,
  at: Place,
  decision: DecideInput,
  options: DecideOptions,
): Promise<boolean> {
  const { workflowId } = at;
  if (options.dryRun) {
    const whole = await authenticated(deps, countersign, at, decision, options);
    report(deps, workflowId, await countersign.dryRun(workflowId, whole), options, true);
    return false;
  }
  const { id, receipt } = await send(deps, countersign, at, decision, options);
  if (receipt !== undefined) return report(deps, workflowId, receipt, options);
  const delivered = {
    id,
    status: 'delivered',
    message: 'delivered, not yet confirmed: no worker has answered',
    workflowId,
  };
  if (options.json) deps.streams.out(jsonLine(delivered));
  else deps.streams.out(`${delivered.message}; its receipt will be that of ${visibleId(id)}\n`);
  return true;
}

/** A reused id must not be told the first decision's receipt as its own. */
async function unused(countersign: Countersign, workflowId: string, decision: Decision): Promise<void> {
  const { status } = await countersign
    .receipt(workflowId, decision.id)
    .catch(() => ({ status: 'unknown' as const }));
  if (status === 'unknown') return;
  const again = await countersign.dryRun(workflowId, decision);
  if (again.code === 'ID_REUSED') throw new AppError('ID_REUSED', again.message ?? 'the id was used before');
}

function report(
  deps: Deps,
  workflowId: string,
  receipt: Receipt,
  options: DecideOptions,
  dry = false,
): boolean {
  const refused = receipt.status === 'refused';
  if (options.json) deps.streams.out(jsonLine({ ...receipt, workflowId, ...(dry ? { dryRun: true } : {}) }));
  else deps.streams.out(`${sentence(workflowId, receipt, dry)}\n`);
  if (refused) deps.ended(EXIT.refused);
  return !refused;
}

/** A receipt as a sentence. */
export function sentence(
  workflowId: string,
  { status, code, message, revision }: Receipt,
  dry = false,
): string {
  if (status === 'refused')
    return `${dry ? 'would be refused' : 'refused'}: ${visibleId(code ?? '')}: ${visibleLine(message ?? '')}`;
  return `${dry ? 'would be admitted' : visibleId(status)} on revision ${String(revision)} of ${visibleId(workflowId)}`;
}
