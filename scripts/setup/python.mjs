// A Python with the Temporal SDK and cryptography, for the examples in Python and their tests: a virtual environment in the
// user's cache, made by whatever Python 3 is here. pip is used as the machine configures it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './debian.mjs';
import { withLock } from './lock.mjs';
import { cacheDirectory, isExecutable, onPath, root, SetupError } from './machine.mjs';
import { run } from './run.mjs';
import { duration } from './say.mjs';

const REQUIREMENTS = ['examples/python/requirements.txt', 'examples/verifier/requirements.txt'].map((file) =>
  path.join(root, file),
);
const OLDEST = 9;
const NEWEST = 14;
const NAMES = [
  'python3',
  ...Array.from({ length: NEWEST - OLDEST + 1 }, (_, n) => `python3.${NEWEST - n}`),
  'python',
];

/** Resolves with `{ path, version }`: the virtual environment's interpreter. */
export async function setUpPython(say) {
  const base = await interpreter(say);
  const packages = REQUIREMENTS.map((file) => readFileSync(file, 'utf8')).join('\n');
  const wanted = `${packages}\n${base.version}\n${realpathSync(base.path)}\n`;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const directory = path.join(cacheDirectory(), `python-${hash}`);
  const found = { path: path.join(directory, 'bin/python'), version: base.version };
  if (!(await works(directory)))
    await withLock(`${directory}.lock`, say, async () => {
      if (!(await works(directory))) await make(directory, base, say);
    });
  say.detail(`Python ${base.version} with the Temporal SDK and cryptography: ${directory}`);
  return found;
}

async function interpreter(say) {
  const given = process.env.PYTHON_BIN;
  if (given) {
    const { version, problem } = await identify(path.resolve(given));
    if (problem)
      throw new SetupError(
        `PYTHON_BIN (${given}) ${problem}. Point it at Python 3.${OLDEST} or newer, or unset it.`,
      );
    return { path: path.resolve(given), version };
  }
  const problems = [];
  return (await installed(problems)) ?? (await fromDebian(problems, say)) ?? none(problems);
}

async function installed(problems) {
  for (const file of NAMES.flatMap(onPath)) {
    const { version, problem } = await identify(file);
    if (version) return { path: file, version };
    problems.push(`  - ${file}: ${problem}`);
  }
  return undefined;
}

/** ensurepip is what Debian leaves out where python3-venv is not installed. */
async function identify(file) {
  if (!isExecutable(file)) return { problem: 'is not an executable file' };
  const ask = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';
  const { ok, output, reason } = await run(file, ['-c', ask], { timeout: 30_000 });
  const version = /^3\.(\d+)\.\d+$/m.exec(output);
  if (!ok) return { problem: `does not run: ${reason}` };
  if (version === null || Number(version[1]) < OLDEST)
    return { problem: `is too old (${output.trim()}); 3.${OLDEST} is needed` };
  const venv = await run(file, ['-c', 'import venv, ensurepip'], { timeout: 30_000 });
  return venv.ok ? { version: version[0] } : { problem: 'has no venv module (on Debian: python3-venv)' };
}

async function fromDebian(problems, say) {
  const problem = await aptInstall('python3-venv', say);
  const found = problem ? undefined : await installed([]);
  if (!found)
    problems.push(`  - Debian package python3-venv: ${problem ?? 'it installed nothing that will do'}`);
  return found;
}

function none(problems) {
  throw new SetupError(
    [
      `what is written in Python here needs Python 3.${OLDEST} or newer with its venv module, and there is none here. Tried:`,
      '  - PYTHON_BIN: not set',
      `  - ${NAMES[0]}, ${NAMES[1]}, … on PATH:${problems.some((one) => one.includes('/')) ? '' : ' none'}`,
      ...problems,
      'Install it (Debian and Ubuntu: apt-get install python3-venv; Fedora: dnf install python3; macOS: brew install python3),',
      'or set PYTHON_BIN to a Python that has it.',
    ].join('\n'),
  );
}

const stampOf = (directory) => path.join(directory, '.countersign-complete');

/** A base Python that was upgraded away leaves an environment that does not run any more. */
async function works(directory) {
  if (!existsSync(stampOf(directory))) return false;
  const { ok } = await run(
    path.join(directory, 'bin/python'),
    ['-c', 'import temporalio.client, cryptography'],
    {
      timeout: 60_000,
    },
  );
  return ok;
}

async function make(directory, base, say) {
  const started = Date.now();
  say(`making a virtual environment of Python ${base.version}`);
  rmSync(directory, { recursive: true, force: true });
  const steps = [
    [base.path, ['-m', 'venv', directory]],
    [
      path.join(directory, 'bin/python'),
      [
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-input',
        '--only-binary=:all:',
        ...REQUIREMENTS.flatMap((file) => ['-r', file]),
      ],
    ],
  ];
  for (const [command, args] of steps) {
    if (args.includes('pip'))
      say('installing the Temporal SDK for Python and cryptography with pip (about 20 MB)');
    const { ok, reason } = await run(command, args, {
      say,
      progress: (elapsed) => `still at work on Python (${duration(elapsed)})`,
      // A configured `--user` does not go together with a virtual environment, and neither does another one's home.
      env: { PIP_USER: '0', PYTHONHOME: undefined, PYTHONPATH: undefined },
    });
    if (ok) continue;
    rmSync(directory, { recursive: true, force: true });
    throw new SetupError(
      `the packages for Python could not be installed: ${reason}\n` +
        'Check the network and the index that pip is configured for, then try again.',
    );
  }
  writeFileSync(stampOf(directory), '');
  say(`made it in ${duration(Date.now() - started)}`);
}
