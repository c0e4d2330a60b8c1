/** What every command shares: how it finds the server, how it says things, how it ends. */
import { Command } from '@commander-js/extra-typings';
import { openLibsqlStore } from '../store/libsql';
import type { AuditStore } from '../store/audit-store';
import { Countersign } from '../client';
import { readConfig, type Config } from '../config';
import { connect, temporalClient, type Target } from '../connection';
import type { Streams } from './output';

/** Injected, so that a command can be tried without a process. */
export interface Deps {
  readonly streams: Streams;
  readonly config: Config;
  open(target: Target): Promise<{ countersign: Countersign; close(): Promise<void> }>;
  store(): Promise<AuditStore>;
  /** Where the process ends for a command that was not simply done. */
  ended(exit: number): void;
}

export function realDeps(streams: Streams, ended: (exit: number) => void): Deps {
  const config = readConfig();
  return {
    streams,
    config,
    ended,
    store: () => openLibsqlStore(config.dataDir),
    async open(target) {
      const connected = await connect(target);
      const countersign = new Countersign({ client: temporalClient(connected), taskQueue: config.taskQueue });
      return { countersign, close: () => connected.connection.close() };
    },
  };
}

export interface Common extends Target {
  readonly json?: true | undefined;
}

/** A command with the options that all have. */
export function command(name: string, description: string) {
  return new Command(name)
    .description(description)
    .option('--address <host:port>', 'Temporal server; else TEMPORAL_ADDRESS, the profile, 127.0.0.1:7233')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--json', 'machine output: one JSON line on stdout');
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
