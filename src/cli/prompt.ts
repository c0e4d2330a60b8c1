/**
 * Everything that is ever asked at the terminal: boxes and colours, or plain numbered lines for screen readers and dumb
 * terminals. Without a terminal nothing is asked, whatever a pipe would answer.
 */
import { createInterface } from 'node:readline';
import type { Deps } from './command';
import { EXIT, Failure } from './output';

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

/** Undefined wherever the person leaves without an answer: Ctrl-C, Ctrl-D, Escape. */
export interface Prompts {
  /** One of several; none is chosen beforehand. */
  select<T>(message: string, choices: readonly Choice<T>[]): Promise<T | undefined>;
  /** `yes` is what a yes does, in a word. Nothing but a yes is a yes. */
  confirm(message: string, yes: string): Promise<boolean>;
  /** Some text; an empty one is asked for again, saying what is `needed`. */
  text(message: string, needed: string): Promise<string | undefined>;
}

/** @throws Failure where there is nobody to ask */
export function prompts({ streams, defaults }: Pick<Deps, 'streams' | 'defaults'>): Prompts {
  if (!streams.inTerminal)
    throw new Failure(EXIT.usage, 'NO_TERMINAL', 'there is no terminal to ask at; say it with flags');
  return defaults.plain ? plain((text) => streams.err(text), lineOf(process.stdin)) : drawn;
}

/** What is drawn goes to stderr, like everything that is not a result. */
const drawing = { output: process.stderr };

const drawn: Prompts = {
  async select<T>(message: string, choices: readonly Choice<T>[]) {
    const { select, isCancel } = await import('@clack/prompts');
    // By position: the values are ours and of any kind.
    const options = choices.map(({ label }, index) => ({ value: index, label }));
    const chosen = await select({ message, options, ...drawing });
    return isCancel(chosen) ? undefined : choices[chosen]?.value;
  },
  async confirm(message) {
    const { confirm } = await import('@clack/prompts');
    return (await confirm({ message, initialValue: false, ...drawing })) === true;
  },
  async text(message, needed) {
    const { text, isCancel } = await import('@clack/prompts');
    const validate = (value: string | undefined) => (value?.trim() ? undefined : needed);
    const given = await text({ message, validate, ...drawing });
    return isCancel(given) ? undefined : given;
  },
};

/** Reads a line; undefined at the end of what there is to read. */
export type ReadLine = () => Promise<string | undefined>;

/** Lines out, lines in: the cursor is left alone. */
export function plain(say: (text: string) => void, read: ReadLine): Prompts {
  /** Asks until the answer is one. */
  const asked = async <T>(question: string, taken: (line: string) => T | undefined, else_: string) => {
    for (let ask = question; ; ask = `${else_}\n${question}`) {
      say(ask);
      const line = await read();
      if (line === undefined) {
        say('\n');
        return undefined;
      }
      const answer = taken(line.trim());
      if (answer !== undefined) return answer;
    }
  };
  const select = async <T>(message: string, choices: readonly Choice<T>[]): Promise<T | undefined> => {
    const lines = choices.map(({ label }, index) => `${String(index + 1)}) ${label}\n`);
    say(`${message}\n${lines.join('')}`);
    const range = `1 to ${String(choices.length)}`;
    const chosen = await asked(
      `Type a number, ${range}: `,
      (line) => (/^\d+$/.test(line) ? choices[Number(line) - 1] : undefined),
      `That is not a number from ${range}.`,
    );
    return chosen?.value;
  };
  return {
    select,
    confirm: async (message, yes) =>
      (await select(message, [
        { value: true, label: yes },
        { value: false, label: 'send nothing' },
      ])) ?? false,
    text: (message, needed) => asked(`${message} `, (line) => line || undefined, needed),
  };
}

/** The kernel edits the line, so that nothing moves the cursor. */
function lineOf(input: NodeJS.ReadableStream): ReadLine {
  return () =>
    new Promise((resolve) => {
      const lines = createInterface({ input, terminal: false });
      lines.once('line', (line) => {
        resolve(line);
        lines.close();
      });
      lines.once('close', () => {
        resolve(undefined);
      });
    });
}
