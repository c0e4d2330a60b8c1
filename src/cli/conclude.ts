/** How a decision that has been made is sent: signed where there is a key, as a signal, confirmed by its receipt. */
import type { Gate } from '../app/decide/locate';
import { submit, type Submitted } from '../app/decide/submit';
import type { DecideInput, Receipt } from '../client';
import type { Deps, ReviewerPorts } from './command';
import type { DecideOptions } from './decide-options';
import { EXIT, jsonLine, visibleId, visibleLine } from './output';
import { signedBy } from './sign';

type SendOptions = Pick<DecideOptions, 'id' | 'key' | 'keyId' | 'deployment' | 'timeout' | 'dryRun'>;

export const DELIVERED = 'delivered, not yet confirmed: no worker has answered';

/** Signs it where there is a key, sends it, and waits for its receipt. @throws AppError, Failure, CountersignError */
export async function send(
  deps: Deps,
  ports: ReviewerPorts,
  { workflowId, packet }: Gate,
  input: DecideInput,
  options: SendOptions,
): Promise<Submitted> {
  const { id, timeout, dryRun = false } = options;
  const read = async () => packet ?? ports.gates.show(workflowId);
  const named = id === undefined ? input : { ...input, id };
  const decision = await signedBy(deps, options, { workflowId, read }, named);
  const within = timeout * 1_000;
  return submit(ports, { workflowId, decision, ownId: id !== undefined, within, dryRun });
}

/** Sends it and says what became of it. False where it was refused, or not sent. */
export async function conclude(
  deps: Deps,
  ports: ReviewerPorts,
  at: Gate,
  input: DecideInput,
  options: DecideOptions,
): Promise<boolean> {
  const { workflowId } = at;
  const { dryRun = false, json } = options;
  const submitted = await send(deps, ports, at, input, options);
  if (submitted.status === 'delivered') {
    const { id, status } = submitted;
    if (json) deps.streams.out(jsonLine({ id, status, message: DELIVERED, workflowId }));
    else deps.streams.out(`${DELIVERED}; its receipt will be that of ${visibleId(id)}\n`);
    return true;
  }
  const refused = submitted.status === 'refused';
  if (json) deps.streams.out(jsonLine({ ...submitted, workflowId, ...(dryRun ? { dryRun } : {}) }));
  else deps.streams.out(`${sentence(workflowId, submitted, dryRun)}\n`);
  if (refused) deps.ended(EXIT.refused);
  return !refused && !dryRun;
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
