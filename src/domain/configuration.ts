/**
 * What a worker judges by, as text: each version of its files stands on record under the hash of it, so that it can be told later by
 * which directory and which rules something was let through, and what has gone from them since.
 */
import { canonical, sha256Hex } from './digest';

/** Of what was read, `null` where there is no file. However it was indented and commented, it is one version. */
export function configurationText(read: unknown): string {
  return canonical(read ?? null);
}

export function configurationHash(text: string): string {
  return sha256Hex(text);
}
