/** The worker: configuration in, dependencies wired, run. No logic. */
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { createRegistry } from './actions/registry';
import { loadActions } from './actions/load';
import { createActivities } from './activities';
import type { Config } from './config';
import { connectionOptions, dataConverter, reached, type Connected, type Target } from './connection';
import { createOfflineAgent } from './providers/llm/offline';
import { ensureSearchAttributes } from './search-attributes';
import { openLibsqlStore } from './store/libsql';

export interface RunningWorker {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Resolves when the worker has stopped; rejects when it failed. */
  readonly stopped: Promise<void>;
  /** Finishes what runs, then stops. */
  stop(): void;
}

export interface WorkerOptions {
  readonly config: Config;
  readonly target?: Target;
  /** `dev` lets the `remote` action use any task queue but its own; otherwise the actions module lists them. */
  readonly anyTaskQueue?: boolean;
  readonly workflowBundle?: WorkflowBundle;
}

/** Warnings and errors only, to stderr: stdout is for machine output. */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const why = meta?.['error'] === undefined ? '' : ` ${String(meta['error'])}`;
      process.stderr.write(`${level} ${message}${why}\n`);
    }),
    shutdownSignals: [],
  });
}

export function bundle(): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows'),
    payloadConverterPath: dataConverter.payloadConverterPath,
    logger: new DefaultLogger('WARN'),
  });
}

export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { config, target, anyTaskQueue = false } = options;
  const { connection, address, namespace } = await connectWorker(target);
  await ensureSearchAttributes(connection, namespace);
  const configured = await loadActions(config.actions, process.cwd());
  const { taskQueue } = config;
  const taskQueues = anyTaskQueue ? undefined : (configured.taskQueues ?? []);
  const registry = createRegistry({ ...configured, taskQueues, ownTaskQueue: taskQueue });
  const store = await openLibsqlStore(config.dataDir);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: options.workflowBundle ?? (await bundle()),
    activities: createActivities({ registry, agent: createOfflineAgent(registry), store }),
    dataConverter,
    shutdownGraceTime: '5 seconds',
  });
  const stopped = worker.run().finally(async () => {
    await closeAll(connection, store, registry);
  });
  return { address, namespace, taskQueue, stopped, stop: stopping(worker) };
}

async function connectWorker(target: Target = {}): Promise<Connected<NativeConnection>> {
  const { namespace, address, ...rest } = connectionOptions(target);
  const connection = await reached(address, () => NativeConnection.connect({ ...rest, address }));
  return { connection, address, namespace };
}

function stopping(worker: Worker): () => void {
  return () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
}

async function closeAll(
  connection: NativeConnection,
  ...rest: readonly { close(): Promise<void> }[]
): Promise<void> {
  for (const one of rest) await one.close();
  await connection.close();
}
