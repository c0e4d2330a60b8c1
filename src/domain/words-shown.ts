/**
 * A word-level difference as it is read: whole words, marked, with so much of the unchanged text around them as it takes to know
 * where one is. Sanitised here, because a letter that passes for another is only found in its whole word.
 */
import { visible } from './visible';
import type { WordChange } from './words';

/** `omitted` stands for unchanged text that is left out. */
export interface Span {
  readonly op: WordChange['op'] | 'omitted';
  readonly text: string;
}

/** Characters of unchanged text that are shown beside a change. */
const AROUND = 60;

/** @param whole nothing is left out */
export function spansOf(changes: readonly WordChange[], whole = false): Span[] {
  const pieces = piecesOf(changes);
  return pieces.flatMap((piece, index): Span[] => {
    if ('same' in piece) {
      const text = plain(piece.same);
      if (text === '') return [];
      return whole ? [{ op: 'same', text }] : around(text, index > 0, index < pieces.length - 1);
    }
    const { removed, added } = piece;
    return [
      ...(removed === '' ? [] : [{ op: 'removed' as const, text: plain(removed) }]),
      ...(added === '' ? [] : [{ op: 'added' as const, text: plain(added) }]),
    ];
  });
}

/** As text alone: `[-removed-]`, `{+added+}`. */
export function marked({ op, text }: Span): string {
  if (op === 'removed') return `[-${text}-]`;
  return op === 'added' ? `{+${text}+}` : text;
}

/** A mark that stands in the text itself is parted by a backslash: a text cannot pass for a change. */
function plain(text: string): string {
  return visible(text).replace(/\[(?=-)|-(?=\])|\{(?=\+)|\+(?=\})/g, '$&\\');
}

type Piece = { readonly same: string } | { readonly removed: string; readonly added: string };

const HEAD = /^[\p{L}\p{M}\p{N}_]+/u;
const TAIL = /[\p{L}\p{M}\p{N}_]+$/u;

/** Same and changed in turn, the first and the last the same; a word of which a part has changed is a changed word. */
function piecesOf(changes: readonly WordChange[]): Piece[] {
  const sames = [''];
  const edits: { removed: string; added: string }[] = [];
  let open = false;
  for (const { op, text } of changes) {
    if (op === 'same') sames.push((sames.pop() ?? '') + text);
    else {
      if (!open) {
        edits.push({ removed: '', added: '' });
        sames.push('');
      }
      const edit = edits.at(-1);
      if (edit !== undefined) edit[op] += text;
    }
    open = op !== 'same';
  }
  edits.forEach((edit, index) => {
    const before = sames[index] ?? '';
    const after = sames[index + 1] ?? '';
    const head = joins(edit, HEAD) ? (TAIL.exec(before)?.[0] ?? '') : '';
    const tail = joins(edit, TAIL) ? (HEAD.exec(after)?.[0] ?? '') : '';
    sames[index] = before.slice(0, before.length - head.length);
    sames[index + 1] = after.slice(tail.length);
    edit.removed = head + edit.removed + tail;
    edit.added = head + edit.added + tail;
  });
  return merged(sames, edits);
}

/** In turn; two changes with nothing between them are one. */
function merged(
  sames: readonly string[],
  edits: readonly { readonly removed: string; readonly added: string }[],
): Piece[] {
  const pieces: Piece[] = [{ same: sames[0] ?? '' }];
  edits.forEach((edit, index) => {
    const after = sames[index + 1] ?? '';
    const before = pieces.at(-1);
    if (before !== undefined && 'removed' in before)
      pieces.splice(-1, 1, { removed: before.removed + edit.removed, added: before.added + edit.added });
    else pieces.push(edit);
    if (after !== '' || index === edits.length - 1) pieces.push({ same: after });
  });
  return pieces;
}

function joins(
  { removed, added }: { readonly removed: string; readonly added: string },
  edge: RegExp,
): boolean {
  return edge.test(removed) || edge.test(added);
}

/** The end of it before a change, the beginning of it after one. */
function around(text: string, after: boolean, before: boolean): Span[] {
  const characters = [...text];
  if (characters.length <= AROUND * (Number(after) + Number(before))) return [{ op: 'same', text }];
  const head = after
    ? characters
        .slice(0, AROUND)
        .join('')
        .replace(/\S+$/, (word) => kept(word))
    : '';
  const tail = before
    ? characters
        .slice(-AROUND)
        .join('')
        .replace(/^\S+/, (word) => kept(word))
    : '';
  const same = (part: string): Span[] => (part === '' ? [] : [{ op: 'same', text: part }]);
  return [...same(head), { op: 'omitted', text: ' … ' }, ...same(tail)];
}

/** A word that is cut through is left out, but for one that is nearly all there is. */
function kept(word: string): string {
  return word.length > AROUND / 2 ? word : '';
}
