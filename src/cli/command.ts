/** What every command shares: how it finds the server, how it says things, how it ends. */
import { AppError } from '../app/errors';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { Gates, OpenRecord, Ports } from '../app/ports';
import type { Countersign } from '../client';
import { readConfig, readDefaults, type Config, type Defaults } from '../config';
import type { Target } from '../connection';
import { openGates, openRecord } from '../host';
import { isId } from '../domain/proposal';
import { type Streams } from './output';
import type { Prompts } from './prompt';
import { lastReadIn } from './seen';

/** Injected, so that a command can be tried without a process. */
export interface Deps {
  readonly streams: Streams;
  /** What options say where they are left out. */
  readonly defaults: Defaults;
  /** @throws ConfigError where the environment is broken: read it in an action, not while the commands are built. */
  readonly config: Config;
  open(target: Target): Promise<{ countersign: Countersign; close(): Promise<void> }>;
  /** To be read: nothing is made that is not there. */
  store(): Promise<OpenRecord>;
  /** Who is asked in place of the person at the terminal. @default that person */
  readonly asks?: Prompts;
  /** Where the process ends for a command that was not simply done. */
  ended(exit: number): void;
}

export function realDeps(
  streams: Streams,
  ended: (exit: number) => void,
  defaults: Defaults = readDefaults(),
): Deps {
  let config: Config | undefined;
  const read = () => (config ??= readConfig());
  return {
    streams,
    defaults,
    get config() {
      return read();
    },
    ended,
    store: () => openRecord(read()),
    open: (target) => openGates(read(), target),
  };
}

export interface Common extends Target {
  readonly json?: true | undefined;
}

/** Whether nobody is to be asked. */
export function silent({ streams }: Pick<Deps, 'streams'>, { json }: Pick<Common, 'json'>): boolean {
  return !streams.inTerminal || json === true;
}

/** Of somebody who reads and decides. */
export type ReviewerPorts = Pick<Ports, 'gates' | 'identity' | 'lastRead'>;

/** What the use cases stand on here. Who is speaking is what the flag says, and believed. */
export function portsOf({ defaults }: Pick<Deps, 'defaults'>, gates: Gates, reviewer: string): ReviewerPorts {
  return { gates, identity: { name: reviewer }, lastRead: lastReadIn(defaults.dataDir) };
}

/** A command with the options that all have. */
export function command(name: string, description: string) {
  return new Command(name)
    .description(description)
    .option('--address <host:port>', 'Temporal server; else TEMPORAL_ADDRESS, the profile, 127.0.0.1:7233')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--json', 'machine output: one JSON line on stdout');
}

/** A number as people write it: no blank, which would be 0, no other script, no hexadecimal. */
export function decimal(text: string): number | undefined {
  return /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(text) ? Number(text) : undefined;
}

/** An option's value that is a whole number above 0. */
export function counting(text: string): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Give a whole number above 0, in digits.');
}

/** A name that stands for somebody: blank would be nobody's. */
export function somebody(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Give a name.');
}

/** The id of a workflow that is to be started. @throws AppError INVALID_INPUT where no later command could name it as it is shown */
export function newId(text: string): string {
  if (isId(text)) return text;
  throw new AppError(
    'INVALID_INPUT',
    '--id takes 1–200 printable ASCII characters, without a space at either end: anything else is shown by its codes, ' +
      'and could not be named as it is shown',
  );
}

/** An option's value that is a number above 0. */
export function positive(text: string): number {
  const value = decimal(text);
  if (value !== undefined && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}

/** What `--help` ends with: command lines that can be copied. */
export const examples = (...lines: string[]) =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;

/** As `withClient`, for use cases: with the ports that somebody speaks at. */
export function withPorts<T>(
  deps: Deps,
  options: Target & { readonly reviewer: string },
  work: (ports: ReviewerPorts) => Promise<T>,
): Promise<T> {
  return withClient(deps, options, (countersign) => work(portsOf(deps, countersign, options.reviewer)));
}

/** Opens the record to be read, runs, and closes it whatever happens. */
export async function withRecord<T>(deps: Deps, work: (record: OpenRecord) => Promise<T>): Promise<T> {
  const store = await deps.store();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Connects, runs, and closes whatever happens. */
export async function withClient<T>(
  deps: Deps,
  target: Target,
  work: (countersign: Countersign) => Promise<T>,
): Promise<T> {
  const opened = await deps.open(target);
  try {
    return await work(opened.countersign);
  } finally {
    await opened.close();
  }
}
