/** Text as the Temporal Web UI's Markdown may have it: whatever it says, it stays text, and all of it is within sight. */
import { VISIBLE, type Piece, type Sentence } from '../domain/packet/sentence';
import { visibleId } from '../domain/visible';

/** What the Web UI's column shows of a code block, in a window 1280 pixels wide. */
const COLUMNS = 54;

/** JSON as it is. A line that would run out of sight goes on in the next one, and says so. */
export function shown(text: string): string {
  return fence(wrapped(text, ' ↩'));
}

/** What is made visible already. */
export function seen(text: string): string {
  return fence(wrapped(text, ''));
}

/** A fence longer than any run of backticks inside, so that no content can close it. */
function fence(text: string): string {
  const ticks = '`'.repeat(Math.max(2, longestRun(text)) + 1);
  return `${ticks}\n${text}\n${ticks}`;
}

/** A sentence within a line: what others have written stands as code, where it is text and nothing else. */
export function inline(of: Sentence): string {
  return of.map(piece).join('');
}

function piece(one: Piece): string {
  if (typeof one === 'string') return one;
  const { reading, raw } = one;
  if (reading === 'instant' && INSTANT.test(raw)) return `${raw.slice(0, 10)} ${raw.slice(11, 19)} UTC`;
  return code(raw, VISIBLE[reading]);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Within a line. */
export function code(text: string, shown: (text: string) => string = visibleId): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  const pad = text.includes('`') ? ' ' : '';
  return `${ticks}${pad}${shown(text)}${pad}${ticks}`;
}

/** One long line to copy. As a span it is seen whole at any width, which a block is not. */
export function literal(text: string): string {
  return text.includes('`') ? fence(visibleId(text)) : code(text);
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

/** Code blocks do not wrap in the Web UI: what is beyond their edge would not be read. Breaks at spaces where it can. */
function wrapped(text: string, mark: string): string {
  return text
    .split('\n')
    .map((line) => rowsOf(line).join(`${mark}\n`))
    .join('\n');
}

function rowsOf(line: string): string[] {
  const rows: string[] = [];
  let row = '';
  let width = 0;
  for (const word of line.match(/\s+|\S+/gu) ?? []) {
    for (const part of width + wide(word) > COLUMNS && wide(word) > COLUMNS / 2 ? [...word] : [word]) {
      if (width + wide(part) > COLUMNS && row !== '' && part !== ' ') {
        rows.push(row);
        row = '';
        width = 0;
      }
      row += part;
      width += wide(part);
    }
  }
  return [...rows, row];
}

function wide(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2), 0);
}
