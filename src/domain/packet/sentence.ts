/**
 * Sentences of a view: our words, and between them what others have written. A foreign text is an object, so a renderer that prints it
 * without making it visible does not compile, and the tag `sentence` takes no bare string between its words.
 */
import type { Json } from '../json';
import { visible, visibleId, visibleLine } from '../visible';

/**
 * How a foreign text is read. `id`: a name, in which anything but printable ASCII stands as its code. `line`: words, in which a line
 * feed does, too. `text`: words over any number of lines. `command`: a line to be pasted into a shell, quoted already. `instant`: ISO
 * 8601 UTC, for each medium to write as it writes times.
 */
export type Reading = 'id' | 'line' | 'text' | 'command' | 'instant';

/** A text that others have written, exactly as it came. */
export interface Raw<R extends Reading = Reading> {
  readonly reading: R;
  readonly raw: string;
}

/** Data that others have written, exactly as it came. */
export interface RawJson<T = Json> {
  readonly reading: 'json';
  readonly raw: T;
}

/** A string is ours: it stands in this repository, and needs no escape but the medium's own. */
export type Piece = string | Raw;
export type Sentence = readonly Piece[];

const reads =
  <R extends Reading>(reading: R) =>
  (raw: string): Raw<R> => ({ reading, raw: asText(raw) });

// Total: a view is made of whatever the run before this one left, or a server sent, and an error in it would fail a workflow's task for ever.
function asText(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

/** What is no number is none in our words either. */
export function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export const id = reads('id');
export const line = reads('line');
export const text = reads('text');
export const command = reads('command');
export const instant = reads('instant');

export function json<T>(raw: T): RawJson<T> {
  return { reading: 'json', raw };
}

/** The words of the template are ours; each value between them is a sentence, a number, or says how it is read. */
export function sentence(
  words: TemplateStringsArray,
  ...values: readonly (Raw | Sentence | number)[]
): Sentence {
  const made: Piece[] = [];
  words.forEach((ours, index) => {
    if (ours !== '') made.push(ours);
    const value = values[index];
    if (value !== undefined) made.push(...pieces(value));
  });
  return made;
}

function pieces(value: Raw | Sentence | number): Sentence {
  if (typeof value !== 'object') return [String(asNumber(value))];
  return 'reading' in value ? [value] : value;
}

export function joined(sentences: readonly Sentence[], separator: string): Sentence {
  return sentences.flatMap((one, index) => (index === 0 ? one : [separator, ...one]));
}

/** Our words for a key. One that is none of ours, as a server that lies could send, is shown as what it is. */
export function wordsFor<K extends string>(words: Readonly<Record<K, string>>, key: K): Sentence {
  return [Object.hasOwn(words, key) ? words[key] : id(key)];
}

/** How each reading is made visible where plain text is shown. */
export const VISIBLE: Readonly<Record<Reading, (raw: string) => string>> = {
  id: visibleId,
  line: visibleLine,
  text: visible,
  command: visibleId,
  instant: visibleId,
};

/** @param time writes an instant @default as ISO 8601 */
export function plainText(of: Sentence, time: (instant: string) => string = VISIBLE.instant): string {
  return of
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return piece.reading === 'instant' ? time(piece.raw) : VISIBLE[piece.reading](piece.raw);
    })
    .join('');
}
