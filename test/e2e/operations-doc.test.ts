/** docs/operations.md, run: every block of commands in it, against a live app in the trouble that it is for. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { loadClientConfigProfile } from '@temporalio/envconfig';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { dataConverter } from '../../src/connection';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/messages';
import {
  background,
  endGroup,
  COUNTERSIGN,
  ROOT,
  run,
  startApp,
  temporalBinary,
  temporaryDirectory,
  until,
  type App,
} from '../support/app';
import { workflowBundle } from '../support/workflow-bundle';
import { historyFromJson } from '../support/workflow-history';

const PAGE = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
const BLOCK = /<!-- test: runbook ([\w-]+) -->\n+```sh\n([\s\S]*?)```/g;
const blocks = new Map([...PAGE.matchAll(BLOCK)].map(([, name = '', code = '']) => [name, code]));

const directory = temporaryDirectory();
const data = join(directory.path, 'data');
const bin = join(directory.path, 'bin');
const down = join(directory.path, 'payments-down');
let app: App;
let worker: ChildProcess | undefined;
const used = new Set<string>();

/** As an operator's shell would run it; a failing command anywhere in it ends it. */
async function runbook(name: string, env: Record<string, string> = {}): Promise<string> {
  const code = blocks.get(name);
  if (code === undefined) throw new Error(`docs/operations.md has no block named ${name}`);
  used.add(name);
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const ran = await run('bash', ['-euo', 'pipefail', '-c', code], {
    ...app.env,
    PATH: path,
    USER: 'ops',
    ...env,
  });
  if (ran.code !== 0) throw new Error(`${name} ended with ${String(ran.code)}: ${ran.err}${ran.out}`);
  return ran.out;
}

const settings = {
  COUNTERSIGN_ACTIONS: join(ROOT, 'test', 'support', 'runbook-actions.ts'),
  RUNBOOK_DIR: directory.path,
};

async function startWorker(): Promise<void> {
  worker = (await background(['worker'], { ...app.env, ...settings, COUNTERSIGN_TASK_QUEUE: 'countersign' }))
    .child;
}

async function stopWorker(): Promise<void> {
  if (worker !== undefined) await endGroup(worker, 'SIGTERM');
  worker = undefined;
}

async function open(id: string, respondWithin = '1 hour', taskQueue = 'countersign'): Promise<string> {
  const proposal = {
    action: 'row',
    args: { of: id },
    title: id,
    rationale: 'r',
    confidence: 1,
    sensitive: false,
  };
  const levels = [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin }];
  const policy = { confirmation: 'CONFIRM', levels };
  await app.start(id, { v: 1, task: id, requester: 'svc', proposal, policy }, taskQueue);
  const { digest = '' } = await app.reaches(id, 'open');
  return digest;
}

const approve = (id: string, digest: string) =>
  app.signal(id, { v: 1, id: `approve-${id}`, digest, verdict: 'approve', reviewer: 'ana' });

/** A gate that was approved, and whose effect fails for now. */
async function failing(id: string): Promise<void> {
  const digest = await open(id);
  writeFileSync(down, '');
  await approve(id, digest);
  await until(
    async () => (await app.workflow('describe', '-w', id)).out,
    (out) => out.includes('answers 503'),
  );
}

const rows = () => readFileSync(join(directory.path, 'rows'), 'utf8').trim().split('\n');
const rowsOf = (id: string) => rows().filter((row) => row.startsWith(`${id} `));

