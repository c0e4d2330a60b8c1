/** A long text at a terminal, a page at a time: the person goes on by a key, so that nothing runs past unread. */
import type { Deps } from './command';
import { ENTER } from './keys';
import { prompts } from './prompt';

/** Where the terminal does not say how large it is. */
const SIZE = { rows: 40, columns: 80 };
/** Rows for the line that is asked below. */
const BELOW = 4;

/** `all` once the last line is shown. */
export async function paged(deps: Deps, text: string): Promise<'all' | 'skipped' | 'left'> {
  const { rows, columns } = deps.streams.size ?? SIZE;
  const lines = text.replace(/\n$/, '').split('\n');
  for (let from = 0; ;) {
    const to = end(lines, from, Math.max(rows - BELOW, 1), Math.max(columns, 1));
    deps.streams.err(`${lines.slice(from, to).join('\n')}\n`);
    from = to;
    if (from >= lines.length) return 'all';
    const next = await prompts(deps).key(`${String(lines.length - from)} more lines.`, [
      { key: ' ', value: 'on', label: 'show them' },
      { key: ENTER, value: 'skipped', label: 'skip this one' },
      { key: 'q', value: 'left', label: 'quit' },
    ] as const);
    if (next !== 'on') return next ?? 'left';
  }
}

/** As many whole lines as fit, and at least one. */
function end(lines: readonly string[], from: number, rows: number, columns: number): number {
  let room = rows;
  let to = from;
  for (; to < lines.length; to += 1) {
    room -= Math.max(Math.ceil((lines[to] ?? '').length / columns), 1);
    if (room < 0 && to > from) break;
  }
  return to;
}
