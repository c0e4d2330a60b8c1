/** The second day: set-up, doctor, health, drain, versions, each as an operator has it, against a bare server. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/connection';
import { checkClock } from '../../src/doctor/server';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/messages';
import {
  background,
  commands,
  ended,
  endGroup,
  COUNTERSIGN,
  run,
  temporalBinary,
  temporaryDirectory,
  until,
} from '../support/app';
import { startDevServer, type DevServer } from '../support/dev-server';
import { hasPostgres, startPostgres } from '../support/postgres';

const ACTIONS = join(__dirname, '..', 'support', 'drain-actions.ts');
const directory = temporaryDirectory();
const workers: ChildProcess[] = [];
let server: DevServer;

beforeAll(async () => {
  server = await startDevServer();
});

afterAll(async () => {
  for (const child of workers) await endGroup(child, 'SIGKILL');
  await server.stop();
  directory.remove();
});

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: directory.path,
  TEMPORAL_ADDRESS: server.address,
  COUNTERSIGN_DATA: join(directory.path, 'data'),
  COUNTERSIGN_ACTIONS: ACTIONS,
  DRAIN_TEST_DIR: directory.path,
  NO_COLOR: '1',
  ...more,
});
const ours = (args: readonly string[], env = environment()) =>
  run(process.execPath, [COUNTERSIGN, ...args], env);
const temporal = async (...args: string[]) => {
  const ran = await run(temporalBinary(), [...args, '--address', server.address]);
  if (ran.code !== 0) throw new Error(ran.err || ran.out);
  return ran.out;
};

async function startWorker(
  args: readonly string[] = [],
  more: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; ready: Record<string, unknown>; said: () => string }> {
  const started = await background(['worker', '--health-port', '0', ...args], environment(more));
  workers.push(started.child);
  let err = '';
  started.child.stderr?.on('data', (chunk: string) => (err += chunk));
  return { ...started, said: () => err };
}

async function probe(
  ready: Record<string, unknown>,
  path: string,
): Promise<[number, Record<string, unknown>]> {
  const response = await fetch(`${String(ready['health'])}${path}`);
  return [response.status, (await response.json()) as Record<string, unknown>];
}

interface Check {
  readonly name: string;
  readonly status: string;
  readonly says: string;
  readonly mend?: string[];
}
async function doctor(
  env = environment(),
  ...args: string[]
): Promise<{ code: number; checks: Map<string, Check> }> {
  const { code, out, err } = await ours(['doctor', '--json', ...args], env);
  if (!out) throw new Error(err);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { code, checks: new Map(checks.map((check) => [check.name, check])) };
}
const statuses = (checks: Map<string, Check>) =>
  Object.fromEntries([...checks].map(([name, { status }]) => [name, status]));

const argument = (name: string) => ({
  v: 1,
  task: name,
  requester: 'svc',
  proposal: {
    action: 'until-told',
    args: { name },
    title: name,
    rationale: 'r',
    confidence: 1,
    sensitive: false,
  },
  policy: {
    confirmation: 'CONFIRM',
    levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '1 hour' }],
  },
});

/** Approved and running: its file is there. */
async function underWay(name: string): Promise<ReturnType<typeof commands>> {
  const app = commands(server.address, environment());
  await app.start(name, argument(name));
  const { digest } = await app.reaches(name, 'open');
  await app.signal(name, { v: 1, id: 'd1', digest, verdict: 'approve', reviewer: 'bo' });
  await until(
    () => Promise.resolve(existsSync(join(directory.path, `${name}.started`))),
    (there) => there,
  );
  return app;
}
const mayEnd = (name: string) => writeFileSync(join(directory.path, `${name}.may-end`), '');

