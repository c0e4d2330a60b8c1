/** Open gates in the order of their deadlines, out of a server that lists them in an order of its own. */
import type { DueWithin, InboxItem } from '../client';
import { AppError } from './errors';
import type { Gates } from './ports';

/** Where an item stands in the order. `due` is in milliseconds since 1970; what has no deadline comes last. */
export interface Place {
  readonly due: number | undefined;
  readonly workflowId: string;
}

type Which = DueWithin | 'never' | undefined;

const HOUR = 3_600_000;
/** Instants that every server reads: whoever may start a workflow of their own can make it due in any year. */
const EARLIEST = 0;
const LATEST = Date.UTC(9999, 11, 31);

export interface Order {
  readonly reviewer: string | undefined;
  /** Only what comes after this one. */
  readonly after: Place | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many are put in order at once: no question to the server brings more than one above it. */
  readonly atOnce: number;
}

export async function* dueFirst(gates: Pick<Gates, 'list'>, order: Order): AsyncGenerator<InboxItem> {
  const { reviewer, after, atOnce } = order;
  // As a rule that is all, and one question.
  const all = after === undefined ? await ordered(gates, reviewer, undefined, atOnce) : undefined;
  if (all !== undefined) {
    yield* all;
    return;
  }
  const isBehind = (item: InboxItem) => after === undefined || compare(placeOf(item), after) > 0;
  const dated = after === undefined || after.due !== undefined;
  const window =
    after?.due === undefined || after.due < EARLIEST ? {} : { from: Math.min(after.due, LATEST) };
  if (dated) for await (const item of windowed(gates, order, window)) if (isBehind(item)) yield item;
  for (const item of (await ordered(gates, reviewer, 'never')) ?? []) if (isBehind(item)) yield item;
}

/** Halves a window until what is due in it can be put in order, and comes to the later half only once the earlier one is done. */
async function* windowed(
  gates: Pick<Gates, 'list'>,
  order: Order,
  window: DueWithin,
): AsyncGenerator<InboxItem> {
  const { reviewer, now, atOnce } = order;
  const middle = middleOf(window, now);
  const found = await ordered(gates, reviewer, window, middle === undefined ? Infinity : atOnce);
  if (found !== undefined) yield* found;
  else if (middle !== undefined) {
    yield* windowed(gates, order, { ...window, before: middle });
    yield* windowed(gates, order, { ...window, from: middle });
  }
}

/** Of a window that has no end on one side, twice as far from now as where it begins. Undefined where it is not halved any more. */
function middleOf({ from, before }: DueWithin, now: number): number | undefined {
  if (from === undefined) {
    const earlier = before === undefined ? now : before - (Math.max(0, now - before) + HOUR);
    return before !== undefined && before <= EARLIEST ? undefined : Math.max(EARLIEST, earlier);
  }
  if (before === undefined)
    return from >= LATEST ? undefined : Math.min(LATEST, from + Math.max(0, from - now) + HOUR);
  return before - from <= 1 ? undefined : Math.floor((from + before) / 2);
}

/** Everything that is due then, in order; undefined where that is more than `most`. */
async function ordered(
  gates: Pick<Gates, 'list'>,
  reviewer: string | undefined,
  due: Which,
  most = Infinity,
): Promise<InboxItem[] | undefined> {
  const items: InboxItem[] = [];
  const limit = most === Infinity ? undefined : most + 1;
  for await (const item of gates.list({ reviewer, due, limit })) items.push(item);
  if (items.length > most) return undefined;
  return items.sort((one, other) => compare(placeOf(one), placeOf(other)));
}

function placeOf({ dueAt, workflowId }: InboxItem): Place {
  return { due: dueAt === undefined ? undefined : Date.parse(dueAt), workflowId };
}

function compare(one: Place, other: Place): number {
  const { due = Infinity } = one;
  const { due: otherDue = Infinity } = other;
  if (due !== otherDue) return due < otherDue ? -1 : 1;
  return one.workflowId === other.workflowId ? 0 : one.workflowId < other.workflowId ? -1 : 1;
}

/** Opaque to whoever carries it: what comes after this item. */
export function cursorAt(item: InboxItem): string {
  const { due, workflowId } = placeOf(item);
  return Buffer.from(JSON.stringify([due ?? null, workflowId])).toString('base64url');
}

/** @throws AppError INVALID_INPUT */
export function placeIn(cursor: string): Place {
  try {
    const [due, workflowId, ...more] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    ) as unknown[];
    const dated = due === null || Number.isSafeInteger(due);
    if (dated && typeof workflowId === 'string' && more.length === 0)
      return { due: due === null ? undefined : Number(due), workflowId };
  } catch {
    // As what is none.
  }
  throw new AppError('INVALID_INPUT', 'the cursor is none that came with a page; begin with the first one');
}
