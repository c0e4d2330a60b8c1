/**
 * What waits on people, what is due first before what is due later, page after page. The server lists in an order of its own, so
 * what does not fit into one of its pages is asked for by windows of the due time: the first of them holds what is due first,
 * however much waits behind.
 */
import type { InboxItem, Packet } from '../client';
import { cursorAt, dueFirst, placeIn } from './due-first';
import type { Gates, Ports } from './ports';

export interface InboxInput {
  /** Only what this person may decide; the name itself, not an alias. @default all */
  readonly reviewer?: string | undefined;
  readonly limit: number;
  /** Of the page before: what comes after it. */
  readonly cursor?: string | undefined;
  /** Milliseconds since 1970. @default this machine's clock */
  readonly now?: number;
}

/** With what its gate says, where a worker answers for it. */
export interface InboxRow extends InboxItem {
  readonly title?: string;
  readonly action?: string;
  readonly revision?: number;
  readonly level?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** There may be more: they come with this cursor. */
  readonly next?: string;
}

/** Gates that are asked for their titles at once. */
const AT_ONCE = 8;

/** Gates that are put in order at once for a page that is smaller: so many rows cost the server little more than one. */
const FEW = 100;

/** With titles. @throws AppError INVALID_INPUT for a cursor that is none; CountersignError NOT_SET_UP */
export async function inbox({ gates }: Pick<Ports, 'gates'>, input: InboxInput): Promise<Page<InboxRow>> {
  const page = await waiting({ gates }, input);
  return { ...page, items: await atMost(AT_ONCE, page.items, (item) => titled(gates, item)) };
}

/** Without a worker there are no titles; what waits is there all the same. */
async function titled(gates: Gates, item: InboxItem): Promise<InboxRow> {
  const packet: Packet | undefined = await gates.show(item.workflowId).catch(() => undefined);
  if (packet?.proposal === undefined) return item;
  const { revision, level } = packet;
  const { title, action } = packet.proposal;
  return { ...item, title, action, revision, ...(level === undefined ? {} : { level }) };
}

/** Results in the order of the items; the next item is begun as soon as one is done. */
async function atMost<T, R>(most: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}

/** Without titles: no workflow is asked. @throws as `inbox` */
export async function waiting(
  { gates }: Pick<Ports, 'gates'>,
  { reviewer, limit, cursor, now = Date.now() }: InboxInput,
): Promise<Page<InboxItem>> {
  const after = cursor === undefined ? undefined : placeIn(cursor);
  const items: InboxItem[] = [];
  for await (const item of dueFirst(gates, { reviewer, after, now, atOnce: Math.max(limit, FEW) })) {
    if (items.length === limit) {
      const last = items.at(-1);
      return { items, ...(last === undefined ? {} : { next: cursorAt(last) }) };
    }
    items.push(item);
  }
  return { items };
}
