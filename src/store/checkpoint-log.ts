/**
 * A file of checkpoints that one worker at a time adds to: a line is written whole and is on the disk before the next one. Of
 * several workers in one directory each takes a file of its own: checkpoints.jsonl, checkpoints-2.jsonl, …
 */
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import {
  openCheckpointFile,
  type CheckpointFile,
  type CheckpointKind,
  type Loaded,
  type SignatureCheck,
  type Told,
} from '../domain/checkpoint';
import type { Heads, Said } from '../domain/heads';
import type { Head } from './audit-store';
import { openSigner, signatureCheck, type Signer } from './checkpoint-key';
import { makeDirectory } from './directory';

/** Heads in one line. */
const MOST = 1_000;
/** Workers in one directory. */
const FILES = 1_000;

export interface CheckpointLog {
  readonly file: string;
  readonly heads: Heads;
  /** Whether a line has told of the entry. */
  holds(head: Omit<Head, 'seq'>): boolean;
  /**
   * Durable when it resolves; what was not written is written by the next call. Nothing found or stored is no line.
   */
  write(kind: Exclude<CheckpointKind, 'loaded'>, changed: readonly Said[]): Promise<void>;
  /** A line `loaded`, where the last one of that kind in this file told of another. Durable when it resolves. */
  load(loaded: Loaded): Promise<void>;
  close(): Promise<void>;
}

export interface CheckpointPlace {
  /** Of the first file, ending in .jsonl. */
  readonly path: string;
  /** Of the private key. @default beside it */
  readonly key?: string | undefined;
}

const beside = (first: string, ending: string) => `${first.replace(/\.jsonl$/, '')}${ending}`;
export const publicKeyPath = (first: string) => beside(first, '.pub.pem');
/** Where it is made, unless it is configured. */
export const privateKeyPath = (first: string) => beside(first, '.key.pem');
const nth = (first: string, number: number) =>
  number === 1 ? first : beside(first, `-${String(number)}.jsonl`);

/** The files that there are, in their order. */
export function checkpointFiles(first: string): string[] {
  const directory = path.dirname(first);
  if (!existsSync(directory)) return [];
  const there = new Set(readdirSync(directory));
  return Array.from({ length: FILES }, (_, index) => nth(first, index + 1)).filter((file) =>
    there.has(path.basename(file)),
  );
}

const hasKey = (first: string) =>
  [publicKeyPath(first), privateKeyPath(first)].some((key) => existsSync(key));

/** Those that must have been there: of whoever made the key, and before a later one was taken. */
export function goneFiles(first: string): string[] {
  const there = checkpointFiles(first);
  const last = there.at(-1);
  if (last === undefined) return hasKey(first) ? [first] : [];
  const upTo = Array.from({ length: FILES }, (_, index) => nth(first, index + 1));
  return upTo.slice(0, upTo.indexOf(last)).filter((file) => !there.includes(file));
}

export const GONE =
  'the file is gone, though the key or a later file beside it is there: a worker writes it as it first begins. Put it back ' +
  'from a copy; where no worker has run yet since checkpoints were switched on, or it was moved away on purpose, start one, and verify again';
/** A worker that is killed as it first begins leaves such a file, too. */
const EMPTIED =
  'holds no whole line, and a worker writes one as it first begins: put it back from a copy; where there was none yet, remove it, and start a worker';

/**
 * Takes the first file that no other worker has, and goes on with it.
 * @param note is told of a file that is gone, and of one that cannot be gone on with: the next one is taken
 * @throws Error, KeyFileError where nothing can be written there
 */
export async function openCheckpointLog(
  { path: first, key }: CheckpointPlace,
  note: (text: string) => void,
): Promise<CheckpointLog> {
  makeDirectory(path.dirname(first));
  for (let number = 1; number <= FILES; number++) {
    const file = nth(first, number);
    const unlock = await locked(`${file}.lock`);
    if (unlock === undefined) continue;
    try {
      // Whoever made the key held a file's lock by then, and has written to that file unless it was killed.
      const begun = hasKey(first);
      if (goneFiles(first).includes(file)) note(`${file}: ${GONE}`);
      const signer = openSigner(key ?? privateKeyPath(first), publicKeyPath(first));
      const said = new Set<string>();
      const current = new Map<string, string>();
      const read = await readCheckpoints(
        file,
        signatureCheck(publicKeyPath(first)),
        ({ changed, loaded }) => {
          if (loaded !== undefined) current.set(...loaded);
          for (const [workflowId, firstRunId, , hash] of changed)
            said.add(name({ workflowId, firstRunId, hash }));
        },
      );
      const fault = read.fault ?? (begun ? emptied(file, read) : undefined);
      if (fault === undefined) return await goingOn(file, read, { said, current, signer, unlock });
      note(`${file} is not gone on with, as it does not hold: ${fault}; the next one is taken`);
    } catch (error) {
      unlock();
      throw error;
    }
    unlock();
  }
  throw new Error(`${String(FILES)} workers have a file of checkpoints at ${first} already`);
}

