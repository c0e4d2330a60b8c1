// The PostgreSQL programs from which tests start throw-away servers: a directory that holds initdb, postgres and
// pg_ctl. No running server is used or touched.
import { readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './debian.mjs';
import { isExecutable, onPath, SetupError } from './machine.mjs';
import { run } from './run.mjs';

const PROGRAMS = ['initdb', 'postgres', 'pg_ctl'];

/** Resolves with `{ bin, version }`. */
export async function setUpPostgres(say) {
  const given = process.env.POSTGRES_BIN;
  if (given && !isComplete(given)) {
    throw new SetupError(
      `POSTGRES_BIN (${given}) does not hold ${PROGRAMS.join(', ')}.\n` +
        'Point it at the bin directory of a PostgreSQL server, or unset it and one will be found.',
    );
  }
  const bin = given ? path.resolve(given) : (installed() ?? (await fromDebian(say)));
  const { output } = await run(path.join(bin, 'postgres'), ['--version'], { timeout: 15_000 });
  const version = /\d+(?:\.\d+)*/.exec(output)?.[0] ?? 'of unknown version';
  say.detail(`PostgreSQL ${version}: ${bin}`);
  return { bin, version };
}

function isComplete(directory) {
  return PROGRAMS.every((name) => isExecutable(path.join(directory, name)));
}

// On PATH there may be links or wrappers away from the rest; the real directory has all three.
function installed() {
  const onPathDirectories = ['pg_ctl', 'initdb', 'postgres']
    .flatMap(onPath)
    .flatMap((file) => [path.dirname(realpathSync(file)), path.dirname(file)]);
  return [...onPathDirectories, ...usualPlaces()].find(isComplete);
}

function usualPlaces() {
  const newestFirst = (parent, pattern, bin) =>
    names(parent)
      .filter((name) => pattern.test(name))
      .sort((a, b) => versionOf(b) - versionOf(a))
      .map((name) => path.join(parent, name, bin));
  return [
    ...newestFirst('/usr/lib/postgresql', /^\d+$/, 'bin'),
    ...newestFirst('/usr', /^pgsql-\d+$/, 'bin'),
    ...newestFirst('/opt/homebrew/opt', /^postgresql(@\d+)?$/, 'bin'),
    ...newestFirst('/usr/local/opt', /^postgresql(@\d+)?$/, 'bin'),
    '/usr/local/pgsql/bin',
    '/Applications/Postgres.app/Contents/Versions/latest/bin',
  ];
}

function names(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function versionOf(name) {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

async function fromDebian(say) {
  const problem = await aptInstall('postgresql', say);
  const bin = problem ? undefined : installed();
  if (bin) return bin;
  throw new SetupError(
    [
      'no PostgreSQL programs could be had, and the tests need them. Tried:',
      '  - POSTGRES_BIN: not set',
      `  - ${PROGRAMS.join(', ')} on PATH and in the usual places: not found together`,
      `  - Debian package postgresql: ${problem ?? 'it installed no complete set of programs'}`,
      'Install a PostgreSQL server (on macOS: brew install postgresql), or set POSTGRES_BIN to its bin directory.',
    ].join('\n'),
  );
}
