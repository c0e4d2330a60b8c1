/** A throwaway PostgreSQL for tests: its own directory, a free loopback port, gone when the test is. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

export interface Postgres {
  readonly url: string;
  readonly port: number;
  /** Runs a statement as the superuser, on a connection of its own. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Whether the tests against PostgreSQL can run here. A POSTGRES_BIN that is wrong is an error, never a skipped test. */
export function hasPostgres(): boolean {
  return process.env['POSTGRES_BIN'] !== undefined || binDirectory() !== undefined;
}

/** @throws Error that says how to get PostgreSQL, where none is installed. */
export async function startPostgres(): Promise<Postgres> {
  const bin = binDirectory();
  if (bin === undefined) {
    throw new Error(
      'no PostgreSQL: install it (apt-get install postgresql), or set POSTGRES_BIN to the folder of initdb',
    );
  }
  const home = mkdtempSync(path.join(os.tmpdir(), 'countersign-pg-'));
  const data = path.join(home, 'data');
  const owner = unprivileged();
  if (owner !== undefined) chownSync(home, owner.uid, owner.gid);
  const options = { cwd: home, ...owner, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
  execFileSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const port = await freePort();
  const settings = [
    'fsync=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${home}`,
    'max_connections=40',
  ];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn(path.join(bin, 'postgres'), args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const url = `postgres://postgres:s3cret@127.0.0.1:${String(port)}/postgres`;
  const query: Postgres['query'] = async (text, values = []) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  await answering(query, server, () => log);
  return {
    url,
    port,
    query,
    async stop() {
      await ended(server);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function answering(query: Postgres['query'], server: ChildProcess, log: () => string): Promise<void> {
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      await query('SELECT 1');
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > until)
        throw new Error(`PostgreSQL did not start: ${log()}`, { cause: error });
      await sleep(50);
    }
  }
}

/** SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is waited for. */
async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  await new Promise<void>((resolve) => {
    server.once('exit', () => {
      resolve();
    });
    server.kill('SIGINT');
  });
}

/** POSTGRES_BIN, then PATH, then where Debian and Homebrew put it, the newest first. */
function binDirectory(): string | undefined {
  const versioned = (root: string, tail: string): string[] =>
    existsSync(root)
      ? readdirSync(root)
          .sort(
            (a, b) => Number.parseInt(b.replace(/\D/g, ''), 10) - Number.parseInt(a.replace(/\D/g, ''), 10),
          )
          .map((name) => path.join(root, name, tail))
      : [];
  const brew = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((root) =>
    versioned(root, 'bin').filter((directory) => directory.includes('postgresql')),
  );
  const given = process.env['POSTGRES_BIN'];
  const candidates = given
    ? [given]
    : [
        ...(process.env['PATH'] ?? '').split(path.delimiter),
        ...versioned('/usr/lib/postgresql', 'bin'),
        ...brew,
      ];
  return candidates.find((directory) => existsSync(path.join(directory, 'initdb')));
}

/** initdb refuses root: as root, the user postgres or nobody runs it. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  const [, , uid = '65534', gid = '65534'] = user ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
