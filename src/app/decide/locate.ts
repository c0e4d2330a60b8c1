/** Where a decision belongs: at the workflow that was named, or, while that one waits, at the one that asks for it. */
import { CountersignError, type Packet } from '../../client';
import { askedBelow } from '../../domain/packet';
import { refusal } from '../../domain/gate/refusals';
import type { Ports } from '../ports';

/** Without a packet the gate could not be read, and what was read before is decided on. */
export interface Gate {
  readonly workflowId: string;
  readonly packet: Packet | undefined;
}

/** The gate waits for a decision in another workflow; `message` says which, as the gate itself would. */
export interface Elsewhere {
  readonly child: string;
  readonly code: 'ASK_CHILD';
  readonly message: string;
}

export type Located = ({ readonly at: 'gate' } & Gate) | ({ readonly at: 'child' } & Elsewhere);

export interface LocateInput {
  readonly workflowId: string;
  /** Goes on to the workflow that a gate waits for, however deep it is, and answers with that one. */
  readonly follow?: boolean;
  /** What was read is known whole, and nothing of the gate is needed: it may be sent while no worker answers, and before the gate is open. */
  readonly unread?: boolean;
}

/** @throws CountersignError as `show`, unless the gate may stay unread */
export async function locate(
  { gates }: Pick<Ports, 'gates'>,
  { workflowId, follow = false, unread = false }: LocateInput,
): Promise<Located> {
  for (let id = workflowId; ;) {
    const packet = await gates.show(id).catch((error: unknown) => {
      if (unread && error instanceof CountersignError) return undefined;
      throw error;
    });
    const child = packet && elsewhere(packet);
    if (child === undefined) return { at: 'gate', workflowId: id, packet };
    if (!follow) return { at: 'child', ...child };
    id = child.child;
  }
}

/** Undefined where decisions are taken here, if anywhere. */
export function elsewhere(packet: Packet): Elsewhere | undefined {
  const { status, waitingOn: child } = packet;
  if (status !== 'waiting' || child === undefined) return undefined;
  const { message } = refusal('ASK_CHILD', { child, asked: askedBelow(packet) });
  return { child, code: 'ASK_CHILD', message };
}
