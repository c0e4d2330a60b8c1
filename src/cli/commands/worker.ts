/** `countersign worker`: the worker alone, against any Temporal. */
import { workerModule } from '../worker-module';
import { command, type Deps } from '../command';
import { jsonLine } from '../output';

export const worker = (deps: Deps) =>
  command('worker', 'run the worker alone, against any Temporal server')
    .addHelpText(
      'after',
      '\nExamples:\n  $ TEMPORAL_ADDRESS=temporal.internal:7233 COUNTERSIGN_ACTIONS=./actions.ts countersign worker',
    )
    .action(async (options) => {
      const { quietRuntime, startWorker } = workerModule();
      quietRuntime();
      const running = await startWorker({ config: deps.config, target: options });
      const { address, namespace, taskQueue, stopped } = running;
      const stop = () => {
        running.stop();
      };
      process.once('SIGINT', stop).once('SIGTERM', stop);
      if (options.json) deps.streams.out(jsonLine({ address, namespace, taskQueue }));
      else
        deps.streams.err(
          `The worker serves task queue ${taskQueue} of ${address}, namespace ${namespace}. Ctrl-C stops it.\n`,
        );
      await stopped;
    });