function shim(name: string, command: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

beforeAll(async () => {
  mkdirSync(bin);
  shim('temporal', `"${temporalBinary()}"`);
  shim('countersign', `"${process.execPath}" "${COUNTERSIGN}"`);
  // Its own worker serves a queue that nobody uses: the one under test can then be stopped and started.
  app = await startApp({ data, env: { ...settings, COUNTERSIGN_TASK_QUEUE: 'nobody-else' } });
  await startWorker();
  // Tasks are tried again with growing pauses, so the trouble of the last tests begins here.
  await app.start('misspelt', { v: 1 }, undefined, 'proposeAndExecut');
});

afterAll(async () => {
  if (worker !== undefined) await endGroup(worker, 'SIGKILL');
  await app.stop();
  directory.remove();
});

describe('installation', () => {
  it('install: nothing is missing', async () => {
    const out = await runbook('install', { COUNTERSIGN_TASK_QUEUE: 'countersign' });
    expect(out.match(/^ +Countersign\w+ +\w+ *$/gm)).toHaveLength(SEARCH_ATTRIBUTES.length);
  });

  it('profiles: what the temporal CLI wrote is what we read', async () => {
    const path = join(directory.path, 'temporal.toml');
    await runbook('profiles', { TEMPORAL_CONFIG_FILE: path, KEY: 'k3y' });
    const profile = (name: string) =>
      loadClientConfigProfile({ profile: name, configSource: { path }, overrideEnvVars: {} });
    expect(profile('cloud')).toMatchObject({
      address: 'eu-west-1.aws.api.temporal.io:7233',
      namespace: 'orders.a1b2c',
      apiKey: 'k3y',
    });
    expect(profile('mtls')).toMatchObject({
      address: 'orders.a1b2c.tmprl.cloud:7233',
      tls: {
        clientCert: { path: '/etc/countersign/tls.crt' },
        clientKey: { path: '/etc/countersign/tls.key' },
      },
    });
  });

  it('versioning: a version is made the current one, and a gate of an unversioned worker goes on with it', async () => {
    const env = { ...app.env, ...settings, COUNTERSIGN_TASK_QUEUE: 'versioned' };
    const before = await background(['worker'], env);
    const digest = await open('older', '1 hour', 'versioned');
    const version = { TEMPORAL_DEPLOYMENT_NAME: 'countersign', TEMPORAL_WORKER_BUILD_ID: '0.2.0' };
    const after = await background(['worker'], { ...env, ...version });
    try {
      const args = ['worker', 'deployment', 'describe', '--name', 'countersign'];
      const described = () => run(temporalBinary(), args, app.env);
      await until(described, ({ code }) => code === 0);
      await runbook('versioning', { BUILD: '0.2.0' });
      expect((await described()).out).toMatch(/CurrentVersionBuildID +0\.2\.0/);
      await endGroup(before.child, 'SIGTERM');
      await approve('older', digest);
      expect(await app.result('older')).toMatchObject({ outcome: 'executed' });
    } finally {
      await endGroup(before.child, 'SIGKILL');
      await endGroup(after.child, 'SIGTERM');
    }
  });
});

describe('a gate that waits', () => {
  it('find: it is listed, shown and described', async () => {
    const digest = await open('found');
    const out = await until(
      () => runbook('find', { W: 'found' }),
      (text) => /Running +found/.test(text),
    );
    expect(out).toContain('found  gate main  open');
    expect(out).toContain('WorkflowId            found');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('nobody: the inbox names it, the query says who is asked', async () => {
    const out = await until(
      () => runbook('nobody', { W: 'found' }),
      (text) => text.includes('anybody'),
    );
    expect(out).toMatch(/found .* anybody/);
    expect(out).toContain('"respondWithin":"1 hour"');
  });

  it('no-worker: a backlog, a signal with nothing behind it; with a worker the decision counts', async () => {
    const digest = await open('unserved');
    await stopWorker();
    await approve('unserved', digest);
    const out = await until(
      () => runbook('no-worker', { W: 'unserved' }),
      (text) => /UNVERSIONED +workflow +[1-9]/.test(text),
    );
    expect(out).toContain('LastAccessTime');
    expect(out.trimEnd()).toMatch(/WorkflowExecutionSignaled *\n.*WorkflowTaskScheduled$/);
    await startWorker();
    expect(await app.result('unserved')).toMatchObject({ outcome: 'executed' });
    expect(rowsOf('unserved')).toHaveLength(1);
  });

  it('cancel: ends in order, on record', async () => {
    await open('called-off');
    await runbook('cancel', { W: 'called-off' });
    expect(await app.result('called-off')).toMatchObject({ outcome: 'cancelled' });
    expect((await app.countersign('audit', 'show', 'called-off')).out).toMatch(/closed .*cancelled/);
  });

  it('terminate: of an open gate nothing is on record', async () => {
    await open('ended');
    await runbook('terminate', { W: 'ended' });
    const last = (await app.history('ended')).at(-1);
    expect(last?.eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED');
    expect((await app.countersign('audit', 'show', 'ended')).err).toContain('NOT_FOUND');
  });
});

describe('a gate that was approved', () => {
  it('store: waits for it, says so, and goes on by itself', async () => {
    const digest = await open('unrecorded');
    const store = createClient({ url: `file:${join(data, 'countersign.db')}` });
    try {
      await store.execute('ALTER TABLE audit_entries RENAME TO away');
      await approve('unrecorded', digest);
      const out = await until(
        () => runbook('store', { W: 'unrecorded' }),
        (text) => text.includes('does not answer') && /Running +unrecorded/.test(text),
      );
      expect(out).toContain('unrecorded  gate main  approved');
      expect(existsSync(join(directory.path, 'rows')) ? rowsOf('unrecorded') : []).toEqual([]);
      await store.execute('ALTER TABLE away RENAME TO audit_entries');
    } finally {
      store.close();
    }
    expect(await app.result('unrecorded')).toMatchObject({ outcome: 'executed' });
  });

  it('effect: why it fails, paused, and tried again; once it works there is one effect', async () => {
    await failing('tried');
    const out = await runbook('effect', { W: 'tried' });
    expect(out).toContain('the payment service answers 503');
    rmSync(down);
    expect(await app.result('tried')).toMatchObject({ outcome: 'executed' });
    expect(rowsOf('tried')).toHaveLength(1);
  });

  it('give-up: the next failure is the last, and is on record', async () => {
    await failing('given-up');
    await runbook('give-up', { W: 'given-up' });
    const failed = { outcome: 'failed', reason: expect.stringContaining('answers 503') as string };
    expect(await app.result('given-up')).toMatchObject(failed);
    expect((await app.countersign('audit', 'show', 'given-up')).out).toMatch(/closed .*failed/);
    rmSync(down);
  });

  it('complete: the effect is not said to have happened, and the record says that somebody else ended it', async () => {
    await failing('by-hand');
    await runbook('complete', { W: 'by-hand' });
    expect(await app.result('by-hand')).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^COMPLETED_BY_HAND: /) as string,
    });
    const { out } = await app.countersign('audit', 'show', 'by-hand');
    expect(out).toContain('completed-by-hand');
    expect(out).not.toContain('ops');
    expect(rowsOf('by-hand')).toEqual([]);
    rmSync(down);
  });

  it('reset: under the same digest and key it has no second effect', async () => {
    const digest = await open('again');
    await approve('again', digest);
    await app.result('again');
    await runbook('reset', { W: 'again' });
    expect(await app.result('again')).toMatchObject({ outcome: 'executed', digest });
    expect(rowsOf('again')).toHaveLength(1);
    expect((await app.countersign('audit', 'show', 'again')).out).toMatch(
      /the chain holds: .* more branch off/,
    );
  });

  it('proof: the record of all of this holds, beside checkpoints and beside Temporal, and is exported whole', async () => {
    const out = await runbook('proof', { TO: directory.path });
    expect(out).toMatch(/^the record holds: \d+ chains, \d+ entries \(\d+ of them branch off/);
    expect(out).toMatch(
      /Temporal: [1-9]\d* results compared; \d+ still open, \d+ ended without a result, 0 not known/,
    );
    const exported = readFileSync(join(directory.path, 'record.jsonl'), 'utf8').trimEnd().split('\n');
    expect(out).toContain(`${String(exported.length)} entries`);
  });

  it('history: what was saved replays', async () => {
    await runbook('history', { W: 'again', TO: directory.path });
    const history = historyFromJson(JSON.parse(readFileSync(join(directory.path, 'again.json'), 'utf8')));
    Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
    const options = { workflowBundle: await workflowBundle(), dataConverter };
    await expect(Worker.runReplayHistory(options, history, 'again')).resolves.toBeUndefined();
  });
});

describe('a workflow task that fails', () => {
  it('monitoring: each trouble is counted', async () => {
    await failing('stuck');
    await until(
      async () => (await app.workflow('list', '--query', 'TemporalReportedProblems IS NOT NULL')).out,
      (out) => out.includes('misspelt'),
      90_000, // the server reports it after five attempts
    );
    await open('overdue', '10 seconds');
    await stopWorker();
    const out = await until(
      () => runbook('monitoring'),
      (text) => text.match(/Total: 1/g)?.length === 4,
    );
    // Nothing is queued: no limit is set.
    expect(out.match(/Total: \d+/g)).toEqual(['Total: 1', 'Total: 0', 'Total: 1', 'Total: 1', 'Total: 1']);
    rmSync(down);
    await startWorker();
    expect(await app.result('overdue')).toMatchObject({ outcome: 'expired' });
  });

  it('task: how often it was tried, and why it fails', async () => {
    const out = await runbook('task', { W: 'misspelt' });
    expect(out).toMatch(/"attempt": [1-9]/);
    expect(out).toContain('no such function is exported by the workflow bundle');
    expect((await app.countersign('show', 'misspelt')).err).toContain('WORKFLOW_STUCK');
  });

  it('misspelt: it is ended', async () => {
    await runbook('misspelt', { W: 'misspelt' });
    const { out } = await app.workflow('describe', '-w', 'misspelt', '-o', 'json');
    expect(out).toContain('WORKFLOW_EXECUTION_STATUS_TERMINATED');
  });
});

it('every block of commands in the page was run, and every other says why not', () => {
  expect([...blocks.keys()].sort()).toEqual([...used].sort());
  const fences = [...PAGE.matchAll(/^```sh$/gm)].length;
  const excused = [...PAGE.matchAll(/<!-- not tested: \S.*-->\n+```sh/g)].length;
  expect(fences).toBe(blocks.size + excused);
});
