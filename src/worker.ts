/** The worker: configuration in, dependencies wired, run. No logic. */
import {
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions as SdkOptions,
  type WorkflowBundle,
} from '@temporalio/worker';
import { createRegistry } from './actions/registry';
import { registryText } from './actions/described';
import { loadActions } from './actions/load';
import { resolveOurs } from './actions/ours';
import { createActivities } from './activities';
import { timed } from './activities/timed';
import { bundleWorkflows } from './bundle';
import type { Config } from './config';
import {
  connect,
  connectionOptions,
  dataConverter,
  reached,
  type Connected,
  type Target,
} from './connection';
import { watching, type Probes } from './health';
import { createLangSmith } from './providers/feedback/langsmith';
import { createAgent } from './providers/llm';
import { createChannels } from './providers/notify';
import { createRules, loadPolicies } from './providers/policy';
import { openDirectory } from './providers/reviewers/current';
import { ownKeyFault } from './providers/worker-keys';
import { ensureSearchAttributes } from './search-attributes';
import { configurationText } from './domain/configuration';
import { floorOf } from './domain/floor';
import { openWorkerStore } from './store';
import { openLoads } from './store/loads';
import { openFeedback } from './store/feedback';
import { openWorkerKey } from './store/worker-key';
import {
  logNotice,
  openLogs,
  openTraces,
  toldByWorkflows,
  tracedActivities,
  visibilityOf,
  watchGates,
  type Logs,
} from './telemetry';

export interface RunningWorker {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** What supervises it may ask. */
  readonly probes: Probes;
  /** Resolves when the worker has stopped; rejects when it failed. */
  readonly stopped: Promise<void>;
  /** Takes no new work, finishes what runs, then stops. */
  stop(): void;
  /** How many activities run now. */
  activities(): number;
  /** Worker Versioning: whether the server gives work to this version, `false` until somebody makes it the current one. */
  current(): Promise<boolean>;
}

export interface WorkerOptions {
  readonly config: Config;
  readonly target?: Target;
  /** `dev` lets the `remote` action use any task queue but its own; otherwise the actions module lists them. */
  readonly anyTaskQueue?: boolean;
  readonly workflowBundle?: WorkflowBundle;
  /** Milliseconds that running activities get to end by themselves; then they are cancelled. @default 5000 */
  readonly drain?: number;
  /** As `installRuntime` opened them. @default plain lines on stderr */
  readonly logs?: Logs;
}

export { bundleWorkflows as bundle };
export { installRuntime } from './telemetry';

