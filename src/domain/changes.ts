/** Who changed what, from the first proposal to the one that it ended with: for whoever uses an output that people have worked on. */
import { compare, type Operation } from 'fast-json-patch';
import type { Gate } from './gate';
import { budget, reworded, type Rewording } from './words';

export interface Change {
  readonly revision: number;
  /** A person who edited it, or the agent that was sent back. */
  readonly by: string;
  /** RFC 6902, of the proposal before; absent where that one is too long ago to be kept. */
  readonly diff?: readonly Operation[];
  readonly words?: readonly Rewording[];
}

/** Each revision after the first that is kept, oldest first. */
export function changesOf({ revisions, revision, proposal }: Gate): Change[] {
  const proposed = (of: (typeof revisions)[number] | undefined) =>
    of?.revision === revision ? proposal : of?.proposal;
  const left = budget();
  return revisions.flatMap((one, index) => {
    if (one.revision === 1) return [];
    const before = proposed(revisions[index - 1]);
    const after = proposed(one);
    const { by } = one;
    if (before === undefined || after === undefined) return [{ revision: one.revision, by }];
    const diff = compare(before, after);
    const words = reworded(before, diff, left);
    return [{ revision: one.revision, by, diff, ...(words.length === 0 ? {} : { words }) }];
  });
}

/** What changed in the texts of the revision that is open, against the one before it. */
export function wordsOf({ revisions, proposal }: Gate): readonly Rewording[] {
  const before = revisions.at(-2)?.proposal;
  return before === undefined ? [] : reworded(before, compare(before, proposal));
}
