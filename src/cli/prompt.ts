/**
 * Everything that is ever asked at the terminal: boxes, colours and single keys, or plain numbered lines for screen
 * readers and dumb terminals. Without a terminal nothing is asked, whatever a pipe would answer.
 */
import { createInterface } from 'node:readline';
import type { Defaults } from '../config';
import { ENTER, oneKey } from './keys';
import { Failure, visibleId, type Streams } from './output';

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

export interface KeyChoice<T> extends Choice<T> {
  /** One character, or `ENTER`. */
  readonly key: string;
}

/** Undefined wherever the person leaves without an answer: Ctrl-C, Ctrl-D, Escape. */
export interface Prompts {
  /** One of several; none is chosen beforehand. */
  select<T>(message: string, choices: readonly Choice<T>[]): Promise<T | undefined>;
  /** One of several by a single key; by number where prompts are plain. */
  key<T>(message: string, choices: readonly KeyChoice<T>[]): Promise<T | undefined>;
  /** `yes` is what a yes does, in a word. Nothing but a yes is a yes. */
  confirm(message: string, yes: string): Promise<boolean>;
  /**
   * Some text; an empty one is asked for again, saying what is `needed`. With `wrong` the text is taken character for
   * character, once that has nothing to say against it.
   */
  text(
    message: string,
    needed: string,
    wrong?: (given: string) => string | undefined,
  ): Promise<string | undefined>;
}

/** What asking takes: where to, how, and who answers in place of the person at the terminal. */
export interface Terminal {
  readonly streams: Streams;
  readonly defaults: Pick<Defaults, 'plain'>;
  readonly asks?: Prompts;
}

/** @throws Failure where there is nobody to ask */
export function prompts({ streams, defaults, asks }: Terminal): Prompts {
  if (!streams.inTerminal)
    throw new Failure('NO_TERMINAL', 'there is no terminal to ask at; say it with flags');
  if (asks !== undefined) return asks;
  const say = (text: string) => {
    streams.err(text);
  };
  return defaults.plain ? plain(say, lineOf(process.stdin)) : drawn(say);
}

/** What is drawn goes to stderr, like everything that is not a result. */
const drawing = { output: process.stderr };

const drawn = (say: (text: string) => void): Prompts => ({
  async select<T>(message: string, choices: readonly Choice<T>[]) {
    const { select, isCancel } = await import('@clack/prompts');
    // By position: the values are ours and of any kind.
    const options = choices.map(({ label }, index) => ({ value: index, label }));
    const chosen = await select({ message, options, ...drawing });
    return isCancel(chosen) ? undefined : choices[chosen]?.value;
  },
  async key<T>(message: string, choices: readonly KeyChoice<T>[]) {
    const keys = choices.map(({ key }) => key);
    const line = `${message}\n${choices.map((one) => `${bracketed(one.key)} ${one.label}`).join('   ')}\n`;
    const ask = () => {
      say(line);
    };
    const wrong = () => {
      say(`One key of these: ${keys.map(bracketed).join(' ')}\n`);
    };
    const key = await oneKey(process.stdin, ask, keys, wrong);
    return choices.find((one) => one.key === key)?.value;
  },
  async confirm(message) {
    const { confirm } = await import('@clack/prompts');
    return (await confirm({ message, initialValue: false, ...drawing })) === true;
  },
  async text(message, needed, wrong) {
    const { text, isCancel } = await import('@clack/prompts');
    const validate = (value = '') => (value.trim() === '' ? needed : wrong?.(value));
    const given = await text({ message, validate, ...drawing });
    return isCancel(given) ? undefined : given;
  },
});

const bracketed = (key: string) => `[${key === ENTER ? 'Enter' : key === ' ' ? 'Space' : key}]`;

/** Reads a line; undefined at the end of what there is to read. */
export type ReadLine = () => Promise<string | undefined>;

type Answer<T> = { readonly is: T } | { readonly not: string };

/** Lines out, lines in: the cursor is left alone. */
export function plain(say: (text: string) => void, read: ReadLine): Prompts {
  /** Asks until the answer is one. */
  const askUntilTaken = async <T>(
    question: string,
    taken: (line: string) => Answer<T>,
  ): Promise<T | undefined> => {
    for (let ask = question; ;) {
      say(ask);
      const line = await read();
      if (line === undefined) {
        say('\n');
        return undefined;
      }
      const answer = taken(line);
      if ('is' in answer) return answer.is;
      ask = `${answer.not}\n${question}`;
    }
  };
  const select = async <T>(message: string, choices: readonly Choice<T>[]): Promise<T | undefined> => {
    const lines = choices.map(({ label }, index) => `${String(index + 1)}) ${label}\n`);
    say(`${message}\n${lines.join('')}`);
    const range = `1 to ${String(choices.length)}`;
    return askUntilTaken(`Type a number, ${range}: `, (line) => {
      const chosen = /^\s*\d+\s*$/.test(line) ? choices[Number(line) - 1] : undefined;
      return chosen === undefined ? { not: `That is not a number from ${range}.` } : { is: chosen.value };
    });
  };
  return {
    select,
    key: select,
    confirm: async (message, yes) =>
      (await select(message, [
        { value: true, label: yes },
        { value: false, label: 'send nothing' },
      ])) ?? false,
    text: (message, needed, wrong) =>
      askUntilTaken(`${message} `, (line) => {
        if (line.trim() === '') return { not: needed };
        const not = wrong?.(line);
        if (not !== undefined) return { not };
        return { is: wrong === undefined ? line.trim() : line };
      }),
  };
}

/** At VERIFY: the phrase as it is shown, and nothing that merely looks like it; it is never filled in. */
export async function phrase(deps: Terminal, wanted: string, verdict: string): Promise<string | undefined> {
  deps.streams.err(`To ${verdict}, type exactly this:\n  ${visibleId(wanted)}\n`);
  return prompts(deps).text('Phrase?', 'It is needed, character for character.', (given) =>
    given === wanted ? undefined : 'That is not it: every character counts, capitals and spaces, too.',
  );
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
