/** A gate as a person reads it: open or closed, what holds up its effect, and what has changed since they read it last. */
import type { PacketAtEnd } from '../client';
import type { Seen } from '../domain/packet/view';
import type { Ports } from './ports';

export interface Shown {
  readonly packet: PacketAtEnd;
  /** What the last attempt at its effect ran into, while it is tried again. */
  readonly trouble?: string | undefined;
  readonly seen?: Seen | undefined;
}

/** Whoever has shown all of it notes that at the port `LastRead`. @throws CountersignError NOT_FOUND, NO_WORKER */
export async function show(
  { gates, identity, lastRead }: Pick<Ports, 'gates' | 'identity' | 'lastRead'>,
  workflowId: string,
): Promise<Shown> {
  const packet = await gates.showAtEnd(workflowId);
  const { trouble } = packet.status === 'executing' ? await gates.status(workflowId) : {};
  return { packet, trouble, seen: await lastRead.before(packet, identity.name) };
}
