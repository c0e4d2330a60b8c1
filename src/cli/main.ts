/** The CLI: commands, and how each ends. 0 done, 1 refused, 2 usage, 3 unreachable. */
import { createRequire } from 'node:module';
import {
  Command,
  CommanderError,
  InvalidArgumentError,
  type CommandUnknownOpts,
} from '@commander-js/extra-typings';
import { appErrorOf, type AppError } from '../app/errors';
import { readDefaults } from '../config';
import { examples, realDeps, type Deps } from './command';
import { audit } from './commands/audit';
import { reconcile } from './commands/reconcile';
import { calibration } from './commands/calibration';
import { completion } from './commands/completion';
import { confirm } from './commands/confirm';
import { dataset } from './commands/dataset';
import { dev } from './commands/dev';
import { doctor } from './commands/doctor';
import { edit } from './commands/edit';
import { escalations } from './commands/escalations';
import { feedback } from './commands/feedback';
import { inbox } from './commands/inbox';
import { keygen } from './commands/keygen';
import { policy } from './commands/policy';
import { propose } from './commands/propose';
import { respond } from './commands/respond';
import { result } from './commands/result';
import { review } from './commands/review';
import { setup } from './commands/setup';
import { show } from './commands/show';
import { sign } from './commands/sign';
import { start } from './commands/start';
import { steps } from './commands/steps';
import { verdict } from './commands/verdicts';
import { worker } from './commands/worker';
import { EXIT, Failure, jsonLine, processStreams, troubleLine, visible, type Streams } from './output';

// Read at run time: it lies outside of what is built, two folders up from here in src as in dist.
const { version } = createRequire(__filename)('../../package.json') as { version: string };

export function program(deps: Deps) {
  return new Command('countersign')
    .description('An agent proposes, a person countersigns, then it runs: durably, on Temporal.')
    .version(version)
    .addCommand(dev(deps))
    .addCommand(worker(deps))
    .addCommand(setup(deps))
    .addCommand(doctor(deps))
    .addCommand(propose(deps))
    .addCommand(confirm(deps))
    .addCommand(start(deps))
    .addCommand(inbox(deps))
    .addCommand(review(deps))
    .addCommand(show(deps))
    .addCommand(steps(deps))
    .addCommand(escalations(deps))
    .addCommand(verdict(deps, 'approve'))
    .addCommand(edit(deps))
    .addCommand(verdict(deps, 'reject'))
    .addCommand(verdict(deps, 'revise'))
    .addCommand(respond(deps))
    .addCommand(verdict(deps, 'escalate'))
    .addCommand(verdict(deps, 'delegate'))
    .addCommand(verdict(deps, 'withdraw'))
    .addCommand(verdict(deps, 'extend'))
    .addCommand(verdict(deps, 'comment'))
    .addCommand(verdict(deps, 'cancel'))
    .addCommand(sign(deps))
    .addCommand(keygen(deps))
    .addCommand(policy(deps))
    .addCommand(result(deps))
    .addCommand(feedback(deps))
    .addCommand(dataset(deps))
    .addCommand(calibration(deps))
    .addCommand(audit(deps))
    .addCommand(reconcile(deps))
    .addCommand(completion(deps))
    .addHelpText(
      'after',
      `\nNO_COLOR and FORCE_COLOR are obeyed; COUNTERSIGN_PROMPTS=plain (or TERM=dumb) asks in numbered lines, for screen readers.\n${examples('countersign dev', 'countersign propose "answer: hello"', 'countersign inbox')}`,
    );
}

/** Runs the process's command line; resolves to its exit code. */
export async function main(argv: string[]): Promise<number> {
  const defaults = readDefaults();
  const streams = processStreams(defaults);
  // What nobody caught has to end the process: nothing is known of its state any more.
  process.on('uncaughtException', (error) => {
    process.exit(reportFailure(streams, argv, error));
  });
  let exit: number = EXIT.done;
  const deps = realDeps(streams, (code) => (exit = code), defaults);
  const failed = await run(program(deps), argv, streams);
  return failed ?? exit;
}

/** Parses and acts; the exit code where that did not simply end. */
export async function run(cli: Command, argv: string[], streams: Streams): Promise<number | undefined> {
  try {
    quiet(cli, streams);
    await cli.parseAsync(argv, { from: 'user' });
    return undefined;
  } catch (error) {
    return reportFailure(streams, argv, error);
  }
}

/** Says how it failed, to programs and to people; its exit code. */
function reportFailure(streams: Streams, argv: readonly string[], error: unknown): number {
  const failed = failure(error);
  if (failed === undefined) return EXIT.done;
  if (asksForJson(argv)) streams.out(jsonLine({ code: failed.code, message: failed.message }));
  // The parser has said its own already.
  if (!(error instanceof CommanderError)) streams.err(troubleLine(failed));
  return failed.exit;
}

/** Also where the line could not be parsed. Behind -- there are no flags. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
}

/** Of help, where no terminal says how wide it is. */
const WIDTH = { columns: 80 };

/** The parser throws instead of ending the process, and writes where we say. */
function quiet(cli: CommandUnknownOpts, streams: Streams, words: readonly string[] = []): void {
  const { columns } = streams.size ?? WIDTH;
  once(cli);
  cli.showHelpAfterError(`\`${[...words, cli.name()].join(' ')} --help\` tells how it is used`);
  cli.exitOverride();
  cli.configureOutput({
    writeOut: (text) => {
      streams.out(text);
    },
    writeErr: (text) => {
      streams.err(visible(text));
    },
    // Of the terminal that our streams know, and not of whatever this process was started in.
    getOutHelpWidth: () => columns,
    getErrHelpWidth: () => columns,
  });
  for (const command of cli.commands) quiet(command, streams, [...words, cli.name()]);
}

/** These say where, and may come from an alias that is then corrected: the last one counts. */
const CORRECTED = ['address', 'namespace'];

/** Of two verdicts, reviewers, digests or keys the parser would take the last one without a word. */
function once(command: CommandUnknownOpts): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (option.variadic || option.isBoolean() || CORRECTED.includes(name)) continue;
    const parse = option.parseArg?.bind(option);
    option.argParser((value: string, previous: unknown) => {
      if (command.getOptionValueSource(name) === 'cli')
        throw new InvalidArgumentError('It was given before; give it once.');
      return parse === undefined ? value : parse(value, previous);
    });
  }
}

/** Undefined where the parser has done what it was asked for, such as --help. */
function failure(error: unknown): AppError | Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? undefined : new Failure('USAGE', usage(error));
  return appErrorOf(error);
}

/** Where a command is missing the parser shows help, which is no sentence for a program. */
function usage({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'name a command; --help lists them' : message.replace(/^error: /, '');
}
