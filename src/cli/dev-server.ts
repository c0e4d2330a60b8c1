/**
 * The Temporal dev server as a child of our own process group: one SIGKILL to the group ends both, and a pid file lets
 * the next start stop a server that was orphaned by a kill of its parent alone.
 */
import { AppError } from '../app/errors';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { withoutVariables } from '../config';
import { messageOf } from '../domain/message';
import { searchAttributeFlags } from '../search-attributes';
import { makeDirectory } from '../store/directory';
import { Failure } from './output';

export interface DevServerOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly uiPort: number;
  readonly headless: boolean;
  readonly say: (text: string) => void;
  /** Aborted when somebody wants to leave: nothing is tried again then. */
  readonly leave: AbortSignal;
  /** Set for speed, see `TUNED`. @default true */
  readonly tuned?: boolean;
}

export interface DevServer {
  readonly address: string;
  readonly ui: string | undefined;
  readonly log: string;
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

interface PidFile {
  readonly server: number;
  readonly parent: number;
}

/** Besides the two we choose, the server picks ports for itself; another process may be quicker to take one. */
const ATTEMPTS = 3;
const READY_WITHIN = 60_000;
const STOP_WITHIN = 10_000;

export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { dataDir, headless, tuned = true } = options;
  usable(dataDir);
  const pidFile = join(dataDir, 'server.pid');
  const database = join(dataDir, 'temporal.db');
  await stopOrphan(pidFile, database, options);
  const binary = await temporalBinary();
  const log = join(dataDir, 'server.log');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(options.port, '--port');
    const uiPort = headless ? undefined : await freePort(options.uiPort, '--ui-port');
    const { child, ended } = spawnServer(binary, serverArguments({ database, port, uiPort, tuned }), log);
    if (child.pid !== undefined)
      writeFileSync(pidFile, JSON.stringify({ server: child.pid, parent: process.pid } satisfies PidFile));
    const stop = async () => {
      await stopChild(child, ended);
      rmSync(pidFile, { force: true });
    };
    if (await listens(port, ended)) {
      const ui = uiPort === undefined ? undefined : `http://127.0.0.1:${String(uiPort)}`;
      return { address: `127.0.0.1:${String(port)}`, ui, log, ended, stop };
    }
    await stop();
    if (attempt === ATTEMPTS || options.leave.aborted)
      throw new Failure(
        'SERVER_NOT_STARTED',
        `the Temporal server did not start: ${lastLine(log)} (all of it in ${log})`,
      );
  }
}

function usable(dataDir: string): void {
  try {
    makeDirectory(resolve(dataDir));
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new AppError(
      'INVALID_INPUT',
      `nothing can be kept in the data directory: ${messageOf(error)}; choose another with --data, or in COUNTERSIGN_DATA`,
    );
  }
}

function spawnServer(
  binary: string,
  args: readonly string[],
  log: string,
): { child: ChildProcess; ended: Promise<number | null> } {
  const sink = openSync(log, 'w');
  const child = spawn(binary, args, { stdio: ['ignore', sink, sink], env: withoutVariables() });
  closeSync(sink);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('exit', (code) => {
      resolve(code);
    });
  });
  return { child, ended };
}

/** One shard admits 20 reads a second otherwise, and every signal waits for one; the log of writes doubles what a file takes. */
const TUNED = [
  ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  // So that a flood of 10,000, the server's own limit, leaves room for the decision that ends it.
  ...['--dynamic-config-value', 'history.maximumSignalsPerExecution=20000'],
  ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
];

function serverArguments({
  database,
  port,
  uiPort,
  tuned,
}: {
  database: string;
  port: number;
  uiPort: number | undefined;
  tuned: boolean;
}): string[] {
  return [
    ...[
      'server',
      'start-dev',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--db-filename',
      database,
      '--log-level',
      'error',
    ],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(tuned ? TUNED : []),
    // Lets tests pass a month in a second, workflow by workflow; nothing skips time that does not ask for it.
    ...['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
    ...searchAttributeFlags().flatMap((flag) => ['--search-attribute', flag]),
  ];
}

/** The set-up finds, or fetches, the server; its progress goes to stderr. */
async function temporalBinary(): Promise<string> {
  const setup = join(__dirname, '..', '..', 'scripts', 'setup.mjs');
  const child = spawn(process.execPath, [setup, '--only=server', '--json', '--quiet'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0)
    throw new Failure('NO_SERVER', 'there is no Temporal server to start; see above for what was tried');
  return (JSON.parse(chunks.join('')) as { temporal: { path: string } }).temporal.path;
}

/** A server that a killed `dev` left behind holds the database and the port: it is stopped. A living one is not. */
async function stopOrphan(
  pidFile: string,
  database: string,
  { say }: Pick<DevServerOptions, 'say'>,
): Promise<void> {
  const left = readPid(pidFile);
  if (left === undefined || !(await isServerOf(left.server, database))) return;
  if (left.parent !== process.pid && alive(left.parent) && (await commandOf(left.parent)).includes('dev'))
    throw new Failure(
      'ALREADY_RUNNING',
      `countersign dev runs on this data directory already (process ${String(left.parent)}); stop it, or choose another --data`,
    );
  say(`Stopping a server that was left behind (process ${String(left.server)}).\n`);
  process.kill(left.server, 'SIGTERM');
  for (const until = Date.now() + STOP_WITHIN; alive(left.server);) {
    if (Date.now() > until) process.kill(left.server, 'SIGKILL');
    await pause(50);
  }
}

function readPid(file: string): PidFile | undefined {
  try {
    const { server, parent } = JSON.parse(readFileSync(file, 'utf8')) as Partial<PidFile>;
    return Number.isInteger(server) && Number.isInteger(parent)
      ? { server: server ?? 0, parent: parent ?? 0 }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A pid may have been given to somebody else since: only a process with our database in its command is ours. */
async function isServerOf(pid: number, database: string): Promise<boolean> {
  return alive(pid) && (await commandOf(pid)).includes(database);
}

async function commandOf(pid: number): Promise<string> {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout;
  }
}

/** A killed process that nobody has reaped yet is not alive. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return true; // no /proc here
  }
}

async function stopChild(child: ChildProcess, ended: Promise<number | null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN);
  await ended;
  clearTimeout(late);
}

async function freePort(wanted: number, flag: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => {
      reject(
        new Failure(
          'PORT_TAKEN',
          `port ${String(wanted)} is taken; choose another with ${flag} (0 picks a free one)`,
        ),
      );
    });
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

/** The frontend answers once the namespace is there; a server that ended never will. */
async function listens(port: number, ended: Promise<number | null>): Promise<boolean> {
  const gone = new AbortController();
  void ended.then(() => {
    gone.abort();
  });
  for (const until = Date.now() + READY_WITHIN; !gone.signal.aborted && Date.now() < until; await pause(50)) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = dial(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    if (open) return true;
  }
  return false;
}

/** What the server said of its trouble: the line that names it, rather than the end of a stack trace. */
function lastLine(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return (lines.find((line) => /panic:|error/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 500);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
