/** The keys that workers sign with, and whether workers that share a task queue know of each other's effects. */
import { existsSync } from 'node:fs';
import { keyAtStart } from '../store/worker-key';
import type { Config } from '../config';
import { holdsKeys } from '../domain/reviewers';
import { loadDirectory } from '../providers/reviewers/file';
import { ownKeyFault } from '../providers/worker-keys';
import { openStore } from '../store';
import { checked, fail, ok, warn, type Check } from './check';

export function checkKeys(config: Config): Promise<Check> {
  return checked('keys', 'name a key that can be read in COUNTERSIGN_WORKER_KEY', async () => {
    const directory = await loadDirectory(config.reviewers, process.cwd());
    const own = keyAtStart(config);
    const fault = own === undefined ? undefined : ownKeyFault(directory, own, Date.now());
    if (fault !== undefined) return fail('keys', fault, 'a worker with this key does not start until then');
    const here =
      own === undefined ? 'a worker makes its own at its first start' : `this worker’s is ${own.id}`;
    if (directory?.workers !== undefined) {
      const listed = directory.workers.flatMap(({ keys }) => keys).length;
      return ok('keys', `${String(listed)} keys of workers are listed in the directory; ${here}`);
    }
    const says = `worker keys believed: ${String(await storedKeys(config))} in the store, as nobody lists any; ${here}`;
    return holdsKeys(directory)
      ? warn('keys', says, 'list them under workers in the file that COUNTERSIGN_REVIEWERS names')
      : ok('keys', says);
  });
}

async function storedKeys(config: Config): Promise<number> {
  if (config.store === undefined && !existsSync(config.dataDir)) return 0;
  const store = await openStore(config, { create: false }).catch(() => undefined);
  if (store === undefined) return 0;
  try {
    return (await store.workerKeys()).length;
  } catch {
    return 0; // the tables are made by the first worker, or by `countersign setup`
  } finally {
    await store.close();
  }
}

/**
 * What may not run twice is begun once as far as the workers of a queue share a store: an embedded one is one machine's.
 * @param identities of those that poll, as the SDK makes them: `process@host`
 */
export function unshared(
  { store }: Pick<Config, 'store'>,
  identities: readonly string[],
): string | undefined {
  const hosts = new Set(identities.map((identity) => identity.split('@').at(-1)));
  if (store !== undefined || hosts.size < 2) return undefined;
  return (
    `workers of ${String(hosts.size)} machines poll, and the store is an embedded one: each knows of its own effects alone, ` +
    'and what may not run twice could be begun by two'
  );
}
