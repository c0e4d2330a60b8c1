/** Where the worker tells, outside of the store, what the store holds. */
import { ConfigError } from './error';

export interface CheckpointsConfig {
  /** A path that ends in .jsonl, as it was named; undefined: checkpoints.jsonl in the data directory. */
  readonly path: string | undefined;
  /** The file of the private key that signs them, as it was named; undefined: beside them. */
  readonly key: string | undefined;
  /** So many new entries are a checkpoint. */
  readonly entries: number;
  /** Seconds after a new entry. */
  readonly seconds: number;
}

/** @throws ConfigError naming the variable */
export function readCheckpointsConfig(env: NodeJS.ProcessEnv): CheckpointsConfig | undefined {
  const path = env['COUNTERSIGN_CHECKPOINTS'] || undefined;
  if (path === 'off') return undefined;
  if (path !== undefined && !path.endsWith('.jsonl'))
    throw new ConfigError(
      `COUNTERSIGN_CHECKPOINTS=${path} is no path that ends in .jsonl; set it to one, or to off`,
    );
  return {
    path,
    key: env['COUNTERSIGN_CHECKPOINT_KEY'] || undefined,
    entries: count(env, 'COUNTERSIGN_CHECKPOINT_ENTRIES', 1_000),
    seconds: count(env, 'COUNTERSIGN_CHECKPOINT_SECONDS', 60),
  };
}

function count(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const given = env[name];
  if (!given) return fallback;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new ConfigError(`${name}=${given} must be a whole number from 1 to 1000000`);
}
