/** Whether a file is one that Countersign keeps its record in, before anything is written to it or believed of it. */
import { messageOf } from '../domain/message';
import type { LibsqlFile } from './libsql-file';

/** `user_version` of the files that this version makes; 0 is from before there were versions, or nobody's yet. */
export const VERSION = 1;

/**
 * @param where as people know the store
 * @param columns that the table has where it is there; that it is not there is no trouble yet
 * @throws Error saying what is there instead, and what to do
 */
export async function fits(
  file: LibsqlFile,
  where: string,
  columns: string,
): Promise<{
  readonly version: number;
  /** In the order of this, rows are as they were stored; a view has no such order, and goes by the hash. */
  readonly stored: 'rowid' | 'hash';
}> {
  const version = where.startsWith('libsql:') ? VERSION : await versionOf(file);
  if (version > VERSION)
    throw new Error(
      `the audit store in ${where} has the version ${String(version)} (user_version), and this countersign knows ` +
        `${String(VERSION)}: use a newer countersign, or, where it is another program's file, name another directory in COUNTERSIGN_DATA`,
    );
  const lacks = await missing(file, columns);
  if (lacks !== undefined)
    throw new Error(
      `the audit store in ${where} has a table audit_entries without the column ${lacks}: it is not Countersign's. ` +
        'Name another directory in COUNTERSIGN_DATA, or move the file away',
    );
  return { version, stored: (await missing(file, 'rowid')) === undefined ? 'rowid' : 'hash' };
}

async function versionOf(file: LibsqlFile): Promise<number> {
  const [row] = await file.read('PRAGMA user_version');
  return Number(row?.['user_version'] ?? 0);
}

async function missing(file: LibsqlFile, columns: string): Promise<string | undefined> {
  try {
    await file.read(`SELECT ${columns} FROM audit_entries LIMIT 0`);
  } catch (error) {
    const [, column] = /no such column: "?(\w+)/.exec(messageOf(error)) ?? [];
    if (column !== undefined) return column;
    if (!/no such table: audit_entries/.test(messageOf(error))) throw error;
  }
  return undefined;
}
