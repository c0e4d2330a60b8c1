/**
 * The files that a worker goes by (directory of reviewers, rules, registry of actions), each version as it was loaded: what was decided under
 * one can be judged by it when the file has long been another. A version is added once, and never changed.
 */
export const CONFIGURATION_KINDS = ['directory', 'rules', 'registry'] as const;

export interface Configuration {
  readonly kind: (typeof CONFIGURATION_KINDS)[number];
  readonly text: string;
  /** When it was loaded first, ISO 8601 UTC. */
  readonly at: string;
}

/** As the store has it; of a row that somebody has changed the hash is another than that of its text, and the kind may be anything. */
export interface StoredConfiguration extends Configuration {
  /** SHA-256 of the text. */
  readonly hash: string;
}

export interface ConfigurationStore {
  /** Adds a version that is not there yet; one that is there is left as it is. Two kinds may have the same text: there is no file. */
  configured(loaded: Configuration): Promise<void>;
  /** In the order that they were loaded first; none where the table is not there. */
  configurations(): Promise<StoredConfiguration[]>;
}

/** @throws TypeError where a store could not give it back as it is */
export function storableText({ text }: Configuration): void {
  if (text.includes('\0') || Buffer.from(text, 'utf8').toString('utf8') !== text)
    throw new TypeError('a configuration holds a NUL or half a character, which the store cannot keep');
}
