/**
 * The embedded database as several processes use it: one file, a rollback journal with full synchronisation, statements all or none,
 * and locks of another process waited for.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Client, createClient, type Row } from '@libsql/client';

const PRAGMAS = 'PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL';

/** Milliseconds. The driver waits for a lock on our thread, so it waits briefly, and we wait between its attempts. */
const WAIT = { driver: 100, pause: 50, most: 15_000 } as const;

export interface LibsqlFile {
  /** All statements or none, durably; each must be idempotent, since it is tried again after a lock. */
  write(statements: readonly string[]): Promise<void>;
  read(sql: string, args: (string | number)[]): Promise<Row[]>;
  close(): void;
}

/**
 * @param directoryOrUrl a directory that has, or gets, `countersign.db`; or a `file:` or `libsql:` URL
 * @param create whether a missing file is created. @default true
 */
export async function openLibsqlFile(
  directoryOrUrl: string,
  { create = true }: { readonly create?: boolean } = {},
): Promise<LibsqlFile> {
  const url = urlOf(directoryOrUrl, create);
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
        // As one script: a prepared BEGIN or COMMIT that meets a lock would keep it until it is collected.
        if (client.protocol === 'file')
          await client.executeMultiple(`BEGIN IMMEDIATE;${statements.join(';')};COMMIT`);
        else await client.batch([...statements], 'write');
      }),
    read: (sql, args) =>
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

function urlOf(directoryOrUrl: string, create: boolean): string {
  if (/^(?:file|libsql):/i.test(directoryOrUrl)) return directoryOrUrl;
  const directory = path.resolve(directoryOrUrl);
  if (create) mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'countersign.db');
  if (!create && !existsSync(file))
    throw new Error(`there is no store at ${file}; name its directory in COUNTERSIGN_DATA`);
  return pathToFileURL(file).href;
}

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
