// Prometheus' own promtool, by which tests try the alert rules in deploy/: the person's, or an installed one, else the
// one in Debian's package. No Prometheus is started.
import path from 'node:path';
import { aptInstall } from './debian.mjs';
import { isExecutable, onPath, SetupError } from './machine.mjs';
import { run } from './run.mjs';

/** Resolves with `{ path, version }`. */
export async function setUpPromtool(say) {
  const given = process.env.PROMTOOL;
  const found = given ? await ofPerson(path.resolve(given), given) : await anyOf(say);
  say.detail(`promtool ${found.version}: ${found.path}`);
  return found;
}

async function ofPerson(file, given) {
  const { version, problem } = await identify(file);
  if (version) return { path: file, version };
  throw new SetupError(
    `PROMTOOL (${given}) ${problem}.\nPoint it at the promtool of a Prometheus, or unset it and one will be found.`,
  );
}

async function identify(file) {
  if (!isExecutable(file)) return { problem: 'is not an executable file' };
  const { ok, output, reason } = await run(file, ['--version'], { timeout: 15_000 });
  const version = /^promtool, version (\d+(?:\.\d+)*)/m.exec(output)?.[1];
  return ok && version
    ? { version }
    : { problem: `does not run: ${reason || 'it does not tell its version'}` };
}

async function anyOf(say) {
  const problems = [];
  const here = await installed(problems);
  if (here) return here;
  const problem = await aptInstall('prometheus', say);
  const fetched = problem ? undefined : await installed([]);
  if (fetched) return fetched;
  throw new SetupError(
    [
      'no promtool could be had, and the tests of the alert rules need one. Tried:',
      '  - PROMTOOL: not set',
      ...(problems.length > 0 ? problems : ['  - promtool on PATH: there is none']),
      `  - Debian package prometheus: ${problem ?? 'it installed no promtool that runs'}`,
      'Install Prometheus (on macOS: brew install prometheus), or set PROMTOOL to the promtool of one you have.',
    ].join('\n'),
  );
}

async function installed(problems) {
  for (const file of onPath('promtool')) {
    const { version, problem } = await identify(file);
    if (version) return { path: file, version };
    problems.push(`  - ${file}: ${problem}`);
  }
  return undefined;
}
