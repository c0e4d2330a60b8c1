/** A passphrase as it is typed: nothing of it is shown, for whoever looks over a shoulder, and nothing is drawn. */
import type { Deps } from './command';
import type { KeyInput } from './keys';
import { Failure } from './output';

const ENDS = ['\r', '\n'];
/** Ctrl-C, Ctrl-D, Escape. */
const LEAVES = ['\u0003', '\u0004', '\u001b'];
const BACK = ['\u007f', '\b'];

/**
 * Undefined where the person leaves without an answer.
 * @throws Failure where there is nobody to ask
 */
export async function passphrase(
  { streams, asks }: Pick<Deps, 'streams' | 'asks'>,
  file: string,
  input: KeyInput = process.stdin,
): Promise<string | undefined> {
  if (!streams.inTerminal)
    throw new Failure('NO_TERMINAL', 'there is no terminal to ask at for the passphrase');
  const question = `Passphrase of ${file}? (It is not shown.)`;
  if (asks !== undefined) return asks.text(question, 'The passphrase is needed.');
  streams.err(`${question} `);
  try {
    return await unseenLine(input);
  } finally {
    streams.err('\n'); // the terminal has echoed none
  }
}

/** The terminal hands each key over, and none is echoed. */
async function unseenLine(input: KeyInput): Promise<string | undefined> {
  let typed: (chunk: Buffer | string) => void = () => undefined;
  try {
    return await new Promise((resolve) => {
      let line: string[] = [];
      typed = (chunk) => {
        for (const key of String(chunk)) {
          if (ENDS.includes(key)) return resolve(line.join(''));
          if (LEAVES.includes(key)) return resolve(undefined);
          line = BACK.includes(key) ? line.slice(0, -1) : [...line, key];
        }
      };
      input.setRawMode(true);
      input.on('data', typed);
      input.resume();
    });
  } finally {
    input.off('data', typed);
    input.setRawMode(false);
    input.pause();
  }
}
