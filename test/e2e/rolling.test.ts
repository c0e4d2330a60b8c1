/** A rolling restart: two workers on one store are replaced one after the other while 200 people decide. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Countersign } from '../../src/client';
import { connect, temporalClient } from '../../src/connection';
import { broken } from '../support/chain';
import { openPostgresStore } from '../../src/store/postgres';
import { background, ended, endGroup, temporaryDirectory } from '../support/app';
import { startDevServer } from '../support/dev-server';
import { hasPostgres, startPostgres } from '../support/postgres';
import { counted, share } from '../support/share';

const ACTIONS = join(__dirname, '..', 'support', 'once-actions.ts');
const GATES = share(200, 40);
const AT_ONCE = 20;
const ids = Array.from({ length: GATES }, (_, n) => `gate-${String(n)}`);

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

/** All of them, some at a time. */
async function each(work: (id: string, n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let n = next++; n < GATES; n = next++) await work(ids[n] ?? '', n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

(hasPostgres() ? it : it.skip)('loses no gate, doubles no effect, fails no workflow task', async () => {
  const directory = temporaryDirectory();
  cleanups.push(() => directory.remove());
  const postgres = await startPostgres();
  cleanups.push(() => postgres.stop());
  await postgres.query('CREATE TABLE attempts (key text, n integer)');
  await postgres.query('CREATE TABLE effects (key text PRIMARY KEY, n integer)');
  const server = await startDevServer(
    ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  );
  cleanups.push(() => server.stop());
  const env = {
    PATH: process.env['PATH'],
    HOME: directory.path,
    TEMPORAL_ADDRESS: server.address,
    COUNTERSIGN_STORE: postgres.url,
    COUNTERSIGN_ACTIONS: ACTIONS,
    ONCE_TEST_DATABASE: postgres.url,
  };
  const start = async (): Promise<ChildProcess> => {
    const { child } = await background(['worker'], env);
    cleanups.push(() => endGroup(child, 'SIGKILL'));
    return child;
  };
  const replace = async (old: ChildProcess): Promise<ChildProcess> => {
    old.kill('SIGTERM');
    await ended(old);
    expect(old.exitCode).toBe(0);
    return start();
  };
  const [first, second] = await Promise.all([start(), start()]);
  const connected = await connect({ address: server.address });
  cleanups.push(() => connected.connection.close());
  const client = temporalClient(connected);
  const countersign = new Countersign({ client });

  await each(async (id, n) => {
    await countersign.propose(
      {
        task: id,
        requester: 'svc',
        proposal: {
          action: 'once',
          args: { n },
          title: id,
          rationale: 'r',
          confidence: 1,
          sensitive: false,
        },
        policy: {
          confirmation: 'CONFIRM',
          levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '1 hour' }],
        },
      },
      id,
    );
  });
  const digests = new Map<string, string>();
  await each(async (id) => {
    for (const until = Date.now() + 30_000; Date.now() < until;) {
      const packet = await countersign.show(id).catch(() => undefined);
      if (packet?.status === 'open' && packet.digest !== undefined) {
        digests.set(id, packet.digest);
        return;
      }
      await pause(50);
    }
  });
  expect(digests.size).toBe(GATES);

  // Approvals come before, during and after each restart: some are kept back until the worker before is replaced, however long that takes.
  const sent = { count: 0, upTo: GATES / 2 };
  const approving = (async () => {
    for (const id of ids) {
      while (sent.count >= sent.upTo) await pause(20);
      const digest = digests.get(id) ?? '';
      await countersign.send(id, { id: `d-${id}`, digest, verdict: 'approve', reviewer: 'ana' });
      sent.count += 1;
      await pause(60);
    }
  })();
  const third = await replace(first);
  const between = sent.count;
  expect(between).toBeGreaterThan(0);
  sent.upTo = (GATES * 3) / 4;
  const fourth = await replace(second);
  expect(sent.count).toBeGreaterThan(between);
  sent.upTo = GATES;
  await approving;

  await each(async (id) => {
    expect(await countersign.result(id)).toMatchObject({ outcome: 'executed' });
  });
  const [effects] = await postgres.query(
    'SELECT count(*)::int AS rows, count(DISTINCT n)::int AS gates FROM effects',
  );
  expect(effects).toEqual({ rows: GATES, gates: GATES });
  // A drained worker ends what it runs: nothing had to be tried again.
  const [attempts] = await postgres.query('SELECT count(*)::int AS rows FROM attempts');
  expect(attempts).toEqual({ rows: GATES });

  const store = await openPostgresStore(postgres.url);
  cleanups.push(() => store.close());
  const trouble = { failed: 0, chains: [] as string[] };
  await each(async (id) => {
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    trouble.failed += (events ?? []).filter(
      (event) => event.workflowTaskFailedEventAttributes != null,
    ).length;
    const entries = await store.entries(id);
    const why = broken(entries[0]!, entries);
    if (why !== undefined) trouble.chains.push(`${id}: ${why}`);
  });
  expect(trouble).toEqual({ failed: 0, chains: [] });
  counted('rolling-restart', { gates: GATES });
  await Promise.all([endGroup(third, 'SIGTERM'), endGroup(fourth, 'SIGTERM')]);
});