describe('setup and doctor', () => {
  it('a bare server: doctor names what is missing and its mend; setup adds it; a second setup changes nothing', async () => {
    const before = await doctor();
    expect(before.code).toBe(1);
    expect(statuses(before.checks)).toEqual({
      node: 'ok',
      temporal: 'ok',
      namespace: 'ok',
      attributes: 'fail',
      worker: 'fail',
      clock: 'ok',
      store: 'ok',
      model: 'ok',
      actions: 'ok',
      policy: 'ok',
      reviewers: 'ok',
      gone: 'ok',
      keys: 'ok',
      revoked: 'ok',
      'actions file': expect.stringMatching(/^(?:ok|warn)$/) as string, // as this clone lies
    });
    expect(before.checks.get('attributes')?.mend).toEqual([
      `countersign setup --address ${server.address} --namespace default`,
    ]);
    expect(before.checks.get('worker')?.mend).toEqual([
      `countersign worker --address ${server.address} --namespace default`,
    ]);
    expect(before.checks.get('actions')?.says).toContain('until-told');
    expect(before.checks.get('store')?.says).toContain('not there yet');

    const first = await ours(['setup']);
    expect(first.code).toBe(0);
    expect(first.out.match(/\badded$/gm)).toHaveLength(SEARCH_ATTRIBUTES.length);
    const second = await ours(['setup', '--json']);
    expect(second.code).toBe(0);
    const { ok, attributes } = JSON.parse(second.out) as { ok: boolean; attributes: { state: string }[] };
    expect(ok).toBe(true);
    expect(attributes.map(({ state }) => state)).toEqual(SEARCH_ATTRIBUTES.map(() => 'there'));
    const after = await doctor();
    expect(after.checks.get('attributes')?.status).toBe('ok');
    expect(after.checks.get('store')?.says).toContain('takes entries');
    for (const name of ['store file', 'data directory'])
      expect(after.checks.get(name)).toMatchObject({
        status: 'ok',
        says: expect.stringContaining('alone can write'),
      });
  });

  it('an attribute of another type is not taken for ours', async () => {
    await temporal('operator', 'namespace', 'create', '--namespace', 'other');
    await until(
      () =>
        run(temporalBinary(), [
          'operator',
          'search-attribute',
          'create',
          '--name',
          'CountersignRisk',
          '--type',
          'Int',
          '--namespace',
          'other',
          '--address',
          server.address,
        ]),
      ({ code }) => code === 0,
    );
    const ran = await ours(['setup', '--namespace', 'other']);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/CountersignRisk +Keyword +OF ANOTHER TYPE/);
    expect(ran.err).toContain('search-attribute remove');
    const { code, checks } = await doctor(environment(), '--namespace', 'other');
    expect(code).toBe(1);
    expect(checks.get('attributes')?.says).toContain('CountersignRisk is of another type');
    expect(checks.get('attributes')?.mend?.join('\n')).toContain('create');
  });

  it('no server: exit 3, and everything that needs none is looked at all the same', async () => {
    const { code, checks } = await doctor(
      environment({ COUNTERSIGN_ACTIONS: './not-there.ts' }),
      '--address',
      '127.0.0.1:1',
    );
    expect(code).toBe(3);
    expect(statuses(checks)).toMatchObject({ temporal: 'fail', store: 'ok', model: 'ok', actions: 'fail' });
    expect(checks.get('temporal')?.says).toBe('no server answers at 127.0.0.1:1');
    expect(checks.get('actions')?.says).toMatch(/not-there\.ts is not there/);
  });

  it('no namespace, no store: both are told, each with its mend, and no password', async () => {
    const env = environment({ COUNTERSIGN_STORE: 'postgresql://app:hush-hush@127.0.0.1:1/audit' });
    const { code, checks } = await doctor(env, '--namespace', 'nowhere');
    expect(code).toBe(1);
    expect(statuses(checks)).toMatchObject({
      temporal: 'ok',
      namespace: 'fail',
      store: 'fail',
      actions: 'ok',
      policy: 'ok',
      reviewers: 'ok',
    });
    expect(checks.get('namespace')?.mend?.[0]).toContain('temporal operator namespace create');
    expect(checks.get('store')?.says).toContain('PostgreSQL at 127.0.0.1:1/audit');
    expect(JSON.stringify([...checks])).not.toContain('hush-hush');
  });

  it('a clock that is off is told, in either direction', async () => {
    const connected = await connect({ address: server.address });
    try {
      expect(await checkClock(connected)).toMatchObject({ status: 'ok' });
      expect(await checkClock(connected, () => Date.now() - 20_000)).toMatchObject({
        status: 'warn',
        says: expect.stringMatching(/ (?:19|20) s behind the server/) as string,
        mend: [expect.stringContaining('NTP') as string],
      });
      expect(await checkClock(connected, () => Date.now() + 60_000)).toMatchObject({
        status: 'warn',
        says: expect.stringMatching(/ (?:59|60) s ahead of the server/) as string,
      });
    } finally {
      await connected.connection.close();
    }
  });
});

