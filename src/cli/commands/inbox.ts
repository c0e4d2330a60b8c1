/** `countersign inbox`: what waits on people, as one visibility query; titles come from the gates themselves. */
import { inbox as waitsOnPeople, type InboxRow } from '../../app/inbox';
import { command, counting, examples, somebody, withClient, type Deps } from '../command';
import { jsonLine, local, visibleId, visibleLine } from '../output';
import { short, tabled } from '../table';

/** Milliseconds between two looks. */
const EVERY = 2_000;

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
          const { items: rows, next } = await waitsOnPeople({ gates: countersign }, options);
          const text = options.json
            ? jsonLine(rows)
            : tabledRows(deps, rows, next === undefined ? undefined : options.limit);
          if (text !== before) deps.streams.out(text);
          before = text;
          await new Promise((written) => setImmediate(written)); // a reader that left is known by then
          if (!options.watch || deps.streams.unread.aborted) return;
          await new Promise((resolve) => setTimeout(resolve, EVERY));
        }
      }),
    );

const HEAD = ['workflow', 'level', 'action', 'title (as the agent puts it)', 'risk', 'asked', 'until'];

/** @param cut where there are more than so many */
function tabledRows(deps: Deps, rows: readonly InboxRow[], cut: number | undefined): string {
  if (rows.length === 0) return 'Nothing waits.\n';
  const more = cut !== undefined ? `The first ${String(cut)}; --limit shows more.\n` : '';
  return `${tabled(deps, HEAD, rows.map(cells))}\n${more}`;
}

function cells({ workflowId, level, action, title, risk, approvers, dueAt }: InboxRow): string[] {
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
