/** Directories that are made where they are missing. Node's own way tries for ever where a file system makes none, as /proc. */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../domain/message';

/** @throws Error saying which directory cannot be made, or is none */
export function makeDirectory(directory: string): void {
  const there = statSync(directory, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) return;
  if (there !== undefined) throw new Error(`${directory} is no directory`);
  const parent = path.dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    // Somebody else may just have made it.
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
    throw new Error(`the directory ${directory} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}
