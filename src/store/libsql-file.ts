/**
 * The embedded database as several processes use it: one file, statements all or none, and locks of another process waited for. It
 * uses a rollback journal with full synchronisation, for an entry must be on the disk before an effect starts, and a killed process
 * must leave neither half an append nor a lock.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Client, createClient, type Row } from '@libsql/client';
import { makeDirectory } from './directory';

const PRAGMAS = 'PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL';

/** Milliseconds. The driver waits for a lock on our thread, so it waits briefly, and we wait between its attempts. */
const WAIT = { driver: 100, pause: 50, most: 15_000 } as const;

export interface LibsqlFile {
  /** All statements or none, durably; each must be idempotent, since it is tried again after a lock. */
  write(statements: readonly string[]): Promise<void>;
  read(sql: string, args?: (string | number)[]): Promise<Row[]>;
  close(): void;
}

/**
 * @param directoryOrUrl a directory that has, or gets, `countersign.db`; or a `file:` or `libsql:` URL
 * @param create whether a missing file is created. @default true
 * @param called how an error names what is not there. @default 'store'
 */
export async function openLibsqlFile(
  directoryOrUrl: string,
  { create = true, called = 'store' }: { readonly create?: boolean; readonly called?: string } = {},
): Promise<LibsqlFile> {
  const url = urlOf(directoryOrUrl, create, called);
  const connect = (): Client => createClient({ url, timeout: WAIT.driver, concurrency: 1 });
  const client = connect();
  try {
    if (create && url.startsWith('file:')) await unlocked(() => client.executeMultiple(PRAGMAS));
  } catch (error) {
    client.close();
    throw error;
  }
  return {
    write: (statements) =>
      unlocked(async () => {
        // As one script: a prepared BEGIN or COMMIT that meets a lock would keep it, or keep every later commit from succeeding,
        // until the garbage collector finds the statement.
        if (client.protocol === 'file')
          await client.executeMultiple(`BEGIN IMMEDIATE;${statements.join(';')};COMMIT`);
        else await client.batch([...statements], 'write');
      }),
    read: (sql, args = []) =>
      unlocked(async () => {
        // A statement that met a lock stays in progress until it is collected: its connection is not used again.
        const reader = connect();
        try {
          return (await reader.execute({ sql, args })).rows;
        } finally {
          reader.close();
        }
      }),
    close: () => client.close(),
  };
}

function urlOf(directoryOrUrl: string, create: boolean, called: string): string {
  if (/^(?:file|libsql):/i.test(directoryOrUrl)) return directoryOrUrl;
  const directory = path.resolve(directoryOrUrl);
  if (create) makeDirectory(directory);
  const file = path.join(directory, 'countersign.db');
  if (!create && !existsSync(file))
    throw new Error(`there is no ${called} at ${file}; name its directory in COUNTERSIGN_DATA`);
  return pathToFileURL(file).href;
}

/** Tries again while another process writes. Every statement is idempotent, so a repeat does no harm. */
async function unlocked<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + WAIT.most;
  for (let pause: number = WAIT.pause; ; pause = Math.min(pause * 2, 400)) {
    try {
      return await work();
    } catch (error) {
      const { code } = error as { code?: unknown };
      const locked = typeof code === 'string' && /^SQLITE_(?:BUSY|LOCKED)/.test(code);
      if (!locked || Date.now() > until) throw error;
    }
    await sleep(pause);
  }
}

/** Text as hexadecimal, which no quote or semicolon in it can end. */
export function literal(value: string): string {
  return `CAST(x'${Buffer.from(value, 'utf8').toString('hex')}' AS TEXT)`;
}
