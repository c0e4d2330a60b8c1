/** All checkpoints that there are, read and checked, for whoever verifies the record. */
import path from 'node:path';
import type { Told } from '../domain/checkpoint';
import type { ToldFile } from '../domain/vouching';
import { signatureCheck } from './checkpoint-key';
import { checkpointFiles, emptied, GONE, goneFiles, publicKeyPath, readCheckpoints } from './checkpoint-log';

export interface CheckpointSet {
  /** As far as they hold. */
  readonly files: readonly ToldFile[];
  /** What does not hold of the files themselves. */
  readonly faults: readonly { readonly file: string; readonly message: string }[];
  /** When the last of them was written, ISO 8601 UTC; undefined where there are none. */
  readonly last?: string;
  readonly lines: number;
}

/**
 * @param firsts of each directory the first file, whose fellows are found
 * @param publicKey PEM, one key after the other. @default beside the files
 * @throws KeyFileError where that is no key
 */
export async function readCheckpointSet(
  firsts: readonly string[],
  publicKey?: string,
): Promise<CheckpointSet> {
  const files: ToldFile[] = [];
  const faults: { file: string; message: string }[] = [];
  for (const first of firsts) {
    const check = signatureCheck(publicKey ?? publicKeyPath(first));
    faults.push(...goneFiles(first).map((file) => ({ file, message: GONE })));
    for (const file of checkpointFiles(first)) {
      const lines: Told[] = [];
      const read = await readCheckpoints(file, check, (line) => lines.push(line));
      files.push({ name: firsts.length > 1 ? file : path.basename(file), lines });
      const fault = read.fault ?? emptied(file, read);
      if (fault !== undefined) faults.push({ file, message: fault });
    }
  }
  const times = files.flatMap(({ lines }) => lines.map(({ at }) => at)).sort();
  const last = times.at(-1);
  return {
    files,
    faults,
    ...(last === undefined ? {} : { last }),
    lines: times.length,
  };
}
