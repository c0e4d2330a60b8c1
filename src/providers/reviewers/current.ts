/**
 * The reviewers directory as its file says now. A key is revoked by a line in that file, and nobody should have to restart every worker
 * for it to count; a file that is being written, or is wrong, leaves the directory as it was, and says so.
 */
import { unwatchFile, watchFile } from 'node:fs';
import path from 'node:path';
import type { Directory } from '../../domain/reviewers';
import { messageOf } from '../../domain/message';
import { loadDirectory } from './file';

export interface CurrentDirectory {
  current(): Directory | undefined;
  close(): Promise<void>;
}

/** Milliseconds between two looks at the file. */
const LOOK_EVERY = 1_000;

/**
 * @param file as COUNTERSIGN_REVIEWERS gives it, absolute or relative to `cwd`
 * @param say told when the file has changed: that it is read anew, or what is wrong with it
 * @param loaded given each version that is in force from now on, the first one too
 * @throws Error as `loadDirectory`, for the file as it is at first
 */
export async function openDirectory(
  file: string | undefined,
  cwd: string,
  say: (text: string) => void,
  loaded: (directory: Directory | undefined) => Promise<void> | void = () => undefined,
): Promise<CurrentDirectory> {
  let directory = await loadDirectory(file, cwd);
  await loaded(directory);
  if (file === undefined) return { current: () => undefined, close: () => Promise.resolve() };
  const watched = path.resolve(cwd, file);
  const reload = () => {
    loadDirectory(file, cwd).then(
      (read) => {
        directory = read;
        void loaded(read);
        say(`the reviewers directory ${file} was read again`);
      },
      (error: unknown) => {
        say(
          `the reviewers directory ${file} was changed and is not right; the one before still holds: ${messageOf(error)}`,
        );
      },
    );
  };
  watchFile(watched, { interval: LOOK_EVERY, persistent: false }, (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) reload();
  });
  return {
    current: () => directory,
    close() {
      unwatchFile(watched);
      return Promise.resolve();
    },
  };
}
