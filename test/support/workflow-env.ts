/**
 * A Temporal dev server of its own, in memory, and one worker with Countersign's real activities over a real store,
 * that can be stopped and started, and whose neighbours (store, agent, history) can be made to fail.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type NativeConnection } from '@temporalio/worker';
import type { Action } from '../../src/actions/action';
import type { Hosts } from '../../src/actions/http-hosts';
import { createRegistry, type Registry } from '../../src/actions/registry';
import { createActivities } from '../../src/activities';
import { timed } from '../../src/activities/timed';
import type { Activities, Assessed, Execution } from '../../src/activities/types';
import { Countersign, CountersignError, type ProposeInput } from '../../src/client';
import { dataConverter } from '../../src/connection';
import type { Fact } from '../../src/domain/audit';
import type { Limits } from '../../src/domain/gate/open-limits';
import type { Packet } from '../../src/domain/packet';
import type { Directory } from '../../src/domain/reviewers';
import type { Rules } from '../../src/domain/gate/policy-source';
import type { Agent } from '../../src/providers/llm/agent';
import { createOfflineAgent } from '../../src/providers/llm/offline';
import type { FeedbackSink } from '../../src/providers/feedback/sink';
import type { Channel } from '../../src/providers/notify/channel';
import { createRules } from '../../src/providers/policy';
import { openLibsqlFeedback } from '../../src/store/feedback-libsql';
import type { FeedbackStore } from '../../src/store/feedback-store';
import { openStore, type Store } from '../../src/store';
import { generateKey } from '../../src/signing';
import { ownKey, type OwnKey } from '../../src/signing/own-key';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/messages';
import { REPLAYS } from '../../src/worker';
import { broken } from './chain';
import { testActions, type TestActions } from './workflow-actions';
import { workflowBundle } from './workflow-bundle';
import { skipTime, TIME_SKIPPING_FLAGS } from './workflow-skipping';

export type Event = temporal.api.history.v1.IHistoryEvent;
export type Entry = Fact & { at: string; seq: number };

/** What a worker is configured with beside its actions. */
export interface Configured {
  readonly rules?: Rules;
  /** How many gates may be open at once, beside what the rules say; may change while the worker runs. */
  limits?: Limits | undefined;
  /** May change while the worker runs. */
  channels?: Channel[];
  /** Where feedback goes besides; may be replaced while the worker runs. */
  sink?: FeedbackSink | undefined;
  /** Of each action, shown to the agent. @default 0 */
  lessons?: number;
  /** Activities of the worker on the other queue, beside its own. */
  readonly remote?: Record<string, (argument: unknown) => unknown>;
  /** Beside those of `testActions`. */
  readonly actions?: readonly Action[];
  /** The worker's own key; may be replaced while the worker runs. @default a new one, which the store knows */
  workerKey?: OwnKey;
  /** May be replaced while the worker runs, as its file may. */
  reviewers?: Directory | undefined;
  /** Values of the Temporal server's dynamic configuration. */
  readonly server?: Readonly<Record<string, string>>;
}

/** What a test may break; it holds for the next call of the neighbour. */
export interface Faults {
  storeDown: boolean;
  historyUnreadable: boolean;
  recordUnreadable: boolean;
  /** Milliseconds before the agent answers. */
  agentTakes: number;
  /** What an effect came to is not answered before this is false again; it has happened, and its receipt is stored. */
  answerHeld: boolean;
  /** Local activities do nothing before this is false again. */
  localHeld: boolean;
  /** The agent of that level, or of every one, answers only once this is undefined again. */
  agentHeld: string | true | undefined;
}

