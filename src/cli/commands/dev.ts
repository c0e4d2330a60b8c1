/** `countersign dev`: everything on one machine, remembered in a directory. */
import { AppError } from '../../app/errors';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { forgetVariables } from '../../config';
import { deploymentIn } from '../../config/deployment';
import { messageOf } from '../../domain/message';
import type { RunningWorker } from '../../worker';
import { workerModule } from '../worker-module';
import { command, examples, type Deps } from '../command';
import { startDevServer } from '../dev-server';
import { Failure, jsonLine } from '../output';

const port = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 65_536) return value;
  throw new AppError('INVALID_INPUT', `${text} is no port; 0 picks a free one`);
};

export const dev = (deps: Deps) =>
  command(
    'dev',
    'start the Temporal dev server, the Web UI and the worker; restart it and nothing is forgotten',
  )
    .option('--port <port>', 'of the server; 0 picks a free one', port, 7233)
    .option('--ui-port <port>', 'of the Web UI; 0 picks a free one', port, 8233)
    .option('--data <dir>', 'where state is kept', deps.defaults.dataDir)
    .option('--headless', 'without the Web UI')
    .addHelpText(
      'after',
      examples('countersign dev', 'countersign dev --port 0 --ui-port 0 --data ./state --json'),
    )
    .action(async (options) => {
      const dataDir = directory(options.data);
      const { config: configured } = deps;
      const { bundle, installRuntime, startWorker } = workerModule();
      const logs = installRuntime(configured.telemetry, (text) => {
        deps.streams.err(text);
      });
      const err = logs.say;
      const { workflows, telemetry } = configured;
      const bundling = bundle(workflows, undefined, telemetry.traces !== undefined);
      bundling.catch(() => undefined); // awaited below, once the server stands
      // From here on a signal is a wish to leave in order, however far the start has come.
      const leave = new AbortController();
      const leaveInOrder = () => {
        leave.abort();
      };
      const leaving = () => leave.signal.aborted;
      process.on('SIGINT', leaveInOrder).on('SIGTERM', leaveInOrder).on('SIGHUP', leaveInOrder);
      const server = await logs.orEnd(() =>
        startDevServer({
          dataDir,
          port: options.port,
          uiPort: options.uiPort,
          headless: options.headless === true,
          say: err,
          leave: leave.signal,
        }),
      );
      let worker: RunningWorker | undefined;
      try {
        if (leaving()) return;
        // The set-up that finds the server has had what it reads.
        forgetVariables();
        // Never versioned: nobody would make it current.
        const deployment = deps.config.deployment ?? deploymentIn(dataDir);
        const config = { ...configured, dataDir, deployment, versioning: undefined };
        const target = { address: server.address, namespace: 'default' };
        worker = await startWorker({
          config,
          target,
          anyTaskQueue: true,
          workflowBundle: await bundling,
          logs,
        });
        const { taskQueue } = worker;
        const ready = {
          address: server.address,
          namespace: 'default',
          taskQueue,
          ui: server.ui ?? null,
          data: dataDir,
        };
        if (options.json) deps.streams.out(jsonLine(ready));
        else err(welcome(ready));
        const left = new Promise<void>((stop) => {
          if (leaving()) stop();
          leave.signal.addEventListener('abort', () => {
            stop();
          });
        });
        const ended = await Promise.race([left, worker.stopped, server.ended.then((code) => ({ code }))]);
        worker.stop();
        // The worker first: it hands back what it holds while the server still listens.
        await Promise.race([
          worker.stopped.catch(() => undefined),
          new Promise((late) => setTimeout(late, 8_000).unref()),
        ]);
        if (ended !== undefined && !leaving())
          throw new Failure(
            'SERVER_ENDED',
            `the Temporal server ended by itself (code ${String(ended.code)}); its last words are in ${server.log}`,
          );
      } finally {
        if (worker === undefined) await logs.end();
        await server.stop();
      }
    });

/** Before anything is started in it. @throws AppError INVALID_INPUT */
function directory(given: string): string {
  const dataDir = resolve(given);
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
    return dataDir;
  } catch (error) {
    throw new AppError(
      'INVALID_INPUT',
      `--data takes a directory that can be written, and ${dataDir} is none: ${messageOf(error)}`,
    );
  }
}

function welcome({
  address,
  taskQueue,
  ui,
  data,
}: {
  address: string;
  taskQueue: string;
  ui: string | null;
  data: string;
}): string {
  return [
    'Countersign is up.',
    `  Temporal    ${address}, namespace default, task queue ${taskQueue}`,
    ...(ui === null ? [] : [`  Web UI      ${ui}`]),
    `  state       ${data} (write-ahead log without a sync at each commit: a power cut may lose the last moments)`,
    `  try         TEMPORAL_ADDRESS=${address} countersign propose 'answer: hello' && countersign inbox`,
    'Ctrl-C stops all of it.',
    '',
  ].join('\n');
}