/** What is wrong with a file that is there and tells nothing; undefined where it tells something. */
export function emptied(file: string, read: ReadCheckpoints): string | undefined {
  return read.fault === undefined && read.file.lines() === 0 && existsSync(file) ? EMPTIED : undefined;
}

async function goingOn(
  file: string,
  read: ReadCheckpoints,
  had: {
    readonly said: ReadonlySet<string>;
    /** By kind, the hash that the last line `loaded` told of. */
    readonly current: Map<string, string>;
    readonly signer: Signer;
    unlock(): void;
  },
): Promise<CheckpointLog> {
  const write = await writer(file, read.bytes);
  return {
    file,
    heads: read.file.heads,
    holds: (head) => had.said.has(name(head)),
    async write(kind, changed) {
      const edge = kind === 'start' || kind === 'stop';
      for (let from = 0; from < changed.length || (edge && from === 0); from += MOST) {
        const at = new Date().toISOString();
        write.owe(read.file.next({ kind, changed: changed.slice(from, from + MOST), at, ...had.signer }));
      }
      await write.pay();
    },
    async load([kind, hash]) {
      if (had.current.get(kind) !== hash) {
        const at = new Date().toISOString();
        write.owe(read.file.next({ kind: 'loaded', changed: [], loaded: [kind, hash], at, ...had.signer }));
        had.current.set(kind, hash);
      }
      await write.pay();
    },
    async close() {
      await write.close();
      had.unlock();
    },
  };
}

const name = ({ workflowId, firstRunId, hash }: Omit<Head, 'seq'>) => `${hash} ${firstRunId} ${workflowId}`;

export interface ReadCheckpoints {
  readonly file: CheckpointFile;
  /** The first line that does not hold, and why; the lines before it were taken. */
  readonly fault?: string;
  /** Up to the end of the last whole line. */
  readonly bytes: number;
  /** The last line was not written to its end, as a worker that is killed leaves it. */
  readonly torn: boolean;
}

/** @param heard is told of each line that holds */
export async function readCheckpoints(
  path: string,
  check: SignatureCheck,
  heard?: (line: Told) => void,
): Promise<ReadCheckpoints> {
  const file = openCheckpointFile(check, heard);
  let bytes = 0;
  let rest = '';
  if (existsSync(path))
    for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const fault = file.read(line);
        if (fault !== undefined)
          return { file, fault: `line ${String(file.lines() + 1)} ${fault}`, bytes, torn: false };
        bytes += Buffer.byteLength(line) + 1;
      }
    }
  return { file, bytes, torn: rest !== '' };
}

/** @param size of what is there; what is beyond it is half a line, and is cut off before anything is added */
async function writer(
  path: string,
  size: number,
): Promise<{ owe(line: string): void; pay(): Promise<void>; close(): Promise<void> }> {
  let owed = '';
  let there = size;
  const handle = await open(path, 'a');
  await syncDirectory(path);
  return {
    owe(line) {
      owed += `${line}\n`;
    },
    async pay() {
      if ((await handle.stat()).size !== there) await handle.truncate(there);
      await writeAll(handle, owed);
      there += Buffer.byteLength(owed);
      owed = '';
    },
    close: () => handle.close(),
  };
}

async function writeAll(handle: FileHandle, text: string): Promise<void> {
  await handle.appendFile(text);
  await handle.datasync();
}

/** A new file's name is on the disk only when its directory is. */
async function syncDirectory(file: string): Promise<void> {
  const directory = await open(path.dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Held until it is let go or the process is gone, however it goes: the lock of a database without a table. */
async function locked(file: string): Promise<(() => void) | undefined> {
  const client = createClient({ url: pathToFileURL(file).href, timeout: 1, concurrency: 1 });
  try {
    const held = await client.transaction('write');
    return () => {
      held.close();
      client.close();
    };
  } catch (error) {
    client.close();
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && /^SQLITE_(?:BUSY|LOCKED)/.test(code)) return undefined;
    throw error;
  }
}
