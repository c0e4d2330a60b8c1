// What only tests need (Chromium, PostgreSQL programs, promtool), and how `npm test` closes.
import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Machine } from './machine';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  machine.remove();
});

function postgres(folder: string): string {
  for (const name of ['initdb', 'postgres', 'pg_ctl'])
    machine.script(name, `echo "${name} (PostgreSQL) 16.4"`, folder);
  return folder;
}

describe('PostgreSQL', () => {
  test('a link on PATH leads to the directory that has all the programs', async () => {
    const bin = postgres(machine.makeDirectory('opt/pg/bin'));
    symlinkSync(path.join(bin, 'pg_ctl'), path.join(machine.bin, 'pg_ctl'));
    const { stdout } = await machine.setUp(['--only=postgres', '--json']);
    expect(JSON.parse(stdout)).toEqual({ postgres: { bin: realpathSync(bin), version: '16.4' } });
  });

  test('a POSTGRES_BIN without them is an error that says so', async () => {
    const { code, stderr } = await machine.setUp(['--only=postgres'], { POSTGRES_BIN: machine.bin });
    expect(code).toBe(1);
    expect(stderr).toContain(`POSTGRES_BIN (${machine.bin}) does not hold initdb, postgres, pg_ctl`);
  });
});

describe('promtool', () => {
  const says = (version: string) => `echo "promtool, version ${version}+ds (branch: debian/sid)"`;

  test('one on PATH that tells its version will do', async () => {
    const folder = machine.makeDirectory('broken');
    machine.script('promtool', 'exit 1', folder);
    const works = machine.script('promtool', says('2.42.0'));
    const env = { PATH: `${folder}:${machine.bin}` };
    const { stdout } = await machine.setUp(['--only=promtool', '--json'], env);
    expect(JSON.parse(stdout)).toEqual({ promtool: { path: works, version: '2.42.0' } });
  });

  test('the one that PROMTOOL names comes first', async () => {
    machine.script('promtool', says('2.42.0'));
    const own = machine.script('promtool', says('3.5.0'), machine.makeDirectory('own'));
    const { stdout } = await machine.setUp(['--only=promtool', '--json'], { PROMTOOL: own });
    expect(JSON.parse(stdout)).toEqual({ promtool: { path: own, version: '3.5.0' } });
  });

  test('a PROMTOOL that is none is an error that says so', async () => {
    machine.script('promtool', says('2.42.0'));
    const other = machine.script('amtool', 'echo "amtool, version 0.25.0"');
    const { code, stderr } = await machine.setUp(['--only=promtool'], { PROMTOOL: other });
    expect(code).toBe(1);
    expect(stderr).toContain(`PROMTOOL (${other}) does not run: it does not tell its version`);
  });

  test('without one, what was tried and what to do is said', async () => {
    const broken = machine.script('promtool', 'echo "cannot execute" >&2; exit 1');
    const { code, stderr } = await machine.setUp(['--only=promtool']);
    expect(code).toBe(1);
    expect(stderr).toContain('no promtool could be had, and the tests of the alert rules need one. Tried:');
    expect(stderr).toContain(`  - ${broken}: does not run: cannot execute\n`);
    expect(stderr).toContain('  - Debian package prometheus: there is no apt-get here\n');
    expect(stderr).toContain('set PROMTOOL to the promtool of one you have');
  });
});

describe('Chromium', () => {
  test('one that runs is preferred to one that only tells how to install it', async () => {
    machine.script('chromium', 'echo "install it with another command" >&2; exit 1');
    const chrome = machine.script('google-chrome', 'echo "Google Chrome 140.0.1"');
    const { stdout } = await machine.setUp(['--only=chromium', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      chromium: { path: chrome, version: 'Google Chrome 140.0.1' },
    });
  });

  test('a CHROMIUM_PATH that does not work is an error that says so', async () => {
    machine.script('chromium', 'echo "Chromium 140.0.1"');
    const { code, stderr } = await machine.setUp(['--only=chromium'], { CHROMIUM_PATH: '/dev/null' });
    expect(code).toBe(1);
    expect(stderr).toContain('CHROMIUM_PATH (/dev/null) is not an executable file');
  });
});

