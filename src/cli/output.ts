/** Where a command's words go: results to stdout, everything else to stderr, machine output alone on stdout. */
import { createColors } from 'picocolors';
import { EXIT } from '../app/errors';
import { visible, visibleId, visibleLine } from '../domain/visible';
import type { KeyFileError } from '../signing';

export type Colours = ReturnType<typeof createColors>;

export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** Whether there is somebody to ask. */
  readonly inTerminal: boolean;
  /** Whether somebody sees what `err` says while it happens. */
  readonly watched: boolean;
  /** Of the terminal, where there is one. */
  readonly size?: { readonly rows: number; readonly columns: number };
  /** Of what goes to `out` and to `err`; they do nothing where colours are not wanted. */
  readonly colours: { readonly out: Colours; readonly err: Colours };
  /** Aborted once nobody reads `out` any more, as with `| head -1`. */
  readonly unread: AbortSignal;
}

/** `colours` and `plain` as in the configuration's defaults. */
export function processStreams({
  colours,
  plain,
}: {
  colours: boolean | undefined;
  plain: boolean;
}): Streams {
  const { stdin, stdout, stderr } = process;
  const unread = new AbortController();
  // Whoever left is no failure of ours; the command goes on to its end, and its exit code stays its own.
  const closed = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    unread.abort();
  };
  stdout.on('error', closed);
  stderr.on('error', closed);
  const painted = ({ isTTY }: { isTTY?: boolean }) => createColors(colours ?? (isTTY === true && !plain));
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    // All three: a prompt is answered by a person who has seen what it is about, never by a pipe.
    inTerminal: stdin.isTTY && stdout.isTTY && stderr.isTTY,
    watched: stderr.isTTY,
    ...(stderr.isTTY ? { size: { rows: stderr.rows, columns: stderr.columns } } : {}),
    colours: { out: painted(stdout), err: painted(stderr) },
    unread: unread.signal,
  };
}

/** How a command ends that fails at the terminal itself, before or beside any use case: by its line, a prompt, a file, a process. */
const FAILURES = {
  USAGE: EXIT.usage,
  FLAG_MISSING: EXIT.usage,
  NO_TERMINAL: EXIT.usage,
  POLICY_FILE: EXIT.usage,
  ALREADY_RUNNING: EXIT.usage,
  PORT_TAKEN: EXIT.usage,
  /** The person left, or said no. */
  NOT_SENT: EXIT.refused,
  NOT_SIGNED: EXIT.refused,
  NOT_ALL_SHOWN: EXIT.refused,
  FILE_EXISTS: EXIT.refused,
  KEY_UNREADABLE: EXIT.refused,
  KEY_TOO_OPEN: EXIT.refused,
  KEY_NOT_A_KEY: EXIT.refused,
  KEY_ENCRYPTED: EXIT.refused,
  KEY_WRONG_PASSPHRASE: EXIT.refused,
  SERVER_NOT_STARTED: EXIT.unreachable,
  NO_SERVER: EXIT.unreachable,
  SERVER_ENDED: EXIT.unreachable,
} as const satisfies Readonly<Record<`KEY_${KeyFileError['code']}` | (string & {}), number>>;

/** What only a terminal can refuse. Its code goes to programs, the sentence, with names as they are, to people by `troubleLine`. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly code: keyof typeof FAILURES,
    message: string,
  ) {
    super(message);
  }

  get exit(): number {
    return FAILURES[this.code];
  }
}

/** What went wrong, to be read: made visible here and nowhere before, and no line of it passes for one of ours. */
export function troubleLine({ code, message }: { readonly code: string; readonly message: string }): string {
  return `${code}: ${visible(message).replace(/\n(?! {2})/g, '\n  ')}\n`;
}

/** Without a terminal nothing is asked: the flag that is missing is named. */
export function missingFlag(flag: string, why: string): Failure {
  return new Failure('FLAG_MISSING', `${flag} is needed where there is no terminal to ask at: ${why}`);
}

/** The person left the question, or said no. */
export const notSent = () => new Failure('NOT_SENT', 'nothing was sent');

export function local(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** One JSON line. Hostile characters arrive escaped, so that a terminal that shows the line is safe, too. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

export { EXIT, visible, visibleId, visibleLine };
