/** The audit store that the configuration asks for. */
import type { Config } from '../config';
import type { AuditStore } from './audit-store';
import { openLibsqlStore } from './libsql';
import { openPostgresStore } from './postgres';

/**
 * @param create whether a missing table may be created; without, only `ready` tells that it is missing. @default true
 * @throws Error naming the store, what is wrong and what to do; never its password
 */
export function openStore(
  { store, dataDir }: Pick<Config, 'store' | 'dataDir'>,
  { create = true }: { readonly create?: boolean } = {},
): Promise<AuditStore> {
  return store === undefined ? openLibsqlStore(dataDir) : openPostgresStore(store, { create });
}

/** How the store is named to people: without a password. */
export function storeName({ store, dataDir }: Pick<Config, 'store' | 'dataDir'>): string {
  if (store === undefined) return `the embedded store in ${dataDir}`;
  const { hostname, port, pathname } = new URL(store);
  return `PostgreSQL at ${hostname}:${port || '5432'}${pathname}`;
}
