/** Waiting for an end while somebody watches: whom or what it waits for, said again whenever that has changed. */
import { setTimeout } from 'node:timers/promises';
import type { Countersign, Packet } from '../client';
import { approvers, levelOf } from '../domain/packet/people';
import { planHeading } from '../domain/packet/plan-text';
import { plainText } from '../domain/packet/sentence';
import type { Deps } from './command';
import { local, visibleId, visibleLine } from './output';

/** Milliseconds between two looks. */
const EVERY = 5_000;

/** Runs `end`, and says on stderr what it waits for until then; where nobody watches, once that it does. */
export async function watched<T>(
  { streams }: Pick<Deps, 'streams'>,
  countersign: Countersign,
  workflowId: string,
  end: () => Promise<T>,
): Promise<T> {
  if (!streams.watched) {
    streams.err(`${visibleId(workflowId)} waits.\n`);
    return end();
  }
  const over = new AbortController();
  void saying(streams, () => waiting(countersign, workflowId), over.signal);
  try {
    return await end();
  } finally {
    over.abort();
  }
}

async function saying(
  streams: Deps['streams'],
  what: () => Promise<string>,
  over: AbortSignal,
): Promise<void> {
  for (let before = ''; ;) {
    const line = await what();
    if (over.aborted) return;
    if (line !== before) streams.err(line);
    before = line;
    await setTimeout(EVERY, undefined, { signal: over }).catch(() => undefined);
  }
}

/** Whom or what it waits for, in a line; without a worker only that it waits. */
export async function waiting(countersign: Countersign, workflowId: string): Promise<string> {
  const packet = await countersign.show(workflowId).catch(() => undefined);
  const what = packet === undefined ? 'its end' : whatFor(packet);
  return `${visibleId(workflowId)} waits for ${what}. Ctrl-C stops this command alone.\n`;
}

function whatFor(packet: Packet): string {
  const { status, deadline, waitingFor, waitingOn, plan } = packet;
  if (waitingOn !== undefined && plan !== undefined && packet.level === undefined)
    return `${visibleId(waitingOn)} (${planHeading(packet)})`;
  if (waitingOn !== undefined) return `the level that ${visibleId(waitingOn)} asks`;
  if (status !== 'open')
    return waitingFor === undefined ? `its end; it is ${visibleId(status)}` : visibleLine(waitingFor);
  const level = levelOf(packet);
  const whom = level === undefined ? [] : approvers(level);
  return `a decision by ${plainText(whom)}, until ${local(deadline)}`;
}
