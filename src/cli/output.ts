/** Where a command's words go: results to stdout, everything else to stderr, machine output alone on stdout. */
import { visible, visibleId, visibleLine } from '../domain/visible';

export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

export interface Streams {
  out(text: string): void;
  err(text: string): void;
  readonly inTerminal: boolean;
  readonly columns: number;
}

export function processStreams(): Streams {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    // Both ends: a prompt is answered by a person, never by a pipe.
    inTerminal: process.stdin.isTTY && process.stdout.isTTY,
    columns: process.stdout.columns || 100,
  };
}

/** A command that ends otherwise than done: its code goes to programs, the sentence to people. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly exit: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Without a terminal nothing is asked: the flag that is missing is named. */
export function missingFlag(flag: string, why: string): Failure {
  return new Failure(
    EXIT.usage,
    'FLAG_MISSING',
    `${flag} is needed where there is no terminal to ask at: ${why}`,
  );
}

export function local(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** One JSON line. Hostile characters arrive escaped, so that a terminal that shows the line is safe, too. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

export { visible, visibleId, visibleLine };
