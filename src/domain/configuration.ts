/**
 * What a worker judges by, as it was loaded: each version of its files stands on record under its hash, so that it can be told
 * later by which directory and which rules something was let through, and what has gone from them since.
 */
import { canonical, sha256Hex } from './digest';

export const CONFIGURATION_KINDS = ['directory', 'rules', 'registry'] as const;
export type ConfigurationKind = (typeof CONFIGURATION_KINDS)[number];

/** A load of one of them. */
export interface Loaded {
  readonly kind: ConfigurationKind;
  /** Canonical JSON of what was read, `null` where there is no file. However it was indented, it is one version. */
  readonly text: string;
  /** ISO 8601 UTC: when that version was loaded for the first time. */
  readonly at: string;
}

/** As the store has it. */
export interface Configuration extends Loaded {
  /** SHA-256 of the text. */
  readonly hash: string;
}

export function configurationText(read: unknown): string {
  return canonical(read ?? null);
}

export function configurationHash(text: string): string {
  return sha256Hex(text);
}
