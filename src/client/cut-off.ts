/**
 * A workflow that Temporal ended, and no code of its own: terminated, timed out, failed. Asked for its gate it still shows it as
 * it was in that moment, open; so who looks at it is told by the server's account.
 */
import { WorkflowFailedError, type WorkflowExecutionStatusName } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { Packet } from '../domain/packet';
import type { Server } from './server';

export interface CutOff {
  readonly closedBy: WorkflowExecutionStatusName;
  /** As whoever terminated it put it, or its error. */
  readonly reason?: string;
}

/** A packet that is the last one of a workflow that was cut off. */
export type PacketAtEnd = Packet & { readonly closedBy?: WorkflowExecutionStatusName };

/** Undefined of what runs, and of what has ended by its own code. */
export async function cutOff(
  server: Server,
  { workflowId, status }: { readonly workflowId: string; readonly status: WorkflowExecutionStatusName },
): Promise<CutOff | undefined> {
  if (['RUNNING', 'COMPLETED', 'CONTINUED_AS_NEW'].includes(status)) return undefined;
  const reason = await server
    .handle(workflowId)
    .result()
    .then(
      () => undefined,
      (error: unknown) => (error instanceof WorkflowFailedError ? whyOf(error) : undefined),
    );
  return { closedBy: status, ...(reason === undefined ? {} : { reason }) };
}

/** Nothing can be decided any more, whatever the packet offers. One that had closed by itself stays as it is. */
export function packetAtEnd(packet: Packet, { closedBy, reason }: CutOff): PacketAtEnd {
  if (packet.status === 'closed') return packet;
  const { waitingOn: _, waitingFor: __, ...rest } = packet;
  return { ...rest, status: 'closed', verdicts: [], ...(reason === undefined ? {} : { reason }), closedBy };
}

/** How it ended without an outcome, as a sentence. */
export function howFailed(workflowId: string, error: WorkflowFailedError): string {
  const { cause } = error;
  const why = whyOf(error);
  const because = why === undefined ? '' : `: ${why}`;
  if (cause instanceof TerminatedFailure) return `${workflowId} was terminated${because}`;
  if (cause instanceof TimeoutFailure) return `${workflowId} ran out of the time that Temporal gave it`;
  if (cause instanceof CancelledFailure) return `${workflowId} was cancelled${because}`;
  return cause?.message ?? error.message;
}

/** What the SDK says where nobody gave a reason. */
const NO_REASON = [
  'Workflow execution terminated',
  'Workflow execution timed out',
  'Workflow canceled',
  'Workflow execution cancelled',
];

function whyOf({ cause, message }: WorkflowFailedError): string | undefined {
  const why = cause?.message ?? message;
  return why === '' || NO_REASON.includes(why) ? undefined : why;
}
