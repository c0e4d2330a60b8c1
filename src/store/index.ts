/** The audit store that the configuration asks for. */
import type { Config } from '../config';
import type { AuditStore } from './audit-store';
import { openLibsqlStore } from './libsql';
import { openPostgresStore } from './postgres';

/**
 * @param create whether what is missing may be created; without, nothing is written by opening it, and only `ready` tells
 * that a table is missing. @default true
 * @param writer of PostgreSQL: a role that is made, and that may read and add, no more
 * @throws Error naming the store, what is wrong and what to do; never its password
 */
export function openStore(
  { store, dataDir }: Pick<Config, 'store' | 'dataDir'>,
  { create = true, writer }: { readonly create?: boolean; readonly writer?: string | undefined } = {},
): Promise<AuditStore> {
  return store === undefined
    ? openLibsqlStore(dataDir, { create })
    : openPostgresStore(store, { create, writer });
}

/** How the store is named to people: without a password. */
export function storeName({ store, dataDir }: Pick<Config, 'store' | 'dataDir'>): string {
  if (store === undefined) return `the embedded store in ${dataDir}`;
  const { hostname, port, pathname } = new URL(store);
  return `PostgreSQL at ${hostname}:${port || '5432'}${pathname}`;
}