export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { config, target, anyTaskQueue = false, drain = 5_000, logs = openLogs({ log: 'plain' }) } = options;
  const note = (text: string) => {
    logs.say(`${text}\n`);
  };
  const { connection, address, namespace } = await connectWorker(target);
  await ensureSearchAttributes(connection, namespace, address);
  resolveOurs();
  const configured = await loadActions(config.actions, process.cwd());
  const { taskQueue } = config;
  const taskQueues = anyTaskQueue ? undefined : (configured.taskQueues ?? []);
  const registry = createRegistry({ ...configured, taskQueues, ownTaskQueue: taskQueue });
  const store = await openWorkerStore(config, note);
  const loads = openLoads(store, note);
  await loads.load('registry', registryText(registry, configured, config.actions, process.cwd()));
  const feedback = await openFeedback(config);
  const { langsmith } = config;
  const reviewers = await openDirectory(config.reviewers, process.cwd(), note, (directory) =>
    loads.load('directory', configurationText(directory)),
  );
  const policies = await loadPolicies(config.policy, process.cwd());
  await loads.load('rules', policies?.text ?? configurationText(undefined));
  const rules = createRules(policies, (occasion) => floorOf(reviewers.current(), occasion));
  const deployment = () => reviewers.current()?.deployment ?? config.deployment ?? namespace;
  const workerKey = await openWorkerKey(config, store, { deployment: deployment(), note });
  const unlisted = ownKeyFault(reviewers.current(), workerKey, Date.now());
  if (unlisted !== undefined) throw new Error(unlisted);
  const traces = openTraces(config.telemetry, {
    trouble: (error) => {
      logs.logger.warn('spans could not be exported', { error });
    },
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle:
      options.workflowBundle ?? (await bundleWorkflows(config.workflows, undefined, traces !== undefined)),
    activities: timed(
      createActivities({
        registry,
        agent: createAgent(config.models, registry),
        store,
        rules,
        reviewers: () => reviewers.current(),
        deployment,
        workerKey,
        configuration: () => loads.hashes(),
        channels: createChannels(
          config.notify,
          config.telemetry.log === 'json' ? logNotice(logs) : undefined,
        ),
        feedback: {
          store: feedback,
          lessons: config.lessons,
          sink: langsmith === undefined ? undefined : createLangSmith(langsmith),
        },
      }),
    ),
    dataConverter,
    ...(traces === undefined
      ? {}
      : {
          interceptors: { activity: [tracedActivities(traces, (name) => registry.find(name) !== undefined)] },
          sinks: toldByWorkflows(traces),
        }),
    ...REPLAYS,
    ...versioned(config.versioning),
    shutdownGraceTime: drain,
  });
  const stopped = worker
    .run()
    .finally(() =>
      closeAll(
        connection,
        reviewers,
        loads,
        store,
        feedback,
        registry,
        ...(traces === undefined ? [] : [traces]),
      ),
    );
  watchedWhile(stopped, { connection, namespace, config, storeReady: () => store.ready() });
  const neighbours = watching({
    [`Temporal at ${address}`]: () =>
      connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({})),
    'audit store': () => store.ready(),
  });
  return {
    address,
    namespace,
    taskQueue,
    stopped,
    stop: stopping(worker),
    activities: () => worker.getStatus().numInFlightActivities,
    current: () => isCurrent(connection, namespace, config.versioning),
    probes: {
      dead: () => (worker.getState() === 'FAILED' ? 'the worker has failed' : undefined),
      unready: () => {
        const state = worker.getState();
        return state === 'RUNNING'
          ? neighbours()
          : Promise.resolve(
              state === 'FAILED' ? 'the worker has failed' : 'the worker takes no new work: it stops',
            );
      },
    },
  };
}

/**
 * AUTO_UPGRADE: a gate waits up to a month, and PINNED would keep every version's workers running for as long. So open
 * gates go on with the current version, whose code must replay the histories of those before it (`test/replay`). A
 * workflow of one's own may say otherwise with `setWorkflowOptions`.
 */
function versioned(deployment: Config['versioning']): Pick<SdkOptions, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  const options = { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' } as const;
  return { workerDeploymentOptions: options };
}

async function isCurrent(
  connection: NativeConnection,
  namespace: string,
  deployment: Config['versioning'],
): Promise<boolean> {
  if (deployment === undefined) return true;
  try {
    const { workerDeploymentInfo } = await connection.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName: deployment.name,
    });
    const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion;
    return current?.buildId === deployment.buildId;
  } catch {
    return false; // the server makes a deployment when its first worker polls
  }
}

async function connectWorker(target: Target = {}): Promise<Connected<NativeConnection>> {
  // The core waits for ever for a server that accepts and then says nothing; the client's connection does not. A server that
  // has just been started on a busy machine takes its time.
  await (await connect(target, '20 seconds')).connection.close();
  const { namespace, address, ...rest } = connectionOptions(target);
  const connection = await reached(address, () => NativeConnection.connect({ ...rest, address }));
  return { connection, address, namespace };
}

/**
 * A history of 10,000 signals, as many as a run may have, takes several seconds to be replayed, and what is broken off is begun again.
 * The SDK has the option and does not declare it; its own is 5 seconds.
 */
export const REPLAYS = { isolateExecutionTimeout: '1 minute' } as object;

/** Gauges of what waits, where metrics are served at all. */
function watchedWhile(
  stopped: Promise<void>,
  one: {
    readonly connection: NativeConnection;
    readonly namespace: string;
    readonly config: Config;
    readonly storeReady: () => Promise<unknown>;
  },
): void {
  const { connection, namespace, config, storeReady } = one;
  const { metrics } = config.telemetry;
  if (metrics === undefined) return;
  const store = watching({ 'audit store': storeReady });
  const watch = watchGates({
    visibility: visibilityOf(connection, namespace),
    namespace,
    taskQueue: config.taskQueue,
    meter: Runtime.instance().metricMeter,
    storeAnswers: async () => (await store()) === undefined,
    every: metrics.every,
  });
  const close = () => void watch.close();
  stopped.then(close, close);
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
