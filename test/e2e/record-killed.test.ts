/** A worker killed a hundred times between the record of an approval and its effect: entries and effects agree. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { forked, type StoredEntry, type Fact } from '../../src/domain/audit';
import { broken } from '../support/chain';
import { digestOf, effectKey } from '../../src/domain/digest';
import type { Result } from '../../src/domain/packet';
import type { AuditStore } from '../../src/store/audit-store';
import { openLibsqlStore } from '../../src/store/libsql';
import { background, endGroup, temporaryDirectory, until } from '../support/app';
import { startDevServer } from '../support/dev-server';
import { counted, share } from '../support/share';

const ROUNDS = share(10, 2);
const GATES = 10;

const directory = temporaryDirectory();
let server: Awaited<ReturnType<typeof startDevServer>>;
let worker: ChildProcess | undefined;
let connection: Connection;
let client: Client;
let store: AuditStore;

async function startWorker(): Promise<void> {
  const env = {
    ...process.env,
    COUNTERSIGN_DATA: directory.path,
    COUNTERSIGN_ACTIONS: join(__dirname, '..', 'support', 'held-actions.ts'),
    HELD_TEST_DIR: directory.path,
    TEMPORAL_ADDRESS: server.address,
    NO_COLOR: '1',
  };
  worker = (await background(['worker'], env)).child;
}

async function killWorker(): Promise<void> {
  if (worker !== undefined) await endGroup(worker, 'SIGKILL');
}

beforeAll(async () => {
  server = await startDevServer();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
  await startWorker();
  store = await openLibsqlStore(directory.path);
});

afterAll(async () => {
  await killWorker();
  await store.close();
  await connection.close();
  await server.stop();
  directory.remove();
});

/** What each gate is about: its number. */
const argsOf = (n: number) => ({ round: Math.floor(n / GATES), n });

async function approved(n: number): Promise<Gate> {
  const args = argsOf(n);
  const handle = await client.workflow.start('proposeAndExecute', {
    taskQueue: 'countersign',
    workflowId: `held-${String(n)}`,
    args: [
      {
        v: 1,
        task: 'hold',
        requester: 'svc',
        proposal: { action: 'held', args, title: 'Hold', rationale: '', confidence: 1, sensitive: false },
        policy: {
          confirmation: 'CONFIRM',
          levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 hour' }],
        },
      },
    ],
  });
  const root = { workflowId: handle.workflowId, firstRunId: handle.firstExecutionRunId };
  const digest = digestOf({ ...root, gate: 'main', revision: 1, action: 'held', args });
  await handle.signal('decide', { v: 1, id: 'd1', digest, verdict: 'approve', reviewer: 'ana' });
  return { n, handle, key: effectKey(root, 'main', digest) };
}
interface Gate {
  readonly n: number;
  readonly handle: WorkflowHandle;
  /** What its effect has to be done under, computed from what was started alone. */
  readonly key: string;
}

/** The lines of a file of the action's: `key number`. */
function lines(file: 'begun' | 'effects'): string[] {
  const path = join(directory.path, file);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

const lineOf = ({ key, n }: Gate) => `${key} ${String(n)}`;
const factsOf = (entries: readonly StoredEntry[]) => entries.map(({ text = '' }) => JSON.parse(text) as Fact);
const recordOf = ({ handle }: Gate) => store.entries(handle.workflowId);

it(`SIGKILL between record and effect, ${String(ROUNDS * GATES)} times: entries and effects agree`, async () => {
  const gates: Gate[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const held = await Promise.all(Array.from({ length: GATES }, (_, nth) => approved(round * GATES + nth)));
    await until(
      async () => held.filter((gate) => !lines('begun').includes(lineOf(gate))).map(lineOf),
      (missing) => missing.length === 0,
    );
    await killWorker();

    // Where it was killed: the approval is on record, and nothing has come of it.
    for (const gate of held) {
      const types = factsOf(await recordOf(gate)).map(({ type }) => type);
      expect({ n: gate.n, last: types.at(-1) }).toEqual({ n: gate.n, last: 'approved' });
    }
    expect(lines('effects')).toHaveLength(round * GATES);

    await startWorker();
    writeFileSync(join(directory.path, `go-${String(round)}`), '');
    await Promise.all(held.map(({ handle }) => handle.result()));
    gates.push(...held);
  }

  expect(lines('effects').sort()).toEqual(gates.map(lineOf).sort());
  const begun = lines('begun');
  for (const gate of gates) {
    const result = (await gate.handle.result()) as Result;
    expect(result).toMatchObject({ outcome: 'executed', result: { n: gate.n } });
    const { trunk } = forked(await recordOf(gate));
    expect(broken(trunk[0]!, trunk, result.audit)).toBeUndefined();
    const facts = factsOf(trunk);
    const of = (type: Fact['type']) => facts.filter((fact) => fact.type === type);
    expect(of('approved')).toEqual([expect.objectContaining({ key: gate.key, signers: ['ana'] })]);
    expect(of('executed')).toEqual([expect.objectContaining({ key: gate.key })]);
    expect(facts.at(-1)).toMatchObject({ type: 'closed', outcome: 'executed' });
    expect(begun.filter((line) => line === lineOf(gate)).length).toBeGreaterThanOrEqual(2);
  }
  counted('killed-records', { kills: ROUNDS, effects: gates.length });
  process.stderr.write(
    `${String(ROUNDS)} kills of ${String(GATES)} held effects, ${String(begun.length)} attempts at ${String(gates.length)}\n`,
  );
}, 400_000);
