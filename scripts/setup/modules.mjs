// node_modules from the lockfile. A stamp makes the usual case (nothing to do) a few milliseconds, because every
// command of the CLI passes through here.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDirectory, home, isWritableDirectory, onPath, root, SetupError } from './machine.mjs';
import { run } from './run.mjs';
import { duration } from './say.mjs';

const lockfile = path.join(root, 'package-lock.json');
const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.countersign-stamp');
const lock = path.join(root, '.countersign', 'setup.lock');

function expectedStamp() {
  const hash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  return `${hash} node${process.versions.node.split('.')[0]} ${process.platform}-${process.arch}\n`;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** True where node_modules is what this lockfile asks for, on this kind of machine. */
export function modulesAreCurrent() {
  return readIfThere(stampFile) === expectedStamp();
}

/** Installs what is missing; resolves with `{ state: 'present' | 'installed' }`. */
export async function setUpModules(say) {
  if (!existsSync(lockfile)) {
    throw new SetupError('package-lock.json is missing; restore it: git checkout -- package-lock.json');
  }
  if (modulesAreCurrent()) return present(say);
  if (installedByHand()) {
    writeStamp();
    return present(say);
  }
  return withLock(lock, say, async () => (modulesAreCurrent() ? present(say) : install(say)));
}

function present(say) {
  say.detail('node_modules match package-lock.json');
  return { state: 'present' };
}

function writeStamp() {
  try {
    writeFileSync(stampFile, expectedStamp());
  } catch {
    // A checkout that may not be written is checked the long way each time.
  }
}

async function install(say) {
  const [command, ...args] = npm();
  const started = Date.now();
  say('installing node_modules from package-lock.json (npm registry)');
  rmSync(stampFile, { force: true }); // an interrupted install must not look finished
  const result = await run(
    command,
    // --include=dev: NODE_ENV=production or an `omit` setting must not leave tsx's neighbours out.
    [
      ...args,
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
    ],
    {
      say,
      progress: (elapsed) => `still installing node_modules (${duration(elapsed)})`,
      timeout: 1_800_000,
      env: isWritableDirectory(home()) ? {} : { npm_config_cache: path.join(cacheDirectory(), 'npm') },
    },
  );
  if (!result.ok) {
    throw new SetupError(
      `node_modules could not be installed: ${result.reason}\n` +
        'Check the network and the registry that npm is configured for, then try again; `npm ci` shows the whole output.',
    );
  }
  writeStamp();
  say(`installed node_modules in ${duration(Date.now() - started)}`);
  return { state: 'installed' };
}

function npm() {
  const [found] = onPath('npm');
  if (found) return [found];
  const besideNode = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  if (existsSync(besideNode)) return [process.execPath, besideNode];
  throw new SetupError('npm was not found: install Node.js with npm (20.19 or newer), or put npm on PATH.');
}

// `npm install` or `npm ci` by hand leaves no stamp. npm's own record of what it installed tells whether that will do.
function installedByHand() {
  const record = readIfThere(path.join(modules, '.package-lock.json'));
  if (record === undefined) return false;
  const there = JSON.parse(record).packages ?? {};
  const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages ?? {};
  const complete = Object.entries(wanted).every(
    ([name, p]) => name === '' || maybeAbsent(p) || there[name]?.version === p.version,
  );
  const exact = Object.entries(there).every(([name, p]) => wanted[name]?.version === p.version && fits(p));
  return complete && exact;
}

// Optional packages hold the native code of each platform: ours must be there. npm picks among C libraries itself.
function maybeAbsent(p) {
  if (p.optional || p.devOptional) return !(p.os && fits(p)) || p.libc !== undefined;
  return p.peer === true;
}

function fits(p) {
  return allows(p.os, process.platform) && allows(p.cpu, process.arch);
}

function allows(list, value) {
  return list === undefined || list.includes(value);
}
