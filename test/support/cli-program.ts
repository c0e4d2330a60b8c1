/** The CLI's own commands in this process, for what needs no server: nothing of the environment is read. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { createColors } from 'picocolors';
import type { Deps } from '../../src/cli/command';
import { program } from '../../src/cli/main';
import type { Streams } from '../../src/cli/output';
import { readConfig } from '../../src/config';

/** Streams that keep what was said. */
export function kept(): Streams & { readonly said: { out: string; err: string } } {
  const said = { out: '', err: '' };
  const colours = createColors(false);
  return {
    said,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    inTerminal: false,
    watched: false,
    colours: { out: colours, err: colours },
    unread: new AbortController().signal,
  };
}

export function commands(streams: Streams = kept()): ReturnType<typeof program> {
  const config = readConfig({ HOME: '/home/ana' });
  const nowhere = () => Promise.reject(new Error('there is no server in this test'));
  const deps: Deps = {
    streams,
    defaults: config,
    config,
    open: nowhere,
    store: nowhere,
    ended: () => undefined,
  };
  return program(deps);
}

/** The command and all below it, with the words that lead there. */
export function walked(command: CommandUnknownOpts, words: readonly string[] = []): Walked[] {
  return [{ command, words }, ...command.commands.flatMap((one) => walked(one, [...words, one.name()]))];
}
export interface Walked {
  readonly command: CommandUnknownOpts;
  readonly words: readonly string[];
}