describe('Python', () => {
  const says = (version: string) => `case "$2" in *version_info*) echo ${version};;`;

  test('without one, what to install is said', async () => {
    const { code, stderr } = await machine.setUp(['--only=python']);
    expect(code).toBe(1);
    expect(stderr).toContain('needs Python 3.9 or newer with its venv module, and there is none here');
    expect(stderr).toContain('apt-get install python3-venv');
  });

  test.each([
    { said: 'is too old', sh: `${says('3.8.18')} esac`, why: 'is too old (3.8.18); 3.9 is needed' },
    {
      said: 'came without venv, as on Debian',
      sh: `${says('3.11.2')} *ensurepip*) exit 1;; esac`,
      why: 'has no venv module (on Debian: python3-venv)',
    },
  ])('one that $said is named with the reason', async ({ sh, why }) => {
    const file = machine.script('python3', sh);
    const { code, stderr } = await machine.setUp(['--only=python']);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}: ${why}`);
  });

  test('an environment that could not be completed is not left behind', async () => {
    const made = 'PATH=/usr/bin:/bin; mkdir -p "$3/bin"; cp "$0" "$3/bin/python"';
    const pip = 'echo "ERROR: no route to the index https://somewhere.example/simple" >&2; exit 1';
    const sh = `${says('3.11.2')} esac; case "$1 $2" in "-m venv") ${made};; "-m pip") ${pip};; esac`;
    machine.script('python3', sh);
    const { code, stderr } = await machine.setUp(['--only=python']);
    expect(code).toBe(1);
    expect(stderr).toContain('the packages for Python could not be installed: ERROR: no route');
    expect(stderr).not.toContain('somewhere.example');
    const cache = path.join(
      machine.home,
      ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']),
    );
    expect(readdirSync(path.join(cache, 'countersign'))).toEqual([]);
  });
});

describe('npm test', () => {
  const passing = "test('a', () => {}); test('b', () => {});";
  const failing = "test('c', () => { throw new Error('no'); });";

  test.each([
    { said: 'all pass', files: [passing], closes: '2 passed, 0 failed', code: 0 },
    { said: 'one fails', files: [passing, failing], closes: '2 passed, 1 failed', code: 1 },
    {
      said: 'one is skipped',
      files: [passing, "test.skip('d', () => {});"],
      closes: '2 passed, 0 failed, 1 skipped',
      code: 0,
    },
    {
      said: 'a file does not load',
      files: [passing, "import './absent';"],
      closes: '2 passed, 1 failed',
      code: 1,
    },
    { said: 'there are none', files: [], closes: '0 passed, 1 failed', code: 1 },
    {
      said: 'jest ends early',
      files: ['process.kill(process.pid, 9);'],
      closes: '0 passed, 1 failed',
      code: 1,
    },
  ])('closes with one plain line where $said', async ({ files, closes, code }) => {
    const root = machine.checkout(
      {},
      { copied: ['package-lock.json', 'jest.config.js', 'tsconfig.json'], linked: ['node_modules'] },
    );
    cpSync('package.json', path.join(root, 'package.json'));
    mkdirSync(path.join(root, 'test/domain'), { recursive: true });
    // What the configuration names has to be there.
    for (const named of ['longest-first.js', 'build-once.ts'])
      cpSync(`test/support/${named}`, path.join(root, 'test/support', named));
    files.forEach((text, n) => {
      writeFileSync(path.join(root, `test/domain/${n}.test.ts`), text);
    });
    const ended = await machine.node(
      [path.join(root, 'scripts/test.mjs'), '--selectProjects', 'unit', '--runInBand'],
      {
        CI: 'true',
        TEMPORAL_CLI_PATH: machine.temporal('1.9.1', '1.32.0'),
        CHROMIUM_PATH: machine.script('chromium', 'echo "Chromium 140.0.1"'),
        POSTGRES_BIN: postgres(machine.makeDirectory('pg')),
        PROMTOOL: machine.script('promtool', 'echo "promtool, version 2.42.0"'),
      },
    );
    expect([ended.stdout, ended.code]).toEqual([`${closes}\n`, code]);
  });
});
