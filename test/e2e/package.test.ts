/**
 * The package as a stranger has it: built, packed, installed into an empty project, and used from the README's text alone,
 * on every Node.js we say we run on.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ended, endGroup, ROOT, temporalBinary, temporaryDirectory, until, type Ran } from '../support/app';

jest.setTimeout(240_000);

const MAJORS = ['20', '22', '24'];
/** npm carries the binaries of Node.js, one package for each kind of machine. */
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;

const directory = temporaryDirectory();
const project = join(directory.path, 'project');
const nodes = join(directory.path, 'nodes');
const children: ChildProcess[] = [];

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

function found(pattern: RegExp): string {
  const [, text] = pattern.exec(readme) ?? [];
  if (text === undefined) throw new Error(`the README has no ${String(pattern)}`);
  return text;
}

/** A marked block: the file's name and how it is run are in its first line. */
function block(mark: string): { file: string; code: string; command: string[] } {
  const code = found(new RegExp(`<!-- test: ${mark} -->\n+\`\`\`ts\n([\\s\\S]*?)\`\`\``));
  const [, file = '', command = ''] = /^\/\/ ([\w.]+)(?:, run by: npx (.*))?\n/.exec(code) ?? [];
  return { file, code, command: command.split(' ') };
}

const action = block('README example');
const workflow = block('README own workflow');
const client = block('README client');
const ownTest = block('README own test');
const payments = block('README permit');
const installs = found(/^npm install (countersign .*)$/m).split(' ');
const settings = Object.fromEntries(
  found(/^((?:[A-Z_]+=\S+ )+)npx countersign dev$/m)
    .trim()
    .split(' ')
    .map((one) => one.split('=') as [string, string]),
);

/** Without what `npm test` tells its own scripts, and without two words on colours, of which Node warns; the person's configuration of npm stays. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const ours =
    /^(?:npm_(?:package|lifecycle|config_local_prefix)|INIT_CWD|COUNTERSIGN_|TEMPORAL_ADDRESS|FORCE_COLOR)/;
  const rest = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(rest), NO_COLOR: '1', ...more };
}

function say(line: string): void {
  process.stderr.write(`package: ${line}\n`);
}

function ran(file: string, args: readonly string[], cwd: string, env = environment()): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(file, [...args], { cwd, env, timeout: 120_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err });
    });
    children.push(child);
  });
}

async function must(...args: Parameters<typeof ran>): Promise<string> {
  const { code, out, err } = await ran(...args);
  if (code !== 0)
    throw new Error(`${args[0]} ${args[1].join(' ')} ended with ${String(code)}:\n${err}${out}`);
  return out;
}

beforeAll(async () => {
  for (const folder of [project, nodes]) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "name": "mine", "private": true }\n');
  }
  say('building and packing');
  await must('npm', ['run', 'build'], ROOT);
  const [packed] = JSON.parse(
    await must('npm', ['pack', '--json', '--pack-destination', directory.path], ROOT),
  ) as { filename: string }[];
  const tarball = join(directory.path, packed?.filename ?? '');
  say(`installing it, and Node.js ${MAJORS.join(', ')}`);
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  const binaries = MAJORS.map((major) => `node${major}@npm:${NODE_PACKAGE}@${major}`);
  await Promise.all([
    must(
      'npm',
      ['install', ...quiet, ...installs.map((it) => (it === 'countersign' ? tarball : it))],
      project,
    ),
    must('npm', ['install', ...quiet, '--ignore-scripts', ...binaries], nodes),
  ]);
  for (const { file, code } of [action, workflow, client, ownTest, payments])
    writeFileSync(join(project, file), code);
});

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await ended(child);
  }
  directory.remove();
});

it('the README’s files type-check against the installed types', async () => {
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022'];
  const types = ['--module', 'node20', '--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  // One mistake on purpose: where it is not found, nothing was checked.
  writeFileSync(
    join(project, 'wrong.mts'),
    "import { gated } from 'countersign/workflows';\nconst said: number = gated;\n",
  );
  const files = [action, workflow, client, ownTest, payments].map(({ file }) => file).concat('wrong.mts');
  const { out } = await ran(process.execPath, [...tsc, ...types, ...files], project);
  // The SDK's own declarations want the types of `ms`, which is between it and its user.
  const errors = out
    .split('\n')
    .filter((line) => /error TS/.test(line) && !line.startsWith('node_modules/@temporalio/'));
  expect(errors).toEqual([expect.stringMatching(/^wrong\.mts\(2,7\): error TS2322/)]);
});

it.each(MAJORS)('Node.js %s: worker, client, own workflow, scripted reviewer', async (major) => {
  const node = join(nodes, `node_modules/node${major}/bin/node`);
  const version = (await must(node, ['--version'], project)).trim();
  expect(version).toMatch(new RegExp(`^v${major}\\.`));
  say(`running it on Node.js ${version}`);

  const bin = join(project, 'node_modules/.bin');
  const data = join(directory.path, `data-${major}`);
  const PATH = [dirname(node), process.env['PATH'] ?? ''].join(delimiter);
  const env = environment({ ...settings, PATH, TEMPORAL_CLI_PATH: temporalBinary(), COUNTERSIGN_DATA: data });
  const { version: ours } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(await must(join(bin, 'countersign'), ['--version'], project, env)).toBe(`${ours}\n`);

  const args = ['dev', '--port', '0', '--ui-port', '0', '--headless', '--data', data, '--json'];
  const dev = spawn(join(bin, 'countersign'), args, { cwd: project, env, detached: true });
  try {
    const { address, said } = await ready(dev);
    const here = { ...env, TEMPORAL_ADDRESS: address };
    const npx = ([name = '', ...rest]: string[]) => ran(join(bin, name), rest, project, here);

    expect(await npx(ownTest.command)).toMatchObject({ code: 0 });

    const waits = npx(client.command);
    const shown = await until(
      () => npx(['countersign', 'show', 'welcome-1', '--json']),
      ({ code, out }) => code === 0 && out.includes('"status":"open"'),
    );
    const { digest } = JSON.parse(shown.out) as { digest: string };
    const approve = ['countersign', 'approve', 'welcome-1', '--reviewer', 'bo', '--digest', digest];
    expect(await npx(approve)).toMatchObject({ code: 0 });
    const { code, out } = await waits;
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^\{"said":"hello Ana","key":"[0-9a-f]{64}"\}\nexecuted\n$/) as string,
    });
    expect(said()).not.toMatch(/warning/i);
  } finally {
    await endGroup(dev, 'SIGTERM');
  }
  expect(dev.exitCode).toBe(0);
});

async function ready(child: ChildProcess): Promise<{ address: string; said(): string }> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  await until(
    async () => out.includes('\n') || child.exitCode !== null,
    (over) => over,
  );
  if (child.exitCode !== null) throw new Error(`countersign dev ended before it was ready: ${out}${err}`);
  return { ...(JSON.parse(out) as { address: string }), said: () => err };
}
