/** The audit store that the configuration asks for. */
import type { Config } from '../config';
import path from 'node:path';
import { messageOf } from '../domain/message';
import type { AuditStore } from './audit-store';
import { checkpointed } from './checkpoints';
import type { EffectStore } from './effects';
import { openLibsqlEffects } from './effects-libsql';
import { openPostgresEffects } from './effects-postgres';
import { openLibsqlStore } from './libsql';
import { openPostgresStore } from './postgres';
import { postgresName } from './postgres-pool';

/**
 * @param create whether what is missing may be created; without, nothing is written by opening it, and only `ready` tells
 * that a table is missing. @default true
 * @param writer of PostgreSQL: a role that is made, and that may read and add, no more
 * @throws Error naming the store, what is wrong and what to do; never its password
 */
export async function openStore(
  config: Pick<Config, 'store' | 'dataDir'>,
  options: Opening = {},
): Promise<Store> {
  const audit = await openAudit(config, options);
  try {
    return together(audit, await openEffects(config, options));
  } catch (error) {
    await audit.close();
    throw error;
  }
}

/** The audit, and beside it in the same database which effects were begun and which came off. */
export type Store = AuditStore & EffectStore;

interface Opening {
  readonly create?: boolean;
  readonly writer?: string | undefined;
}

function openAudit(
  { store, dataDir }: Pick<Config, 'store' | 'dataDir'>,
  { create = true, writer }: Opening,
): Promise<AuditStore> {
  return store === undefined
    ? openLibsqlStore(dataDir, { create })
    : openPostgresStore(store, { create, writer });
}

function openEffects(
  { store, dataDir }: Pick<Config, 'store' | 'dataDir'>,
  { create = true, writer }: Opening,
): Promise<EffectStore> {
  return store === undefined
    ? openLibsqlEffects(dataDir, { create })
    : openPostgresEffects(store, { create, writer });
}

export function together(audit: AuditStore, effects: EffectStore): Store {
  return {
    ...audit,
    ...effects,
    async ready() {
      await audit.ready();
      await effects.ready();
    },
    async close() {
      await audit.close();
      await effects.close();
    },
  };
}

/** How the store is named to people: without a password. */
export function storeName({ store, dataDir }: Pick<Config, 'store' | 'dataDir'>): string {
  return store === undefined ? `the embedded store in ${dataDir}` : postgresName(store);
}

/** Where checkpoints are; undefined where there are to be none. */
export function checkpointsPath({
  checkpoints,
  dataDir,
}: Pick<Config, 'checkpoints' | 'dataDir'>): string | undefined {
  return checkpoints && path.resolve(checkpoints.path ?? path.join(dataDir, 'checkpoints.jsonl'));
}

/**
 * The store as a worker uses it: what it appends is told in checkpoints. Where nobody has said where to, and they cannot be
 * written, the worker runs without.
 * @param note is told what goes wrong with them
 * @throws as `openStore`; Error where checkpoints cannot be written where they were configured to be
 */
export async function openWorkerStore(
  config: Pick<Config, 'store' | 'dataDir' | 'checkpoints'>,
  note: (text: string) => void,
): Promise<Store> {
  const store = await openStore(config);
  const { checkpoints } = config;
  const first = checkpointsPath(config);
  if (checkpoints === undefined || first === undefined) return store;
  try {
    return { ...store, ...(await checkpointed(store, { ...checkpoints, path: first }, note)) };
  } catch (error) {
    const why = `no checkpoints can be written to ${first}: ${messageOf(error)}`;
    if (checkpoints.path === undefined && checkpoints.key === undefined) {
      note(`${why}; set COUNTERSIGN_CHECKPOINTS to a path that stays, or to off`);
      return store;
    }
    await store.close();
    throw new Error(`${why}; mend it, or set COUNTERSIGN_CHECKPOINTS to another path, or to off`, {
      cause: error,
    });
  }
}
