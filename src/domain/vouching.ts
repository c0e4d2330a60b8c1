/**
 * Who else tells that an entry was there: a checkpoint, the parent's record, the workflow's own result. An entry vouches for
 * all that it follows, since its hash covers them.
 */
import type { Told } from './checkpoint';
import { canonical, type Root } from './digest';

export interface Witness {
  readonly seq: number;
  readonly hash: string;
  /** The number of the entry that what was stored with it follows. @default that of the one told of before */
  readonly after?: number;
  /** Who tells it, as a sentence goes on: "checkpoint 12 of checkpoints.jsonl (2026-…)". */
  readonly by: string;
  /** The chain ends there: nothing follows it. */
  readonly last?: true;
}

export interface Witnesses {
  of(chain: Root): readonly Witness[];
  add(chain: Root, witness: Witness): void;
  /** Of chains that `of` was not asked for. */
  left(): Iterable<readonly [Root, readonly Witness[]]>;
}

export function openWitnesses(): Witnesses {
  const all = new Map<string, { readonly chain: Root; readonly told: Witness[]; asked: boolean }>();
  const key = ({ workflowId, firstRunId }: Root) => canonical([workflowId, firstRunId]);
  return {
    of(chain) {
      const found = all.get(key(chain));
      if (found !== undefined) found.asked = true;
      return found?.told ?? [];
    },
    add({ workflowId, firstRunId }, witness) {
      const chain = { workflowId, firstRunId };
      const found = all.get(key(chain)) ?? { chain, told: [], asked: false };
      found.told.push(witness);
      all.set(key(chain), found);
    },
    *left() {
      for (const { chain, told, asked } of all.values()) if (!asked) yield [chain, told];
    },
  };
}

/** The lines of one worker's file after the other; each holds. */
export interface ToldFile {
  readonly name: string;
  readonly lines: readonly Told[];
}

/**
 * Whether every worker has ended in order, so that everything that they have stored is told: whatever else is in the store
 * was not stored by them.
 */
export function settled(files: readonly ToldFile[]): boolean {
  return files.length > 0 && files.every(({ lines }) => lines.at(-1)?.kind === 'stop');
}

/**
 * @param complete these are the files of all workers. What one of them then found in the store as it began, after all had ended
 * in order, was stored by nobody: no checkpoint vouches for it.
 */
export function vouched(files: readonly ToldFile[], complete: boolean): Witnesses {
  const witnesses = openWitnesses();
  for (const file of files) {
    let strange = false;
    for (const [index, { seq, at, kind, changed }] of file.lines.entries()) {
      if (kind === 'start') strange = complete && nobodyRan(files, file, index);
      if (kind === 'found' && strange) continue;
      const by = `checkpoint ${String(seq)} of ${file.name} (${at})`;
      for (const [workflowId, firstRunId, number, hash, after] of changed)
        witnesses.add({ workflowId, firstRunId }, { seq: number, hash, after, by });
    }
  }
  return witnesses;
}

/** Before this start: somebody has run, and everybody had ended in order. */
function nobodyRan(files: readonly ToldFile[], file: ToldFile, index: number): boolean {
  const start = file.lines[index]?.at ?? '';
  const before = files.map((one) =>
    one === file ? one.lines[index - 1] : one.lines.filter(({ at }) => at <= start).at(-1),
  );
  const ran = before.filter((line) => line !== undefined);
  return ran.length > 0 && ran.every(({ kind }) => kind === 'stop');
}
