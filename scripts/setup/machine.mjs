// What set-up needs to know of the machine: where a person's home and cache are, what is on PATH, and how text from
// other programs may be shown. Here so that the steps agree, and so that an unset HOME is handled once.
import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file belongs to, symlinks resolved. */
export const root = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));

/** An error whose message is meant for the person: shown without a stack. */
export class SetupError extends Error {}

/** HOME may be unset, or set to nothing, in containers and CI. */
export function home() {
  if (process.env.HOME) return process.env.HOME;
  try {
    return os.userInfo().homedir;
  } catch {
    return os.tmpdir(); // a user id without an account
  }
}

export function isWritableDirectory(directory) {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The directory in which set-up keeps what it fetches; the versions are in the names below it. */
export function cacheDirectory() {
  const xdg = process.env.XDG_CACHE_HOME;
  const base = xdg
    ? path.resolve(xdg)
    : path.join(home(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  const preferred = path.join(base, 'countersign');
  return isWritableDirectory(preferred) ? preferred : privateTemporaryCache();
}

// The temporary directory is shared, and what lies in it is executed: only a directory of our own will do.
function privateTemporaryCache() {
  const uid = process.getuid();
  const fallback = path.join(os.tmpdir(), `countersign-cache-${uid}`);
  mkdirSync(fallback, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = statSync(fallback);
  if (owner !== uid || mode & 0o022) {
    throw new SetupError(
      `Neither ${path.join(home(), '.cache')} nor a private directory under the temporary one can be written.\n` +
        'Set XDG_CACHE_HOME to a directory that can.',
    );
  }
  return fallback;
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Every executable of this name on PATH, in order. */
export function onPath(name) {
  const directories = (process.env.PATH ?? '').split(path.delimiter).filter((d) => path.isAbsolute(d));
  return [...new Set(directories)].map((d) => path.join(d, name)).filter(isExecutable);
}

export function isRoot() {
  return process.getuid?.() === 0;
}

/** The environment for the programs set-up starts: a home always, and no coloured output to pick apart. */
export function childEnvironment(extra = {}) {
  return { ...process.env, HOME: home(), NO_COLOR: '1', ...extra };
}

/** Other programs print the addresses of registries; those are the machine's business, not a log's. */
export function withoutAddresses(text) {
  return text
    .replace(/\b[a-z][a-z+]*:\/\/[^\s'")\]]+/gi, '<address>')
    .replace(/host='[^']*'/g, "host='<address>'")
    .replace(/\b(?:lookup|dial tcp:?|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|resolve host:?) [^\s,)]+/g, (m) =>
      m.replace(/ [^\s]+$/, ' <address>'),
    );
}
