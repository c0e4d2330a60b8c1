/** `countersign inbox`: what waits on people, as one visibility query; titles come from the gates themselves. */
import type { Countersign, InboxItem, Packet } from '../../client';
import { command, counting, examples, somebody, withClient, type Deps } from '../command';
import { jsonLine, local, visibleId, visibleLine } from '../output';
import { short, tabled } from '../table';

interface Row extends InboxItem {
  readonly title?: string;
  readonly action?: string;
  readonly revision?: number;
  readonly level?: string;
}

const EVERY = 2_000;
const AT_ONCE = 8;

export const inbox = (deps: Deps) =>
  command('inbox', 'what waits on people')
    .option('--reviewer <name>', 'only what this person may decide; the name itself, not an alias', somebody)
    .option('--limit <n>', 'at most so many', counting, 100)
    .option('--watch', 'stay, and show what changes')
    .addHelpText(
      'after',
      examples(
        'countersign inbox --reviewer ana',
        'countersign inbox --watch',
        "countersign inbox --json | jq -r '.[].workflowId'",
      ),
    )
    .action((options) =>
      withClient(deps, options, async (countersign) => {
        for (let before = ''; ;) {
          const rows = await read(countersign, options);
          const text = options.json ? jsonLine(rows) : told(deps, rows, options.limit);
          if (text !== before) deps.streams.out(text);
          before = text;
          await new Promise((written) => setImmediate(written)); // a reader that left is known by then
          if (!options.watch || deps.streams.unread.aborted) return;
          await new Promise((resolve) => setTimeout(resolve, EVERY));
        }
      }),
    );

async function read(
  countersign: Countersign,
  { reviewer, limit }: { reviewer?: string | undefined; limit: number },
): Promise<Row[]> {
  const items: InboxItem[] = [];
  for await (const item of countersign.list({ reviewer, limit })) items.push(item);
  items.sort((one, other) => one.startedAt.localeCompare(other.startedAt));
  const rows: Row[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    rows.push(
      ...(await Promise.all(items.slice(from, from + AT_ONCE).map((item) => titled(countersign, item)))),
    );
  return rows;
}

/** Without a worker there are no titles; what waits is shown all the same. */
async function titled(countersign: Countersign, item: InboxItem): Promise<Row> {
  const packet: Packet | undefined = await countersign.show(item.workflowId).catch(() => undefined);
  if (packet?.proposal === undefined) return item;
  const { revision, level } = packet;
  const { title, action } = packet.proposal;
  return { ...item, title, action, revision, ...(level === undefined ? {} : { level }) };
}

const HEAD = ['workflow', 'level', 'action', 'title (as the agent puts it)', 'risk', 'asked', 'until'];

function told(deps: Deps, rows: readonly Row[], limit: number): string {
  if (rows.length === 0) return 'Nothing waits.\n';
  const more = rows.length >= limit ? `The first ${String(limit)}; --limit shows more.\n` : '';
  return `${tabled(deps, HEAD, rows.map(cells))}\n${more}`;
}

function cells({ workflowId, level, action, title, risk, approvers, dueAt }: Row): string[] {
  return [
    visibleId(workflowId),
    visibleId(level ?? '?'),
    visibleId(action ?? '?'),
    short(visibleLine(title ?? '(no worker answers)')),
    visibleId(risk ?? ''),
    approvers.map((one) => (one === '*' ? 'anybody' : visibleId(one))).join(', '),
    local(dueAt),
  ];
}
