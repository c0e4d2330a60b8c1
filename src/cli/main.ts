/** The CLI: commands, and how each ends. 0 done, 1 refused, 2 usage, 3 unreachable. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { ConfigError } from '../config';
import { CountersignError } from '../client';
import { UnreachableError } from '../connection';
import { realDeps, type Deps } from './command';
import { audit } from './commands/audit';
import { dev } from './commands/dev';
import { edit } from './commands/edit';
import { inbox } from './commands/inbox';
import { propose } from './commands/propose';
import { result } from './commands/result';
import { show } from './commands/show';
import { verdict } from './commands/verdicts';
import { worker } from './commands/worker';
import { EXIT, Failure, jsonLine, processStreams, visible, type Streams } from './output';
import { version } from '../../package.json';

export function program(deps: Deps) {
  return new Command('countersign')
    .description('An agent proposes, a person countersigns, then it runs: durably, on Temporal.')
    .version(version)
    .addCommand(dev(deps))
    .addCommand(worker(deps))
    .addCommand(propose(deps))
    .addCommand(inbox(deps))
    .addCommand(show(deps))
    .addCommand(verdict(deps, 'approve'))
    .addCommand(edit(deps))
    .addCommand(verdict(deps, 'reject'))
    .addCommand(verdict(deps, 'comment'))
    .addCommand(verdict(deps, 'cancel'))
    .addCommand(result(deps))
    .addCommand(audit(deps))
    .addHelpText(
      'after',
      '\nStart with:\n  $ countersign dev\n  $ countersign propose "answer: hello"\n  $ countersign inbox',
    );
}

/** Runs one command line; resolves to its exit code. */
export async function main(argv: string[], streams: Streams = processStreams()): Promise<number> {
  let exit: number = EXIT.done;
  try {
    const cli = program(realDeps(streams, (code) => (exit = code)));
    quiet(cli, streams);
    await cli.parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    const failed = failure(error);
    if (failed === undefined) return EXIT.done; // --help, --version
    if (argv.includes('--json')) streams.out(jsonLine({ code: failed.code, message: failed.message }));
    if (!(error instanceof CommanderError)) streams.err(`${failed.code}: ${visible(failed.message)}\n`);
    return failed.exit;
  }
}

/** The parser throws instead of ending the process, and writes where we say. */
function quiet(
  cli: { commands: readonly unknown[] } & Pick<Command, 'exitOverride' | 'configureOutput'>,
  streams: Streams,
): void {
  cli.exitOverride();
  cli.configureOutput({
    writeOut: (text) => {
      streams.out(text);
    },
    writeErr: (text) => {
      streams.err(visible(text));
    },
  });
  for (const command of cli.commands) quiet(command as Command, streams);
}

function failure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? undefined : new Failure(EXIT.usage, 'USAGE', error.message);
  if (error instanceof ConfigError) return new Failure(EXIT.usage, 'CONFIG', error.message);
  if (error instanceof UnreachableError) return new Failure(EXIT.unreachable, 'UNREACHABLE', error.message);
  if (error instanceof CountersignError) {
    const usage = error.code === 'INVALID_INPUT' || error.code === 'MALFORMED_DECISION';
    return new Failure(
      usage ? EXIT.usage : error.code === 'NO_WORKER' ? EXIT.unreachable : EXIT.refused,
      error.code,
      error.message,
    );
  }
  if (isUnavailable(error)) return new Failure(EXIT.unreachable, 'UNREACHABLE', (error as Error).message);
  return new Failure(EXIT.refused, 'ERROR', error instanceof Error ? error.message : String(error));
}

function isUnavailable(error: unknown): boolean {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return (inner as { code?: unknown } | null)?.code === 14; // gRPC UNAVAILABLE
}
