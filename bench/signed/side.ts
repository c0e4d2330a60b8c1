/**
 * One version's side of the comparison in run.ts: a worker whose directory holds one person's key, and gates that this person signs. The
 * file is copied into a tree of the other version, so it asks for what that one may not have. Reads from stdin how many gates to go
 * through, one number a line; answers each with a line of JSON.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { defineAction } from '../../src/actions';
import { createRegistry } from '../../src/actions/registry';
import { createActivities } from '../../src/activities';
import type * as Clock from '../../src/activities/timed';
import type { Activities } from '../../src/activities/types';
import { bundleWorkflows } from '../../src/bundle';
import { Countersign, type Packet } from '../../src/client';
import { connect, dataConverter, temporalClient } from '../../src/connection';
import { createOfflineAgent } from '../../src/providers/llm/offline';
import { createRules } from '../../src/providers/policy';
import { ensureSearchAttributes } from '../../src/search-attributes';
import { generateKey, sign } from '../../src/signing';
import type { OwnKey } from '../../src/signing/own-key';
import { openStore } from '../../src/store';
import type * as Keys from '../../src/store/worker-key';
import { openLibsqlFeedback } from '../../src/store/feedback-libsql';

/** What one gate took. Milliseconds from the sending of the signed decision. */
export interface Took {
  readonly executed: number;
  /** Until the caller knew the outcome. */
  readonly known: number;
  readonly events: number;
}

const POLICY = {
  confirmation: 'CONFIRM' as const,
  levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 day' as const }],
};
const KEY = generateKey();
const REVIEWERS = { people: [{ name: 'ana', keys: [{ id: 'ana-1', public: KEY.public }] }] };
const namespace = 'default';
const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const taskQueue = `signed-${randomUUID()}`;
const effects = new Map<string, number>();

/** A module that the other version may not have. */
function perhaps<T>(file: string): Partial<T> {
  try {
    return createRequire(__filename)(file) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') return {};
    throw error;
  }
}

async function activities(): Promise<object> {
  const input = z.object({ order: z.string(), units: z.int(), note: z.string(), at: z.string() });
  const run = ({ at }: z.output<typeof input>) => {
    effects.set(at, performance.now());
    return Promise.resolve({ done: true });
  };
  const actions = [defineAction({ name: 'ship', input, risk: 'low', run })];
  const registry = createRegistry({
    actions,
    databases: {},
    hosts: [],
    taskQueues: [],
    ownTaskQueue: taskQueue,
  });
  const store = await openStore({ store: undefined, dataDir: directory });
  const { openWorkerKey } = perhaps<typeof Keys>('../../src/store/worker-key');
  const place = { workerKey: undefined, dataDir: directory };
  const workerKey = await openWorkerKey?.(place, store, { deployment: namespace, note: () => undefined });
  const hash = '0'.repeat(64);
  const created = createActivities({
    ...{ registry, agent: createOfflineAgent(registry), store, rules: createRules(undefined), channels: [] },
    reviewers: () => REVIEWERS,
    workerKey: workerKey as OwnKey,
    deployment: () => namespace,
    configuration: () => ({ directory: hash, rules: hash, registry: hash }),
    feedback: { store: await openLibsqlFeedback(directory), lessons: 0 },
  });
  const { timed = (all: Activities): object => all } = perhaps<typeof Clock>('../../src/activities/timed');
  return timed(created);
}

/** Signed before it is sent: what a person's own machine does takes none of the server's time. */
function signed({ root, gate, level = '', digest = '', shown }: Packet) {
  if (root === undefined) throw new Error('nobody is asked');
  // Either version takes of it what it knows.
  const place = { deployment: namespace, root, ...root, gate, level };
  const issued = new Date();
  return sign(
    {
      ...{ v: 1, id: randomUUID(), digest, verdict: 'approve', reviewer: 'ana' },
      ...(shown === undefined ? {} : { shown }),
    },
    place,
    { keyId: 'ana-1', privateKeyPem: KEY.private, issued, expires: new Date(issued.getTime() + 3_600_000) },
  );
}

async function gone(countersign: Countersign): Promise<Took> {
  const key = randomUUID();
  const args = { order: 'A-7', units: 2, note: 'as in the invoice of last week', at: key };
  const proposal = {
    action: 'ship',
    args,
    title: 'Ship order A-7',
    rationale: 'It is paid.',
    confidence: 0.9,
    sensitive: false,
  };
  const { workflowId } = await countersign.propose({
    task: 'ship it',
    proposal,
    requester: 'rita',
    policy: POLICY,
  });
  await pause(60); // a person reads it; asking at once would disturb the task that opens it
  let packet = await countersign.show(workflowId);
  while (packet.status === 'proposing') {
    await pause(20);
    packet = await countersign.show(workflowId);
  }
  const decision = signed(packet);
  const sent = performance.now();
  await countersign.send(workflowId, decision);
  const { outcome } = await countersign.result(workflowId);
  const known = performance.now() - sent;
  if (outcome !== 'executed') throw new Error(`${workflowId} ended ${outcome}`);
  const events = await eventsOf(workflowId);
  return { executed: (effects.get(key) ?? Number.NaN) - sent, known, events };
}

let eventsOf: (workflowId: string) => Promise<number>;

async function main(address: string): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address });
  await ensureSearchAttributes(connection, namespace);
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, dataConverter, maxCachedWorkflows: 2_000 },
    workflowBundle: await bundleWorkflows(),
    activities: await activities(),
  });
  const running = worker.run();
  const connected = await connect({ address, namespace });
  const client = temporalClient(connected);
  const countersign = new Countersign({ client, taskQueue, answerWithin: 60_000 });
  eventsOf = async (workflowId) => (await client.workflow.getHandle(workflowId).describe()).historyLength;
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const took: Took[] = [];
    for (let nth = 0; nth < Number(line); nth += 1) took.push(await gone(countersign));
    process.stdout.write(`${JSON.stringify(took)}\n`);
  }
  worker.shutdown();
  await running;
  await connected.connection.close();
  await connection.close();
  rmSync(directory, { recursive: true, force: true });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

void main(process.argv[2] ?? '').then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
