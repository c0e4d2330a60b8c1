/** What can be typed where, read off the commands themselves, so that no completion script tells another story. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** What a value may be, as far as a shell can help: fixed words, a workflow that waits, a file, a folder. */
export interface Value {
  readonly choices: readonly string[];
  readonly of: readonly ('ids' | 'files' | '@files' | 'folders')[];
}

export interface Flag {
  /** With its dashes. */
  readonly name: string;
  readonly about: string;
  /** Undefined where it takes none. */
  readonly value: Value | undefined;
}

/** One command, by the words that lead to it: '' for ourselves, 'audit show'. */
export interface Spot {
  readonly at: string;
  readonly about: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly Flag[];
  readonly values: readonly Value[];
}

/** The command and all below it. */
export function spots(command: CommandUnknownOpts, at = ''): Spot[] {
  const here: Spot = {
    at,
    about: command.description(),
    commands: command.commands.map((one) => ({ name: one.name(), about: one.description() })),
    flags: command
      .createHelp()
      .visibleOptions(command)
      .filter(({ long }) => long != null)
      .map(({ long, flags, description, argChoices }) => ({
        name: long ?? '',
        about: description,
        value: valued(/<(.*)>|\[(.*)\]/.exec(flags)?.slice(1).join(''), argChoices),
      })),
    values: command.registeredArguments.map((one) => {
      const { choices, of } = valued(one.name(), one.argChoices) ?? NOTHING;
      // Only as an argument: the workflow id that an option gives is a new one.
      return { choices, of: one.name() === 'workflow id' ? ['ids', ...of] : of };
    }),
  };
  return [here, ...command.commands.flatMap((one) => spots(one, `${at} ${one.name()}`.trim()))];
}

const NOTHING: Value = { choices: [], of: [] };

/** By its name in the help: `<json|@file|->`, `<dir>`. */
function valued(name: string | undefined, choices: readonly string[] = []): Value | undefined {
  if (name === undefined) return undefined;
  const ways = name.split('|');
  return {
    choices,
    of: [
      ...(ways.includes('file') ? (['files'] as const) : []),
      ...(ways.includes('@file') ? (['@files'] as const) : []),
      ...(ways.includes('dir') ? (['folders'] as const) : []),
    ],
  };
}