export interface WorkflowEnv {
  readonly taskQueue: string;
  readonly otherQueue: string;
  readonly client: Client;
  readonly connection: Connection;
  /** For a worker of a test's own. */
  readonly native: NativeConnection;
  /** Starts workflows in real time. */
  readonly countersign: Countersign;
  /** Starts workflows that skip time. */
  readonly skipping: Countersign;
  readonly faults: Faults;
  readonly store: Store;
  /** Where the store's file is. */
  readonly directory: string;
  readonly feedback: FeedbackStore;
  readonly activities: Activities;
  readonly actions: TestActions;
  /** What the executor was asked to run, in the order of its being asked. */
  readonly executions: Execution[];
  /** What the worker said of each proposal, in the order of its being asked. */
  readonly assessments: Assessed[];
  readonly configured: Configured;
  /** What the worker on the other queue was called with. */
  readonly remoteCalls: unknown[];
  startWorker(): Promise<void>;
  /** Resolves once it polls no more; whatever comes now waits. */
  stopWorker(): Promise<void>;
  /** Starts in real time and waits until the gate is open, or will never be. */
  propose(input: ProposeInput): Promise<Packet>;
  /** The same with a proposal given. */
  opened(input?: Partial<ProposeInput>): Promise<Packet>;
  /** Waits until the gate is as told, and answers it. */
  until(workflowId: string, is: (packet: Packet) => boolean, within?: number): Promise<Packet>;
  /** The audit entries of a closed workflow, whose chain must hold. */
  audit(workflowId: string): Promise<Entry[]>;
  history(workflowId: string, runId?: string): Promise<Event[]>;
  /** Workflow tasks that failed, or that a worker took and did not finish. */
  failedTasks(workflowId: string): Promise<Event[]>;
  stop(): Promise<void>;
}

export const SHIP = {
  action: 'ship',
  args: { order: 'A-7', units: 2 },
  title: 'Ship order A-7',
  rationale: 'It is paid.',
  confidence: 0.9,
  sensitive: false,
} as const;

export function within(respondWithin: string, more: Record<string, unknown> = {}) {
  const level = {
    kind: 'people' as const,
    name: 'HUMAN',
    approvers: { people: ['*'] },
    respondWithin,
    ...more,
  };
  return { confirmation: 'CONFIRM' as const, levels: [level] };
}

let named = 0;

