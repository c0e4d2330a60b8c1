/** A worker with rules, people and a channel, as an operator configures it: what may run, who must sign, and who is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { background, commands, endGroup, temporaryDirectory, until } from '../support/app';
import { startDevServer } from '../support/dev-server';
import { startRemoteWorker, type Effect } from '../support/remote-worker';
import type { ChildProcess } from 'node:child_process';

const QUEUE = 'bookings';
const directory = temporaryDirectory();
const file = (name: string) => join(directory.path, name);

const POLICY = `
policies:
  two:
    confirmation: CONFIRM
    levels: [{ name: HUMAN, approvers: { roles: [oncall] }, quorum: 2, respondWithin: 1 hour }]
  one:
    confirmation: CONFIRM
    levels: [{ name: HUMAN, approvers: { roles: [oncall] }, respondWithin: 1 hour }]
  notice:
    confirmation: INFO
    levels: [{ name: HUMAN, approvers: { roles: [oncall] }, respondWithin: 1 hour }]
deny:
  - name: never that many
    when: action == "remote" && args.input.order > 1000000
    because: there are no such orders
rules:
  - name: small bookings
    when: action == "remote" && args.input.order < 10 && confidence > 0.8
    policy: notice
  - name: large bookings
    when: action == "remote" && args.input.order >= 1000
    policy: two
default: one
`;

type Server = Awaited<ReturnType<typeof startDevServer>>;
let server: Server;
let worker: ChildProcess;
let app: ReturnType<typeof commands>;
let effects: Effect[];
let stopRemote: () => Promise<void>;
let log = '';

beforeAll(async () => {
  server = await startDevServer();
  const env = {
    ...process.env,
    COUNTERSIGN_DATA: directory.path,
    COUNTERSIGN_POLICY: file('policy.yaml'),
    COUNTERSIGN_REVIEWERS: file('reviewers.yaml'),
    COUNTERSIGN_NOTIFY: 'console',
    COUNTERSIGN_LINK: 'http://127.0.0.1/{workflowId}',
    COUNTERSIGN_ACTIONS: file('actions.mjs'),
    TEMPORAL_ADDRESS: server.address,
    NO_COLOR: '1',
  };
  app = commands(server.address, env);
  writeFileSync(file('policy.yaml'), POLICY);
  writeFileSync(file('actions.mjs'), `export default []; export const taskQueues = ['${QUEUE}'];`);
  const people: string[] = [];
  for (const name of ['ana', 'bo', 'rita']) {
    const out = file(`${name}.pem`);
    const ran = await app.countersign(
      'keygen',
      '--reviewer',
      name,
      '--key-id',
      `${name}-1`,
      '--out',
      out,
      '--json',
    );
    const { public: key } = JSON.parse(ran.out) as { public: string };
    const roles = name === 'rita' ? '[]' : '[oncall]';
    people.push(`  - { name: ${name}, roles: ${roles}, keys: [{ id: ${name}-1, public: '${key}' }] }`);
  }
  writeFileSync(file('reviewers.yaml'), `people:\n${people.join('\n')}\n`);
  const setUp = await app.countersign('setup');
  expect(setUp).toMatchObject({ code: 0 });
  const started = await background(['worker'], env);
  worker = started.child;
  worker.stderr?.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const remote = await startRemoteWorker(server.address, QUEUE);
  effects = remote.effects;
  stopRemote = remote.stop;
});

afterAll(async () => {
  await stopRemote();
  await endGroup(worker, 'SIGKILL');
  await server.stop();
  directory.remove();
});

let started = 0;
const proposal = (order: number, confidence = 0.9) => ({
  action: 'remote',
  args: { taskQueue: QUEUE, activity: 'book', input: { order } },
  title: `Book ${String(order)}`,
  rationale: 'asked for',
  confidence,
  sensitive: false,
});

async function start(order: number, more: object = {}, confidence?: number): Promise<string> {
  const id = `configured-${String(++started)}`;
  await app.start(id, {
    v: 1,
    task: 'book',
    requester: 'rita',
    proposal: proposal(order, confidence),
    ...more,
  });
  return id;
}
/** A decision as `countersign sign` prints it, to be pasted anywhere. */
async function signed(id: string, reviewer: string, ...flags: string[]): Promise<Record<string, unknown>> {
  const { digest = '' } = await app.gate(id);
  const ran = await app.countersign(
    ...['sign', id, '--reviewer', reviewer, '--key', file(`${reviewer}.pem`), '--digest', digest],
    ...(flags.includes('--verdict') ? flags : ['--verdict', 'approve', ...flags]),
  );
  if (ran.code !== 0) throw new Error(ran.err);
  return JSON.parse(ran.out) as Record<string, unknown>;
}
const effectsOf = (id: string) => effects.filter(({ workflowId }) => workflowId === id);

it('a small booking at a high confidence is INFO: it runs, and people are told', async () => {
  const id = await start(7);
  expect(await app.result(id)).toMatchObject({ outcome: 'executed', decisions: [] });
  expect(effectsOf(id)).toHaveLength(1);
  await until(
    () => Promise.resolve(log),
    (text) => text.includes(id) && text.includes('info'),
  );
});

