/** `countersign worker`: the worker alone, against any Temporal; what supervises it may ask how it is. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { forgetVariables } from '../../config';
import { milliseconds } from '../../domain/duration';
import { serveHealth, type Health, type Probes } from '../../health';
import type { RunningWorker } from '../../worker';
import { workerModule } from '../worker-module';
import { command, examples, type Deps } from '../command';
import { EXIT, jsonLine } from '../output';

const port = (text: string): number => {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 0 && value < 65_536) return value;
  throw new InvalidArgumentError('Give a port; 0 picks a free one.');
};

const duration = (text: string): number => {
  const value = text === '0' ? 0 : milliseconds(text);
  if (value >= 0 && value <= 86_400_000) return value;
  throw new InvalidArgumentError('Give a duration of at most a day, such as "30 seconds" or 5m.');
};

/** Milliseconds between two lines that say what a stop waits for. */
const PROGRESS = 5_000;
/** Milliseconds that an activity gets to heed its cancellation after the drain; then it is left behind. */
const NOTICE = 3_000;

export const worker = (deps: Deps) =>
  command('worker', 'run the worker alone, against any Temporal server')
    .option('--health-port <port>', 'serve /healthz and /readyz there; else COUNTERSIGN_HEALTH_PORT', port)
    .option('--health-host <host>', 'address to serve them on; 0.0.0.0 in a container', '127.0.0.1')
    .addOption(
      new Option('--drain <duration>', 'how long running activities may take to end after SIGTERM')
        .argParser(duration)
        .default(30_000, '30 seconds'),
    )
    .addHelpText(
      'after',
      '\nA signal (SIGTERM, Ctrl-C) lets what runs end first; a second one does not wait.\n' +
        examples(
          'TEMPORAL_ADDRESS=temporal.internal:7233 COUNTERSIGN_ACTIONS=./actions.ts countersign worker',
          'countersign worker --health-port 8080 --health-host 0.0.0.0 --drain 2m',
        ),
    )
    .action(async (options) => {
      const { config, streams } = deps;
      forgetVariables();
      const { installRuntime, startWorker } = workerModule();
      const logs = installRuntime(config.telemetry, (text) => {
        streams.err(text);
      });
      const endSignals = signals();
      let running: RunningWorker | undefined;
      // Nothing runs yet that could be finished.
      endSignals.first.addEventListener('abort', () => {
        if (running === undefined) process.exit(EXIT.done);
      });
      const health = await logs.orEnd(() =>
        healthOf(options.healthPort ?? config.healthPort, options.healthHost, () => running),
      );
      try {
        running = await logs.orEnd(() =>
          startWorker({ config, target: options, drain: options.drain, logs }),
        );
        announce(deps, running, logs.say, { json: options.json === true, health });
        if (!(await running.current())) logs.say(versioning(deps, running));
        const left = await untilStopped(running, endSignals, options.drain, logs.say);
        if (left === undefined) return;
        if (left > 0)
          logs.say(`${activities(left)} did not end; the server gives what is left to another worker.\n`);
        // What was left still runs in here and would hold the process open.
        setImmediate(() => process.exit(EXIT.done));
      } finally {
        await health?.close();
        endSignals.ignore();
      }
    });

/** The first signal is a wish to leave in order, the second one to leave. */
function signals(): { first: AbortSignal; second: AbortSignal; ignore(): void } {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = () => {
    if (first.signal.aborted) second.abort();
    first.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    first: first.signal,
    second: second.signal,
    ignore: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}

/** Resolves to undefined when all has ended, to the number of activities that are left where it did not wait for them. */
async function untilStopped(
  running: RunningWorker,
  { first, second }: { first: AbortSignal; second: AbortSignal },
  drain: number,
  say: (text: string) => void,
): Promise<number | undefined> {
  const timers: NodeJS.Timeout[] = [];
  let leave = (): void => undefined;
  const hurried = new Promise<'hurried'>((resolve) => {
    leave = () => {
      resolve('hurried');
    };
  });
  second.addEventListener('abort', leave);
  const stop = () => {
    running.stop();
    const until = Date.now() + drain;
    const tell = () => {
      const waits = running.activities();
      const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
      if (waits > 0)
        say(`Waiting up to ${String(seconds)} s for ${activities(waits)} to end; once more to leave now.\n`);
    };
    say('Stopping: no new work is taken.\n');
    tell();
    timers.push(setInterval(tell, PROGRESS), setTimeout(leave, drain + NOTICE));
  };
  if (first.aborted) stop();
  else first.addEventListener('abort', stop, { once: true });
  try {
    const end = await Promise.race([running.stopped, hurried]);
    const left = running.activities();
    return end === 'hurried' || left > 0 ? left : undefined;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

async function healthOf(
  given: number | undefined,
  host: string,
  running: () => RunningWorker | undefined,
): Promise<Health | undefined> {
  if (given === undefined) return undefined;
  const probes: Probes = {
    dead: () => running()?.probes.dead(),
    unready: () => running()?.probes.unready() ?? Promise.resolve('the worker starts'),
  };
  return serveHealth({ host, port: given, probes });
}

function announce(
  { streams }: Deps,
  { address, namespace, taskQueue }: RunningWorker,
  say: (text: string) => void,
  { json, health }: { json: boolean; health: Health | undefined },
): void {
  const served = health === undefined ? {} : { health: health.url };
  if (json) streams.out(jsonLine({ address, namespace, taskQueue, ...served }));
  else {
    say(
      `The worker serves task queue ${taskQueue} of ${address}, namespace ${namespace}. Ctrl-C stops it.\n`,
    );
    if (health !== undefined) say(`Health: ${health.url}/healthz and /readyz\n`);
  }
}

function versioning({ config }: Deps, { address, namespace }: RunningWorker): string {
  const { name = '', buildId = '' } = config.versioning ?? {};
  return (
    `It is version ${buildId} of the deployment ${name}, and gets no work until that is the current one:\n` +
    `  temporal worker deployment set-current-version --address ${address} --namespace ${namespace} ` +
    `--deployment-name ${name} --build-id ${buildId}\n`
  );
}

function activities(count: number): string {
  return count === 1 ? '1 activity' : `${String(count)} activities`;
}
