/** What changed in a text, word by word: what a person reads of an edited or revised output, instead of two whole texts. */
import { diffWordsWithSpace } from 'diff';
import type { Operation } from 'fast-json-patch';
import { z } from 'zod';
import type { Json } from './json';
import { wire, type Wire } from './wire';

const WordChangeShape = z.strictObject({ op: z.enum(['same', 'added', 'removed']), text: z.string() });
/** Words that stayed, came or went. @interface */
export type WordChange = Wire<typeof WordChangeShape>;

const RewordingShape = z.strictObject({
  /** JSON pointer into the proposal, as in `diff`. */
  path: z.string(),
  /** In order; what is `same` and `added` is the new text, what is `same` and `removed` the old one. */
  changes: z.array(wire(WordChangeShape)),
});
export const Rewording = wire(RewordingShape);
/** A text that was replaced, word by word. @interface */
export type Rewording = Wire<typeof RewordingShape>;

/** Characters of a text, and words changed in one call, beyond which both texts are read whole: what it takes grows with their square. */
const MOST = { characters: 20_000, changed: 400 } as const;

/** What is left to be spent; it is spent as texts are compared. */
export interface Budget {
  changed: number;
}

export function budget(): Budget {
  return { changed: MOST.changed };
}

/** Of each text in the args that a difference replaces by another text. A value without a space in it is no text. */
export function reworded(before: object, diff: readonly Operation[], left: Budget = budget()): Rewording[] {
  return diff.flatMap((one) => {
    if (one.op !== 'replace' || !one.path.startsWith('/args/')) return [];
    const was = at(before, one.path);
    const is: unknown = one.value;
    if (!isText(was) || !isText(is)) return [];
    const changes = wordsChanged(was, is, left);
    return changes === undefined ? [] : [{ path: one.path, changes }];
  });
}

/** Undefined where the texts are too long, or too different, for it to be read. */
export function wordsChanged(
  before: string,
  after: string,
  left: Budget = budget(),
): WordChange[] | undefined {
  if (left.changed <= 0 || Math.max(before.length, after.length) > MOST.characters) return undefined;
  const found = diffWordsWithSpace(before, after, { maxEditLength: left.changed });
  // What was too different has been looked for as far as there was anything left.
  left.changed -= (found ?? []).reduce(
    (sum, { added, removed, count }) => sum + (added || removed ? count : 0),
    found === undefined ? left.changed : 0,
  );
  return found?.map(({ added, removed, value }) => ({
    op: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /\s/.test(value.trim());
}

function at(document: object, pointer: string): Json | undefined {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      document,
    ) as Json | undefined;
}
