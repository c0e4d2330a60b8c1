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
  const place = (kind: string, hash: string) => `${hash} ${kind}`;
  const there = new Set(rows.map(({ kind, hash }) => place(kind, hash)));
  const changed = rows
    .filter(({ hash, text }) => sha256Hex(text) !== hash)
    .map(({ hash, kind }) => ({ hash, kind, message: 'was changed: its text has another hash' }));
  const missing = new Map<string, ConfigurationFault>();
  for (const { name, lines } of files)
    for (const { seq, loaded } of lines) {
      const [kind, hash] = loaded ?? [];
      if (kind === undefined || hash === undefined || there.has(place(kind, hash))) continue;
      const message = `is missing: line ${String(seq)} of ${name} tells that a worker went by it`;
      if (!missing.has(place(kind, hash))) missing.set(place(kind, hash), { hash, kind, message });
    }
  return [...changed, ...missing.values()];
}