/** @param hosts that the `http` action may name */
export async function startWorkflowEnv(
  hosts: Hosts = [],
  agentOf: (registry: Registry) => Agent = createOfflineAgent,
  configured: Configured = {},
): Promise<WorkflowEnv> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-workflow-'));
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const server = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: process.env['TEMPORAL_CLI_PATH'] ?? onPath('temporal') },
      ip: '127.0.0.1',
      ui: false,
      log: { format: 'pretty', level: 'error' },
      searchAttributes: SEARCH_ATTRIBUTES.map(({ name, type }) =>
        defineSearchAttributeKey(name, type as SearchAttributeType),
      ),
      extraArgs: [
        '--dynamic-config-value',
        'history.transferProcessorMaxPollRPS=2000',
        ...TIME_SKIPPING_FLAGS,
        ...Object.entries(configured.server ?? {}).flatMap(([key, value]) => [
          '--dynamic-config-value',
          `${key}=${JSON.stringify(value)}`,
        ]),
      ],
    },
  });
  const connect = () => Connection.connect({ address: server.address });
  const [connection, skippingConnection] = await Promise.all([connect(), connect()]);
  skipTime(skippingConnection);
  const clientOn = (one: Connection) => new Client({ connection: one, dataConverter, identity: 'client' });
  const client = clientOn(connection);
  const taskQueue = `countersign-${randomUUID()}`;
  const otherQueue = `other-${randomUUID()}`;
  const countersign = new Countersign({ client, taskQueue });
  const skipping = new Countersign({ client: clientOn(skippingConnection), taskQueue });

  const faults: Faults = {
    storeDown: false,
    historyUnreadable: false,
    answerHeld: false,
    localHeld: false,
    recordUnreadable: false,
    agentTakes: 0,
    agentHeld: undefined,
  };
  const actions = await testActions(directory);
  const store = await openStore({ store: undefined, dataDir: directory });
  const { id, public: key } = (configured.workerKey ??= ownKey(generateKey().private));
  await store.addWorkerKey({ id, public: key, name: 'test', from: new Date().toISOString() });
  const feedback = await openLibsqlFeedback(directory);
  const registry = createRegistry({
    actions: [...actions.actions, ...(configured.actions ?? [])],
    databases: {},
    hosts,
    taskQueues: [otherQueue],
    ownTaskQueue: taskQueue,
  });
  const agent = agentOf(registry);
  const rules = configured.rules ?? createRules(undefined);
  const activities = createActivities({
    registry,
    rules: {
      ...rules,
      get limits() {
        return configured.limits ?? rules.limits;
      },
    },
    reviewers: () => configured.reviewers,
    deployment: () => configured.reviewers?.deployment ?? 'default',
    workerKey: {
      get id() {
        return configured.workerKey!.id;
      },
      get public() {
        return configured.workerKey!.public;
      },
      sign: (text) => configured.workerKey!.sign(text),
    },
    configuration: () => ({ directory: 'd'.repeat(64), rules: 'e'.repeat(64), registry: 'f'.repeat(64) }),
    channels: (configured.channels ??= []),
    feedback: {
      store: {
        ...feedback,
        keep: async (...kept) => {
          if (faults.storeDown) throw new Error('the disk is full');
          await feedback.keep(...kept);
        },
      },
      get lessons() {
        return configured.lessons ?? 0;
      },
      get sink() {
        return configured.sink;
      },
    },
    agent: {
      ...agent,
      async propose(request) {
        await aborted(request.signal, faults.agentTakes);
        while (faults.agentHeld === true || faults.agentHeld === request.level)
          await aborted(request.signal, 20);
        return agent.propose(request);
      },
    },
    store: {
      ...store,
      append: async (records) => {
        if (faults.storeDown) throw new Error('the disk is full');
        return store.append(records);
      },
      end: async (done) => {
        if (faults.storeDown) throw new Error('the disk is full');
        await store.end(done);
      },
      entries: async (...of) => {
        if (faults.recordUnreadable) throw new Error('the disk cannot be read');
        return store.entries(...of);
      },
    },
  });
  const executions: Execution[] = [];
  const assessments: Assessed[] = [];
  const faulty: Activities = {
    ...activities,
    async execute(execution) {
      executions.push(execution);
      const answer = await activities.execute(execution);
      while (faults.answerHeld) await pause(20);
      return answer;
    },
    async assess(request) {
      const found = await activities.assess(request);
      assessments.push(found);
      return found;
    },
    async receiveTimes(request) {
      if (faults.historyUnreadable) throw new Error('the history is not to be had');
      return activities.receiveTimes(request);
    },
  };
  const held = Object.fromEntries(
    Object.entries(faulty).map(([name, activity]) => [
      name,
      async (request: never) => {
        while (faults.localHeld && activityInfo().isLocal) await pause(20);
        return (activity as (request: never) => Promise<unknown>)(request);
      },
    ]),
  ) as unknown as Activities;

  const remoteCalls: unknown[] = [];
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  const run = async (options: { taskQueue: string; identity: string; own: boolean }) => {
    const worker = await Worker.create({
      connection: server.nativeConnection,
      taskQueue: options.taskQueue,
      identity: options.identity,
      dataConverter,
      ...REPLAYS,
      shutdownGraceTime: '2 seconds',
      shutdownForceTime: '10 seconds',
      stickyQueueScheduleToStartTimeout: '1 second',
      ...(options.own
        ? { workflowBundle: await workflowBundle(), activities: timed(held) }
        : {
            activities: {
              shipElsewhere: (input: unknown) => (remoteCalls.push(input), { elsewhere: true }),
              ...configured.remote,
            },
          }),
    });
    return { worker, ended: worker.run() };
  };
  let started = 0;
  const identity = () => `worker-${String(started)}`;
  const startWorker = async () => {
    started += 1;
    running.push(await run({ taskQueue, identity: identity(), own: true }));
  };
  const stopWorker = async () => {
    const here = running.pop();
    if (here === undefined) return;
    here.worker.shutdown();
    await here.ended;
    await pause(200); // the server forgets its polls, or it hands them a task that nobody finishes
  };
  await startWorker();
  const other = await run({ taskQueue: otherQueue, identity: 'other-worker', own: false });

  const history = async (workflowId: string, runId?: string) =>
    (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
  const until = async (workflowId: string, is: (packet: Packet) => boolean, within = 20_000) => {
    for (const latest = Date.now() + within; ; await pause(30)) {
      const packet = await countersign.show(workflowId).catch((error: unknown) => {
        // A level's workflow is there a moment later than its owner says so.
        if (error instanceof CountersignError && error.code === 'NOT_FOUND') return undefined;
        throw error;
      });
      if (packet !== undefined && is(packet)) return packet;
      if (Date.now() > latest) throw new Error(`it never came: ${JSON.stringify(packet)}`);
    }
  };
  const propose = async (input: ProposeInput) => {
    const { workflowId } = await countersign.propose(input, `workflow-${String(++named)}`);
    return until(workflowId, ({ status }) => status !== 'proposing');
  };
  return {
    taskQueue,
    otherQueue,
    client,
    connection,
    native: server.nativeConnection,
    countersign,
    skipping,
    faults,
    store,
    directory,
    feedback,
    activities,
    actions,
    executions,
    assessments,
    configured,
    remoteCalls,
    startWorker,
    stopWorker,
    propose,
    opened: (input = {}) => propose({ task: 'ship it', requester: 'rita', proposal: SHIP, ...input }),
    until,
    async audit(workflowId) {
      const entries = await store.entries(workflowId);
      const { audit } = await countersign.result(workflowId);
      const [root = { workflowId, firstRunId: '' }] = entries;
      const wrong = broken(root, entries, audit);
      if (wrong !== undefined) throw new Error(`the audit of ${workflowId} does not hold: ${wrong}`);
      return entries.map(({ text = '' }) => JSON.parse(text) as Entry);
    },
    history,
    async failedTasks(workflowId) {
      const events = await history(workflowId);
      // A task on the queue of a worker that has stopped, or in its hands, goes to the next one unharmed.
      const takenBy = (startedEventId: unknown) =>
        events.find(({ eventId }) => String(eventId) === String(startedEventId))
          ?.workflowTaskStartedEventAttributes?.identity;
      return events.filter(
        ({ workflowTaskFailedEventAttributes: failed, workflowTaskTimedOutEventAttributes: late }) =>
          failed != null || (late != null && takenBy(late.startedEventId) === identity()),
      );
    },
    async stop() {
      actions.release();
      await stopWorker();
      other.worker.shutdown();
      await other.ended;
      await Promise.all([connection.close(), skippingConnection.close()]);
      await server.teardown();
      await registry.close();
      await store.close();
      await feedback.close();
      actions.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Sleeps until an instant, and a little longer. */
export function past(deadline: string): Promise<void> {
  return pause(Math.max(0, Date.parse(deadline) - Date.now()) + 200);
}

/** A signal `decide` with payloads that no client would make. */
export async function sendRaw(
  { connection }: Pick<WorkflowEnv, 'connection'>,
  workflowId: string,
  payloads: temporal.api.common.v1.IPayload[] | undefined,
  signalName = 'decide',
): Promise<void> {
  await connection.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    signalName,
    requestId: randomUUID(),
    identity: 'client',
    ...(payloads === undefined ? {} : { input: { payloads } }),
  });
}

export function types(entries: readonly Entry[]): string[] {
  return entries.map(({ type }) => type);
}

/** The codes of all refusals, in order. */
export function refusals(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => (entry.type === 'refused' ? [entry.code] : []));
}

function onPath(name: string): string {
  const found = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, name));
  return found.find((file) => existsSync(file)) ?? name;
}

async function aborted(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (milliseconds === 0) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('called off'));
    });
  });
}
