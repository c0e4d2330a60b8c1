/** One command in this process, against gates in this process or a client that is given; at a terminal a person answers from a list. */
import type { Deps } from '../../src/cli/command';
import { program, run } from '../../src/cli/main';
import type { KeyChoice, Prompts } from '../../src/cli/prompt';
import { readConfig } from '../../src/config';
import { kept } from './cli-program';
import type { AuditStore } from '../../src/store/audit-store';
import type { FakeTemporal } from './fake-temporal';

/** A key, a line, a yes or a no, the number of a choice; undefined leaves. */
export type Answer = string | boolean | number | undefined;

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Every question, with the keys that were offered or what was wrong with a line. */
  readonly asked: readonly string[];
}

export interface Person {
  /** Their answers in turn; without them there is no terminal. */
  readonly answers?: readonly Answer[];
  readonly data: string;
  readonly size?: { rows: number; columns: number };
  readonly env?: NodeJS.ProcessEnv;
  /** Who is logged in. @default whoever runs the tests */
  readonly user?: string;
  /** Somebody sees what is said on stderr. */
  readonly watched?: boolean;
  readonly store?: AuditStore;
}

export async function cli(
  fake: Pick<FakeTemporal, 'countersign'>,
  argv: readonly string[],
  person: Person,
): Promise<Said> {
  const { answers, data, size, env = {}, user, watched = false, store } = person;
  const asked: string[] = [];
  const base = kept();
  const streams = {
    ...base,
    watched,
    inTerminal: answers !== undefined,
    ...(size === undefined ? {} : { size }),
  };
  let code = 0;
  const read = readConfig({ HOME: data, COUNTERSIGN_DATA: data, ...env });
  const config = user === undefined ? read : { ...read, user };
  const deps: Deps = {
    streams,
    defaults: config,
    config,
    open: async () => ({ countersign: fake.countersign, close: async () => undefined }),
    store: () =>
      store === undefined
        ? Promise.reject(new Error('there is no store in this test'))
        : Promise.resolve(store),
    ended: (exit) => (code = exit),
    ...(answers === undefined ? {} : { asks: answering(answers, asked) }),
  };
  const failed = await run(program(deps), [...argv], streams);
  return { code: failed ?? code, out: base.said.out, err: base.said.err, asked };
}

function answering(answers: readonly Answer[], asked: string[]): Prompts {
  const left = [...answers];
  const next = (question: string): Answer => {
    asked.push(question);
    if (left.length === 0) throw new Error(`nobody answers: ${asked.join(' | ')}`);
    return left.shift();
  };
  const key = async <T>(message: string, choices: readonly KeyChoice<T>[]): Promise<T | undefined> => {
    const answer = next(`${message} ${choices.map((one) => (one.key === '\r' ? '⏎' : one.key)).join('')}`);
    if (answer === undefined) return undefined;
    const chosen = choices.find((one) => one.key === answer);
    if (chosen === undefined) throw new Error(`${String(answer)} is not offered: ${asked.at(-1) ?? ''}`);
    return chosen.value;
  };
  return {
    key,
    select: async (message, choices) => choices[next(message) as number]?.value,
    confirm: async (message) => next(message) === true,
    async text(message, _, wrong) {
      for (;;) {
        const given = next(message);
        if (given === undefined) return undefined;
        const problem = wrong?.(String(given));
        if (problem === undefined) return String(given);
        asked.push(problem);
      }
    },
  };
}
