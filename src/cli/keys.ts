/**
 * One key of a person at a terminal. What was typed before the question was there, what is pasted, and what no person
 * types is no key, so that nobody signs what they have not read.
 */

/** As far as a terminal's input is needed here; `process.stdin` is one. */
export interface KeyInput {
  setRawMode(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', heard: (chunk: Buffer | string) => void): unknown;
  off(event: 'data', heard: (chunk: Buffer | string) => void): unknown;
}

export const ENTER = '\r';
/** Ctrl-C, Ctrl-D, Escape. */
const LEAVES = ['\u0003', '\u0004', '\u001b'];
/** What is in the terminal's buffer already comes at once; milliseconds. */
const SETTLES = 60;

/** The key of `keys` that is typed after `ask` was said; undefined where the person leaves. Letters in either case. */
export async function oneKey(
  input: KeyInput,
  ask: () => void,
  keys: readonly string[],
  wrong: () => void,
): Promise<string | undefined> {
  const early = () => undefined;
  input.setRawMode(true);
  input.on('data', early);
  input.resume();
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLES));
  } finally {
    input.off('data', early);
  }
  let heard: (chunk: Buffer | string) => void = early;
  try {
    return await new Promise((resolve) => {
      heard = (chunk) => {
        const typed = String(chunk);
        const key = typed === '\n' ? ENTER : typed.toLowerCase();
        if (LEAVES.includes(key)) resolve(undefined);
        else if (keys.includes(key)) resolve(key);
        else wrong();
      };
      input.on('data', heard);
      ask();
    });
  } finally {
    input.off('data', heard);
    input.setRawMode(false);
    input.pause();
  }
}
