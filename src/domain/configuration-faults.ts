/** The files that workers went by, as the store has them: each must be what its hash says, and each that a checkpoint tells of be there. */
import { sha256Hex } from './digest';
import type { ToldFile } from './vouching';

export interface ConfigurationRow {
  readonly hash: string;
  readonly kind: string;
  readonly text: string;
}

export interface ConfigurationFault {
  readonly hash: string;
  readonly kind: string;
  readonly message: string;
}

/** @param files of checkpoints, as far as they hold */
export function configurationFaults(
  rows: readonly ConfigurationRow[],
  files: readonly ToldFile[],
): ConfigurationFault[] {
  const whole = new Map(
    rows.map(({ hash, kind, text }) => [hash, { kind, holds: sha256Hex(text) === hash }]),
  );
  const changed = rows
    .filter(({ hash }) => whole.get(hash)?.holds === false)
    .map(({ hash, kind }) => ({ hash, kind, message: 'was changed: its text has another hash' }));
  const missing = new Map<string, ConfigurationFault>();
  for (const { name, lines } of files)
    for (const { seq, loaded } of lines) {
      const [kind, hash] = loaded ?? [];
      if (kind === undefined || hash === undefined || whole.get(hash)?.kind === kind) continue;
      const by = `line ${String(seq)} of ${name} tells that a worker went by it`;
      const what = whole.has(hash) ? 'is there as a file of another kind' : 'is missing';
      if (!missing.has(hash)) missing.set(hash, { hash, kind, message: `${what}: ${by}` });
    }
  return [...changed, ...missing.values()];
}