describe('a worker', () => {
  it('told to stop, takes no new work, is unready at once, and ends what runs first', async () => {
    const { child, ready, said } = await startWorker();
    expect(await probe(ready, '/readyz')).toEqual([200, { status: 'ok' }]);
    expect(await probe(ready, '/healthz')).toEqual([200, { status: 'ok' }]);
    expect((await probe(ready, '/metrics'))[0]).toBe(404);
    expect((await doctor()).code).toBe(0);
    const app = await underWay('drains');
    child.kill('SIGTERM');
    await until(
      () => Promise.resolve(said()),
      (text) => text.includes('Waiting up to 30 s for 1 activity'),
    );
    expect(await probe(ready, '/readyz')).toEqual([
      503,
      { status: 'unavailable', reason: 'the worker takes no new work: it stops' },
    ]);
    expect((await probe(ready, '/healthz'))[0]).toBe(200);
    mayEnd('drains');
    await ended(child);
    expect(child.exitCode).toBe(0);
    const next = await startWorker();
    expect(await app.result('drains')).toMatchObject({ outcome: 'executed', result: { told: 'drains' } });
    const started = (await app.history('drains')).filter(({ eventType }) =>
      eventType.includes('ACTIVITY_TASK_STARTED'),
    );
    expect(started).toHaveLength(1);
    await endGroup(next.child, 'SIGTERM');
  });

  it('does not wait for ever: for the drain, or for a second signal', async () => {
    const patient = await startWorker(['--drain', '1s']);
    await underWay('deaf-1');
    patient.child.kill('SIGTERM');
    await ended(patient.child);
    expect(patient.child.exitCode).toBe(0);
    expect(patient.said()).toContain('1 activity did not end');

    const hurried = await startWorker(['--drain', '10m']);
    await underWay('deaf-2');
    hurried.child.kill('SIGTERM');
    await until(
      () => Promise.resolve(hurried.said()),
      (text) => text.includes('Waiting up to 600 s'),
    );
    hurried.child.kill('SIGTERM');
    await ended(hurried.child);
    expect(hurried.child.exitCode).toBe(0);
    for (const name of ['deaf-1', 'deaf-2']) await temporal('workflow', 'terminate', '-w', name);
  });

  it('whose health port is taken says so', async () => {
    const { child, ready } = await startWorker();
    const { port } = new URL(String(ready['health']));
    const ran = await ours(['worker', '--health-port', port]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`the health port 127.0.0.1:${port} cannot be opened (EADDRINUSE)`);
    await endGroup(child, 'SIGTERM');
  });

  it('that has lost its server, or its store, is unready and says which; it lives on', async () => {
    const own = await startDevServer();
    const postgres = hasPostgres() ? await startPostgres() : undefined;
    const { child, ready } = await startWorker(['--address', own.address], {
      ...(postgres === undefined ? {} : { COUNTERSIGN_STORE: postgres.url }),
    });
    expect((await probe(ready, '/readyz'))[0]).toBe(200);
    if (postgres !== undefined) {
      await postgres.stop();
      const [, { reason }] = await until(
        () => probe(ready, '/readyz'),
        ([status]) => status === 503,
      );
      expect(reason).toMatch(/^audit store: .*127\.0\.0\.1/);
      expect(reason).not.toContain('s3cret');
    }
    await own.stop();
    await until(
      () => probe(ready, '/readyz'),
      ([status, { reason }]) => status === 503 && String(reason).includes(`Temporal at ${own.address}`),
    );
    expect((await probe(ready, '/healthz'))[0]).toBe(200);
    await endGroup(child, 'SIGKILL');
  });

  it('of a version gets no work until that is the current one, then it does', async () => {
    const versioned = {
      TEMPORAL_DEPLOYMENT_NAME: 'countersign',
      TEMPORAL_WORKER_BUILD_ID: 'build-7',
      COUNTERSIGN_TASK_QUEUE: 'versioned',
    };
    const child = spawn(process.execPath, [COUNTERSIGN, 'worker'], {
      env: environment(versioned),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    workers.push(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    await until(
      () => Promise.resolve(said),
      (text) => text.includes('set-current-version'),
    );
    const command = /temporal (worker deployment set-current-version .*)/.exec(said)?.[1] ?? '';
    await temporal(
      ...['workflow', 'start', '--type', 'proposeAndExecute', '--task-queue', 'versioned', '-w', 'versioned'],
      ...['--input', JSON.stringify(argument('versioned'))],
    );
    const { checks } = await until(
      () => doctor(environment(versioned)),
      (found) => found.checks.get('worker')?.says.includes('build-7') === true,
    );
    expect(checks.get('worker')?.status).toBe('fail');
    const app = commands(server.address, environment());
    expect((await app.history('versioned')).map(({ eventType }) => eventType)).toEqual([
      'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
      'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
    ]);
    await until(
      () => run(temporalBinary(), [...command.split(' '), '--yes']),
      ({ code }) => code === 0,
    );
    await app.reaches('versioned', 'open');
    expect((await doctor(environment(versioned))).checks.get('worker')?.status).toBe('ok');
    const described = await temporal('workflow', 'describe', '-w', 'versioned', '-o', 'json');
    expect(described).toMatch(/"behavior": "VERSIONING_BEHAVIOR_AUTO_UPGRADE"/);
    child.kill('SIGTERM');
    await ended(child);
    expect(child.exitCode).toBe(0);
  });
});
