/** One server, one worker with both: what is measured against the floor runs beside it, in the same process and minute. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { defineAction } from '../../src/actions';
import { createRegistry } from '../../src/actions/registry';
import { createActivities } from '../../src/activities';
import { timed } from '../../src/activities/timed';
import { bundleWorkflows } from '../../src/bundle';
import { Countersign } from '../../src/client';
import { connect, dataConverter, temporalClient } from '../../src/connection';
import { createRules } from '../../src/providers/policy';
import { createOfflineAgent } from '../../src/providers/llm/offline';
import { ensureSearchAttributes } from '../../src/search-attributes';
import { openLibsqlFeedback } from '../../src/store/feedback-libsql';
import { openStore } from '../../src/store';
import { openWorkerKey } from '../../src/store/worker-key';
import type { FloorActivities } from './workflows';

export interface Bench {
  readonly client: Client;
  readonly countersign: Countersign;
  /** Client and worker on one connection: a start brings the first task with it. */
  readonly eager: Countersign;
  /** The queue of the worker that has the hand-written workflows alone: its bundle is as small as theirs would be. */
  readonly floorQueue: string;
  /** When the effect of a key ran, in milliseconds of `performance.now()`. */
  readonly effects: Map<string, number>;
  stop(): Promise<void>;
}

export const ARGS = { order: 'A-7', units: 2, note: 'as in the invoice of last week' };

export async function startBench(
  address: string,
  namespace: string,
  maxCachedWorkflows = 2_000,
): Promise<Bench> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const taskQueue = `bench-${randomUUID()}`;
  const floorQueue = `floor-${randomUUID()}`;
  const effects = new Map<string, number>();
  const effect = (key: string) => {
    if (!effects.has(key)) effects.set(key, performance.now());
    return { done: true };
  };
  const input = z.object({ order: z.string(), units: z.int(), note: z.string(), at: z.string() });
  const run = async ({ at }: z.output<typeof input>) => effect(at);
  const actions = [
    defineAction({ name: 'ship', input, risk: 'low', run }),
    defineAction({ name: 'shipAtOnce', input, risk: 'low', run, short: true }),
  ];
  const registry = createRegistry({
    actions,
    databases: {},
    hosts: [],
    taskQueues: [],
    ownTaskQueue: taskQueue,
  });
  const store = await openStore({ store: undefined, dataDir: directory });
  const workerKey = await openWorkerKey({ workerKey: undefined, dataDir: directory }, store, {
    deployment: namespace,
    note: () => undefined,
  });
  const hash = '0'.repeat(64);
  const feedback = { store: await openLibsqlFeedback(directory), lessons: 0 };
  const connection = await NativeConnection.connect({ address });
  await ensureSearchAttributes(connection, namespace);
  const floor: FloorActivities = {
    floorPropose: async (task) => ({ ...ARGS, at: task }),
    floorExecute: async (_, key) => effect(key),
  };
  const common = { connection, namespace, maxCachedWorkflows };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      dataConverter,
      workflowBundle: await bundleWorkflows(),
      activities: timed(
        createActivities({
          registry,
          agent: createOfflineAgent(registry),
          store,
          rules: createRules(undefined),
          reviewers: () => undefined,
          workerKey,
          deployment: () => namespace,
          configuration: () => ({ directory: hash, rules: hash, registry: hash }),
          channels: [],
          feedback,
        }),
      ),
    }),
    Worker.create({
      ...common,
      taskQueue: floorQueue,
      workflowBundle: await bundleWorkflowCode({
        workflowsPath: require.resolve('./workflows'),
        logger: new DefaultLogger('ERROR'),
      }),
      activities: floor,
    }),
  ]);
  const running = workers.map((worker) => worker.run());
  const connected = await connect({ address, namespace });
  const client = temporalClient(connected);
  const countersign = new Countersign({ client, taskQueue, answerWithin: 60_000 });
  const native = new Client({ connection, namespace, dataConverter });
  return {
    client,
    countersign,
    eager: new Countersign({ client: native, taskQueue, answerWithin: 60_000, eagerStart: true }),
    floorQueue,
    effects,
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await registry.close();
      await store.close();
      await feedback.store.close();
      await connected.connection.close();
      await connection.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
