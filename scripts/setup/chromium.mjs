// A Chromium for the tests that look at the Temporal Web UI: the person's own, or an installed one, else Debian's
// package, else the one Playwright downloads.
import path from 'node:path';
import { aptInstall } from './debian.mjs';
import { home, isExecutable, isRoot, onPath, root, SetupError } from './machine.mjs';
import { run } from './run.mjs';
import { duration } from './say.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPS = ['Chromium.app/Contents/MacOS/Chromium', 'Google Chrome.app/Contents/MacOS/Google Chrome'];
const playwright = path.join(root, 'node_modules/playwright-core');

/** Resolves with `{ path, version }`. */
export async function setUpChromium(say) {
  const given = process.env.CHROMIUM_PATH;
  if (given) return ofPerson(path.resolve(given), given, say);
  const failures = [];
  const found =
    (await installed()) ??
    (await fromDebian(failures, say)) ??
    (await fromPlaywright(failures, say)) ??
    none(failures);
  say.detail(`${found.version}: ${found.path}`);
  return found;
}

async function ofPerson(file, given, say) {
  const { version, problem } = await identify(file);
  if (problem)
    throw new SetupError(
      `CHROMIUM_PATH (${given}) ${problem}. Point it at a Chromium or Chrome, or unset it.`,
    );
  say.detail(`${version} (CHROMIUM_PATH)`);
  return { path: file, version };
}

// Running it matters: on Ubuntu `chromium-browser` may be a script that only tells how to install the real one.
async function identify(file) {
  if (!isExecutable(file)) return { problem: 'is not an executable file' };
  const { ok, output, reason } = await run(file, ['--version'], { timeout: 30_000 });
  const version = /^.*(?:Chrom|Chrome).* \d+\..*$/m.exec(output)?.[0].trim();
  return ok && version
    ? { version }
    : { problem: `does not run: ${reason || 'it does not tell its version'}` };
}

async function installed() {
  const apps = ['/Applications', path.join(home(), 'Applications')].flatMap((d) =>
    APPS.map((a) => path.join(d, a)),
  );
  const candidates = [...NAMES.flatMap(onPath), ...(process.platform === 'darwin' ? apps : [])];
  for (const file of candidates) {
    const { version } = await identify(file);
    if (version) return { path: file, version };
  }
  return playwrightsOwn();
}

async function playwrightsOwn() {
  const script = `process.stdout.write(require(${JSON.stringify(playwright)}).chromium.executablePath())`;
  const { ok, output } = await run(process.execPath, ['-e', script], { timeout: 30_000 });
  if (!ok) return undefined;
  const { version } = await identify(output);
  return version ? { path: output, version } : undefined;
}

async function fromDebian(failures, say) {
  const problem = await aptInstall('chromium', say);
  const found = problem ? undefined : await installed();
  if (!found) failures.push(`  - Debian package chromium: ${problem ?? 'it installed nothing that runs'}`);
  return found;
}

async function fromPlaywright(failures, say) {
  say('downloading Chromium with Playwright (about 170 MB)');
  const dependencies = isRoot() && onPath('apt-get').length > 0 ? ['--with-deps'] : [];
  const result = await run(
    process.execPath,
    [path.join(playwright, 'cli.js'), 'install', '--no-shell', ...dependencies, 'chromium'],
    { say, progress: (t) => `still downloading Chromium (${duration(t)})`, timeout: 1_200_000 },
  );
  const found = result.ok ? await playwrightsOwn() : undefined;
  if (!found)
    failures.push(`  - download by Playwright: ${result.reason || 'what it downloaded does not run'}`);
  return found;
}

function none(failures) {
  throw new SetupError(
    [
      'no Chromium could be had, and the tests need one. Tried:',
      '  - CHROMIUM_PATH: not set',
      `  - ${NAMES.join(', ')} on PATH: none that runs`,
      ...failures,
      'Install Chromium or Chrome, or set CHROMIUM_PATH to one you have.',
    ].join('\n'),
  );
}
