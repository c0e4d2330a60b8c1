/** JSON on the command line: as it stands, `@file`, or `-` for standard input. */
import { readFileSync } from 'node:fs';
import { EXIT, Failure } from './output';

export function jsonArgument(flag: string, given: string): unknown {
  const text =
    given === '-' ? readFileSync(0, 'utf8') : given.startsWith('@') ? fileOf(flag, given.slice(1)) : given;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Failure(
      EXIT.usage,
      'INVALID_INPUT',
      `${flag} is not JSON: ${error instanceof Error ? error.message : ''}. Give JSON, @file, or - for standard input`,
    );
  }
}

function fileOf(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(
      EXIT.usage,
      'INVALID_INPUT',
      `${flag}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
