/** Rows at a terminal: a table, or, where prompts are plain, a line for each cell with its name, to be listened to. */
import Table from 'cli-table3';
import type { Deps } from './command';

/** Cells are text as it may be shown. */
export function tabled(
  { defaults, streams }: Deps,
  head: readonly string[],
  rows: readonly string[][],
): string {
  if (defaults.plain) return listed(head, rows);
  const drawn = new Table({
    head: head.map((one) => streams.colours.out.bold(one)),
    style: { head: [], border: [] }, // its own colours ask neither NO_COLOR nor the terminal
  });
  drawn.push(...rows);
  return drawn.toString();
}

function listed(head: readonly string[], rows: readonly string[][]): string {
  return rows
    .map((cells, index) =>
      cells
        .map((cell, column) => `${head[column] ?? ''}: ${cell.replaceAll('\n', '\n   ')}`)
        .map((line, column) => (column === 0 ? `${String(index + 1)}. ${line}` : `   ${line}`))
        .join('\n'),
    )
    .join('\n');
}

/** A cell that stays one. */
export const short = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text);