it('the same at a low confidence is asked about', async () => {
  const id = await start(7, {}, 0.5);
  expect(await app.reaches(id, 'open')).toMatchObject({
    authentication: 'signed',
    policy: { confirmation: 'CONFIRM' },
  });
});

it('a decision that countersign sign printed, pasted through the stock CLI, counts; an unsigned one does not', async () => {
  const id = await start(500);
  const { digest } = await app.reaches(id, 'open');
  await app.signal(id, { v: 1, id: 'unsigned', digest, verdict: 'approve', reviewer: 'ana' });
  expect(await app.judged(id, 'unsigned')).toMatchObject({ status: 'refused', code: 'UNAUTHENTICATED' });
  await app.signal(id, await signed(id, 'ana'));
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
  expect(effectsOf(id)).toHaveLength(1);
});

it('a large booking needs two, and a caller cannot make it one', async () => {
  const id = await start(1000);
  await app.reaches(id, 'open');
  await app.signal(id, await signed(id, 'ana'));
  expect(await app.gate(id)).toMatchObject({ status: 'open' });
  await app.signal(id, await signed(id, 'bo'));
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
  for (const policy of ['one', 'notice']) {
    const weak = await start(1000, { policy });
    expect(await app.result(weak)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^POLICY_TOO_WEAK: /) as string,
    });
  }
});

it('a policy by name, where the rules leave room for it', async () => {
  const id = await start(500, { policy: 'two' });
  expect(await app.reaches(id, 'open')).toMatchObject({ policy: { levels: [{ quorum: 2 }] } });
  const unknown = await start(500, { policy: 'three' });
  expect(await app.result(unknown)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/^UNKNOWN_POLICY: .*three/) as string,
  });
});

it('a deny rule holds whatever else says yes, and an edit does not get past it', async () => {
  const denied = await start(1_000_001);
  expect(await app.result(denied)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/^DENIED: .*there are no such orders/) as string,
  });
  const id = await start(500);
  await app.reaches(id, 'open');
  const args = { ...proposal(0).args, input: { order: 2_000_000 } };
  const edit = await signed(id, 'ana', '--verdict', 'edit', '--args', JSON.stringify(args));
  await app.signal(id, edit);
  expect(await app.judged(id, String(edit['id']))).toMatchObject({ status: 'refused', code: 'DENIED' });
  expect(await app.gate(id)).toMatchObject({ status: 'open', revision: 1 });
});

it('an edit is assessed again: made large, it needs the other signature, too', async () => {
  const id = await start(500);
  await app.reaches(id, 'open');
  const args = { ...proposal(0).args, input: { order: 5000 } };
  await app.signal(id, await signed(id, 'ana', '--verdict', 'edit', '--args', JSON.stringify(args)));
  const packet = await until(
    () => app.gate(id),
    ({ revision }) => revision === 2,
  );
  expect(packet).toMatchObject({
    status: 'open',
    policy: { levels: [{ quorum: 2 }] },
    signatures: [{ reviewer: 'ana' }],
  });
  await app.signal(id, await signed(id, 'bo'));
  expect(await app.result(id)).toMatchObject({
    outcome: 'executed',
    proposal: { args: { input: { order: 5000 } } },
  });
});

it('the requester’s own key does not help: no approver, and barred besides', async () => {
  const id = await start(500);
  await app.reaches(id, 'open');
  const { code, err } = await app.countersign(
    ...['sign', id, '--verdict', 'approve', '--reviewer', 'rita', '--key', file('rita.pem')],
    ...['--digest', (await app.gate(id)).digest ?? ''],
  );
  if (code === 0) {
    const decision = await signed(id, 'rita');
    await app.signal(id, decision);
    expect(await app.judged(id, String(decision['id']))).toMatchObject({ code: 'REQUESTER_CANNOT_DECIDE' });
  } else expect(err).not.toBe('');
});

it('a key that is revoked while the gate waits executes nothing, without a restart', async () => {
  const id = await start(1000);
  await app.reaches(id, 'open');
  await app.signal(id, await signed(id, 'ana'));
  const before = readFileSync(file('reviewers.yaml'), 'utf8');
  const revoked = before.replace('{ id: ana-1,', "{ id: ana-1, revoked: '2026-01-01T00:00:00.000Z',");
  writeFileSync(file('reviewers.yaml'), revoked);
  try {
    await until(
      () => Promise.resolve(log),
      (text) => text.includes('was read again'),
    );
    await app.signal(id, await signed(id, 'bo'));
    expect(await app.result(id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('revoked') as string,
    });
    expect(effectsOf(id)).toEqual([]);
  } finally {
    writeFileSync(file('reviewers.yaml'), before);
  }
});

it('a file that is wrong leaves people as they were, and says so', async () => {
  const before = readFileSync(file('reviewers.yaml'), 'utf8');
  writeFileSync(file('reviewers.yaml'), 'people: nobody');
  try {
    await until(
      () => Promise.resolve(log),
      (text) => text.includes('the one before still holds'),
    );
    const id = await start(500);
    expect(await app.reaches(id, 'open')).toMatchObject({ authentication: 'signed' });
  } finally {
    writeFileSync(file('reviewers.yaml'), before);
  }
});
