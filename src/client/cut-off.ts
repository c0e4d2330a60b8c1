/**
 * A workflow that Temporal ended, and no code of its own: terminated, timed out, failed. Asked for its gate it still shows it as
 * it was in that moment, open; so who looks at it is told by the server's account.
 */
import { WorkflowFailedError, type WorkflowExecutionStatusName } from '@temporalio/client';
import type { Packet } from '../domain/packet';
import { whyOf } from './failed';
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
