/** Waiting for a workflow's end; and, until it comes, for whom or what it waits. */
import { setTimeout } from 'node:timers/promises';
import type { Packet } from '../client';
import type { Ports } from './ports';

/** `people`: the level that the packet is at. `step`: of a plan, in the workflow that asks for it. `level`: in the workflow that asks it. */
export type WaitingFor =
  | { readonly for: 'end'; readonly status?: Packet['status'] }
  | { readonly for: 'people' | 'step'; readonly packet: Packet }
  | { readonly for: 'level'; readonly workflowId: string }
  /** Something else than a person holds it up, in a sentence. */
  | { readonly for: 'trouble'; readonly sentence: string };

/** Without a worker only that it waits for its end. */
export async function waitingFor({ gates }: Pick<Ports, 'gates'>, workflowId: string): Promise<WaitingFor> {
  const packet = await gates.show(workflowId).catch(() => undefined);
  if (packet === undefined) return { for: 'end' };
  const { status, waitingFor: sentence, waitingOn, plan, level } = packet;
  if (waitingOn !== undefined)
    return plan !== undefined && level === undefined
      ? { for: 'step', packet }
      : { for: 'level', workflowId: waitingOn };
  if (status === 'open') return { for: 'people', packet };
  return sentence === undefined ? { for: 'end', status } : { for: 'trouble', sentence };
}

export interface FollowInput<T> {
  readonly workflowId: string;
  /** Resolves, or rejects, once there is nothing more to wait for. */
  readonly end: () => Promise<T>;
  /** Milliseconds between two looks. @default 5000 */
  readonly every?: number;
}

/** Runs `end`, and tells `progress` at every look until then; never after it. */
export async function follow<T>(
  ports: Pick<Ports, 'gates'>,
  { workflowId, end, every = 5_000 }: FollowInput<T>,
  progress: (waits: WaitingFor) => void,
): Promise<T> {
  const over = new AbortController();
  void looking(ports, { workflowId, every, over: over.signal }, progress);
  try {
    return await end();
  } finally {
    over.abort();
  }
}

async function looking(
  ports: Pick<Ports, 'gates'>,
  { workflowId, every, over }: { workflowId: string; every: number; over: AbortSignal },
  progress: (waits: WaitingFor) => void,
): Promise<void> {
  for (;;) {
    const waits = await waitingFor(ports, workflowId);
    if (over.aborted) return;
    progress(waits);
    await setTimeout(every, undefined, { signal: over }).catch(() => undefined);
  }
}
