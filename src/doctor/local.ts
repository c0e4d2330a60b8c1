/** The checks that need no server: Node.js, the audit store, the module with one's own actions. */
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { loadActions } from '../actions/load';
import { resolveOurs } from '../actions/ours';
import { createRegistry } from '../actions/registry';
import type { Config } from '../config';
import { openStore, storeName } from '../store';
import { messageOf } from '../domain/message';
import { checked, fail, ok, type Check } from './check';

export function checkNode(): Promise<Check> {
  const { engines } = createRequire(__filename)('../../package.json') as { engines: { node: string } };
  const needs = engines.node.replace('>=', '').split('.').map(Number);
  const has = process.versions.node.split('.').map(Number);
  const step = needs.findIndex((part, index) => part !== has[index]);
  const enough = step === -1 || (has[step] ?? 0) > (needs[step] ?? 0);
  const says = `Node.js ${process.versions.node}`;
  return Promise.resolve(
    enough ? ok('node', says) : fail('node', `${says} is too old`, `install Node.js ${engines.node}`),
  );
}

export function checkStore(config: Config): Promise<Check> {
  const mend =
    config.store === undefined
      ? 'make the directory writable, or name another in COUNTERSIGN_DATA'
      : 'run `countersign setup`; see above for what the database says';
  return checked('store', mend, async () => {
    const name = storeName(config);
    if (config.store === undefined && !existsSync(path.join(config.dataDir, 'countersign.db'))) {
      accessSync(existing(config.dataDir), constants.W_OK);
      return ok('store', `${name} is not there yet, and can be made`);
    }
    const store = await openStore(config, { create: false });
    try {
      await store.ready();
      return ok('store', `${name} takes entries`);
    } finally {
      await store.close();
    }
  });
}

/** The nearest directory that is there. */
function existing(directory: string): string {
  return existsSync(directory) ? directory : existing(path.dirname(directory));
}

export function checkActions(config: Config): Promise<Check> {
  return checked('actions', 'mend the module that COUNTERSIGN_ACTIONS names', async () => {
    resolveOurs();
    const configured = await loadActions(config.actions, process.cwd());
    const registry = createRegistry({ ...configured, ownTaskQueue: config.taskQueue });
    try {
      const own = configured.actions.map(({ name }) => name);
      const builtIn = registry.names().filter((name) => !own.includes(name));
      return ok(
        'actions',
        config.actions === undefined
          ? `built in: ${builtIn.join(', ')}; COUNTERSIGN_ACTIONS names none of one's own`
          : `${config.actions}: ${own.join(', ') || 'none'}; built in: ${builtIn.join(', ')}`,
      );
    } finally {
      await registry.close();
    }
  }).then((check) => ({ ...check, says: check.says.split('\n')[0] ?? messageOf(check.says) }));
}
