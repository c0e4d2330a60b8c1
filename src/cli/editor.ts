/** The args in $EDITOR: a file of one's own, which is kept wherever the edit did not go through. */
import { AppError } from '../app/errors';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { Packet } from '../client';
import type { JsonObject } from '../domain/json';
import type { Deps } from './command';
import { Failure, visible } from './output';

export interface Draft {
  readonly file: string;
  /** What stands there now. @throws Failure */
  read(): unknown;
  /** It went through. */
  remove(): void;
  /** It did not. */
  keep(): void;
}

export function draftOf(deps: Deps, { proposal }: Packet): Draft {
  const file = join(mkdtempSync(join(tmpdir(), 'countersign-edit-')), 'args.json');
  writeFileSync(file, `${JSON.stringify(proposal?.args, undefined, 2)}\n`, { mode: 0o600 });
  return {
    file,
    read: () => edited(deps, file),
    remove: () => {
      rmSync(join(file, '..'), { recursive: true });
    },
    keep: () => {
      deps.streams.err(`Your edit is kept in ${file}; send it with --args @${file}\n`);
    },
  };
}

function edited(deps: Deps, file: string): unknown {
  // Through a shell, since $EDITOR may hold arguments; the file is one, whatever its name.
  const { status, error } = spawnSync('/bin/sh', ['-c', `${deps.config.editor} "$1"`, 'sh', file], {
    stdio: 'inherit',
  });
  if (error !== undefined || status !== 0)
    throw new Failure('NOT_SENT', `the editor ${deps.config.editor} ended with an error; nothing was sent`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (parse) {
    throw new AppError(
      'INVALID_INPUT',
      `the edited args are not JSON: ${parse instanceof Error ? parse.message : ''}; nothing was sent`,
    );
  }
}

export function difference(before: JsonObject, after: unknown): string {
  const text = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  return `${visible(createTwoFilesPatch('args as proposed', 'args as edited', text(before), text(after)))}\n`;
}
