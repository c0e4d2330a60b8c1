/** What is killed and started again: proposals that wait, an effect that was done but not yet said, late decisions. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import {
  COUNTERSIGN,
  background,
  endGroup,
  ended,
  startApp,
  temporalBinary,
  temporaryDirectory,
  until,
  type App,
} from '../support/app';

const ACTIONS = join(__dirname, '..', 'support', 'kill-actions.ts');
const directories: { remove(): void }[] = [];
const apps: App[] = [];

afterAll(async () => {
  for (const app of apps) await app.stop('SIGKILL');
  for (const directory of directories) directory.remove();
});

function directory(): string {
  const made = temporaryDirectory();
  directories.push(made);
  return made.path;
}

async function start(data: string): Promise<App> {
  const app = await startApp({ data, env: { COUNTERSIGN_ACTIONS: ACTIONS, KILL_TEST_DIR: data } });
  apps.push(app);
  return app;
}

const argument = (n: number, respondWithin = '1 hour', action = 'row') => ({
  v: 1,
  task: `row ${String(n)}`,
  requester: 'svc',
  proposal: {
    action,
    args: { n },
    title: `Row ${String(n)}`,
    rationale: 'r',
    confidence: 1,
    sensitive: false,
  },
  policy: {
    confirmation: 'CONFIRM',
    levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin }],
  },
});
const approve = (digest: string | undefined, id: string) => ({
  v: 1,
  id,
  digest,
  verdict: 'approve',
  reviewer: 'ana',
});

async function table(data: string, name: 'rows' | 'attempts'): Promise<number[]> {
  const client = createClient({ url: `file:${join(data, 'rows.db')}` });
  const { rows } = await client.execute(`select n from ${name} order by n`);
  client.close();
  return rows.map((row) => Number(row['n']));
}

describe('countersign dev', () => {
  it('killed with its whole group while ten proposals wait, forgets none: each is decided, each has one effect', async () => {
    const data = directory();
    const ids = Array.from({ length: 10 }, (_, n) => `waits-${String(n)}`);
    const before = await start(data);
    await Promise.all(ids.map((id, n) => before.start(id, argument(n))));
    const digests = new Map<string, string | undefined>();
    for (const id of ids) digests.set(id, (await before.reaches(id, 'open')).digest);
    await before.stop('SIGKILL');

    const after = await start(data);
    const inbox = async () =>
      JSON.parse((await after.countersign('inbox', '--json')).out) as {
        workflowId: string;
        title?: string;
      }[];
    const waiting = await until(inbox, (items) => items.length === 10);
    expect(waiting.map(({ workflowId }) => workflowId).sort()).toEqual(ids);
    expect(waiting.map(({ title }) => title).sort()).toEqual(ids.map((_, n) => `Row ${String(n)}`));
    for (const id of ids) await after.signal(id, approve(digests.get(id), `d-${id}`));
    for (const id of ids)
      expect(await after.result(id)).toMatchObject({ outcome: 'executed', digest: digests.get(id) });
    expect(await table(data, 'rows')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await after.stop();
  });

  it('orphans a server when only its own process is killed, and the next start stops that server', async () => {
    const data = directory();
    const before = await start(data);
    await before.start('orphaned', argument(1));
    const { digest } = await before.reaches('orphaned', 'open');
    before.child.kill('SIGKILL');
    await ended(before.child);
    const after = await start(data);
    await after.signal('orphaned', approve(digest, 'd1'));
    expect(await after.result('orphaned')).toMatchObject({ outcome: 'executed' });
    await after.stop();
  });

  it('tries again where the server loses one of its own ports to somebody quicker', async () => {
    const data = directory();
    const fake = join(data, 'temporal');
    const lines = [
      '#!/bin/sh',
      `if [ "$1" = server ] && [ ! -e "${data}/tried" ]; then touch "${data}/tried"; echo "panic: address in use"; exit 2; fi`,
      `exec "${temporalBinary()}" "$@"`,
    ];
    writeFileSync(fake, `${lines.join('\n')}\n`, { mode: 0o755 });
    const app = await startApp({ data, env: { TEMPORAL_CLI_PATH: fake } });
    apps.push(app);
    expect(existsSync(join(data, 'tried'))).toBe(true);
    expect((await app.countersign('inbox')).out).toBe('Nothing waits.\n');
    await app.stop();
  });

  it('told to stop while it starts, leaves no server behind', async () => {
    const data = directory();
    const env = { ...process.env, COUNTERSIGN_DATA: data };
    const child = spawn(process.execPath, [COUNTERSIGN, 'dev', '--port', '0', '--headless', '--data', data], {
      env,
      stdio: 'ignore',
    });
    const pidFile = join(data, 'server.pid');
    await until(
      async () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '',
      (there) => there,
    );
    const { server } = JSON.parse(readFileSync(pidFile, 'utf8')) as { server: number };
    child.kill('SIGTERM');
    await ended(child);
    expect(() => process.kill(server, 0)).toThrow(/ESRCH/);
    expect(existsSync(pidFile)).toBe(false);
  });

  it('refuses a data directory that a living one holds', async () => {
    const data = directory();
    const app = await start(data);
    await expect(startApp({ data })).rejects.toThrow(/runs on this data directory already/);
    await app.stop();
  });
});

describe('a worker', () => {
  it.each([
    ['its completion', 'row'],
    ['the end of the workflow task it is in', 'row-at-once'],
  ])(
    'killed between the effect and %s: the effect is asked for twice, and there is one row',
    async (_, action) => {
      const data = directory();
      const app = await start(data);
      await app.start('dies', argument(1, '1 hour', action));
      const { digest } = await app.reaches('dies', 'open');
      writeFileSync(join(data, 'die-after-effect'), '');
      await app.signal('dies', approve(digest, 'd1'));
      await ended(app.child); // the worker lives in dev's process
      const again = await start(data);
      expect(await again.result('dies')).toMatchObject({ outcome: 'executed', result: { n: 1 } });
      expect(await table(data, 'attempts')).toEqual([1, 1]);
      expect(await table(data, 'rows')).toEqual([1]);
      const record = await again.countersign('audit', 'show', 'dies');
      expect(record.code).toBe(0);
      expect(record.out).toContain('the chain holds: 6 entries');
      // What the attempt that was killed had stored is still there, and said to be.
      expect(record.out.includes('2 more branch off')).toBe(action === 'row-at-once');
      await again.stop();
    },
  );

  it('away while a deadline passes: what the server received before it counts, what came after it does not', async () => {
    const data = directory();
    const env = { COUNTERSIGN_ACTIONS: ACTIONS, KILL_TEST_DIR: data };
    const app = await startApp({ data, env: { ...env, COUNTERSIGN_TASK_QUEUE: 'nobody-else' } });
    apps.push(app);
    const worker = () =>
      background(['worker'], { ...app.env, ...env, COUNTERSIGN_TASK_QUEUE: 'countersign' });
    const first = await worker();
    await app.start('in-time', argument(1, '4s'));
    await app.start('too-late', argument(2, '4s'));
    const inTime = await app.reaches('in-time', 'open');
    const tooLate = await app.reaches('too-late', 'open');
    await endGroup(first.child, 'SIGKILL');
    await app.signal('in-time', approve(inTime.digest, 'd1'));
    const delivered = await app.countersign(
      'comment',
      'in-time',
      '--digest',
      inTime.digest ?? '',
      '--reviewer',
      'bo',
      '--comment',
      'hm',
      '--timeout',
      '1',
      '--json',
    );
    expect(JSON.parse(delivered.out)).toMatchObject({
      status: 'delivered',
      message: expect.stringContaining('not yet confirmed') as string,
    });
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, Date.parse(tooLate.deadline ?? '') - Date.now() + 500)),
    );
    await app.signal('too-late', approve(tooLate.digest, 'd2'));
    const second = await worker();
    expect(await app.result('in-time')).toMatchObject({ outcome: 'executed' });
    expect(await app.result('too-late')).toMatchObject({ outcome: 'expired' });
    expect(await app.receipt('too-late', 'd2')).toMatchObject({ status: 'refused', code: 'DEADLINE_PASSED' });
    expect(await table(data, 'rows')).toEqual([1]);
    await endGroup(second.child, 'SIGTERM');
    await app.stop();
  });
});
