/** JSON on the command line: as it stands, `@file`, or `-` for standard input. */
import { AppError } from '../app/errors';
import { readFileSync } from 'node:fs';

/**
 * What is not JSON as it stands: `refused`; `file`, read where it does not look like JSON gone wrong; or `text`, which
 * stands for itself, in a file and on standard input, too.
 */
export type Otherwise = 'refused' | 'file' | 'text';

/** @throws AppError INVALID_INPUT, naming the flag */
export function jsonArgument(flag: string, given: string, otherwise: Otherwise = 'refused'): unknown {
  const named = given === '-' || given.startsWith('@');
  const text = given === '-' ? read(flag, 0) : named ? read(flag, given.slice(1)) : given;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (otherwise === 'text') return named ? text.replace(/\n$/, '') : text;
    if (otherwise === 'file' && !named && !/^\s*(?:[[{"]|$)/.test(given))
      return jsonArgument(flag, `@${given}`);
    const ways = otherwise === 'file' ? 'JSON, a file, @file,' : 'JSON, @file,';
    throw new AppError(
      'INVALID_INPUT',
      `${flag} is not JSON: ${error instanceof Error ? error.message : ''}. Give ${ways} or - for standard input`,
    );
  }
}

/** A policy as JSON, from a file, or by the name it has in the worker's COUNTERSIGN_POLICY. @throws as `jsonArgument` */
export function policyArgument(given: string): unknown {
  return given === '-' || /^\s*[@{["]/.test(given) ? jsonArgument('--policy', given) : given;
}

function read(flag: string, file: string | number): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('INVALID_INPUT', `${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
