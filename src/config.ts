/** The only reader of the environment. What this version does not support yet is refused by name, never ignored. */
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

export const DEFAULT_TASK_QUEUE = 'countersign';

export interface Config {
  /** Directory of the embedded store and of the dev server's state; absolute. */
  readonly dataDir: string;
  readonly taskQueue: string;
  /** The module with one's own actions, as it was named. */
  readonly actions: string | undefined;
  /** Who one is where no --reviewer or --requester is given: the user's login name. */
  readonly user: string;
  readonly editor: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LATER = [
  'COUNTERSIGN_STORE',
  'COUNTERSIGN_POLICY',
  'COUNTERSIGN_REVIEWERS',
  'COUNTERSIGN_MODEL_URL',
] as const;

/** @throws ConfigError naming the variable */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  for (const name of LATER) if (env[name]) throw new ConfigError(`${name} is not supported yet; unset it`);
  const model = env['COUNTERSIGN_MODEL'];
  if (model && model !== 'offline')
    throw new ConfigError(`COUNTERSIGN_MODEL=${model} is not supported yet; unset it, or set it to offline`);
  return {
    dataDir: resolve(env['COUNTERSIGN_DATA'] || defaultDataDir(env)),
    taskQueue: env['COUNTERSIGN_TASK_QUEUE'] || DEFAULT_TASK_QUEUE,
    actions: env['COUNTERSIGN_ACTIONS'] || undefined,
    user: login(),
    editor: env['VISUAL'] || env['EDITOR'] || 'vi',
  };
}

function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (env['XDG_DATA_HOME']) return join(env['XDG_DATA_HOME'], 'countersign');
  const home = env['HOME'] || safely(() => homedir()) || tmpdir();
  return join(home, '.local', 'share', 'countersign');
}

function login(): string {
  return safely(() => userInfo().username) ?? 'unknown';
}

function safely(read: () => string): string | undefined {
  try {
    return read() || undefined;
  } catch {
    return undefined;
  }
}
