/** `countersign reconcile`, as a child process against a real server: now, on a schedule, and where the store was tampered with. */
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import type { Reconciled } from '../../src/client';
import { startApp, temporaryDirectory, until, type App } from '../support/app';

let app: App;
const directory = temporaryDirectory();

beforeAll(async () => {
  app = await startApp({ data: directory.path });
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

const answer = (id: string) =>
  app.start(id, { v: 1, task: 'answer: yes', requester: 'rita', policy: POLICY });
const POLICY = {
  confirmation: 'INFO',
  levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 hour' }],
};

async function report(): Promise<{ code: number; found: Reconciled }> {
  const { code, out } = await app.countersign('reconcile', '--json');
  return { code, found: JSON.parse(out.split('\n')[0] ?? '') as Reconciled };
}

it('says that all of it agrees, then what does not, with exit 1', async () => {
  await answer('agrees');
  await app.result('agrees');
  const { found } = await until(report, ({ found: { checked } }) => checked >= 1, 60_000);
  expect(found).toMatchObject({ ended: 0, explained: 0, mismatches: [] });
  const database = createClient({ url: `file:${join(directory.path, 'countersign.db')}` });
  for (const { name } of (await database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    .rows)
    await database.execute(`DROP TRIGGER ${String(name)}`);
  await database.execute("DELETE FROM audit_entries WHERE workflow_id = 'agrees' AND seq > 2");
  database.close();
  const after = await report();
  expect(after).toMatchObject({
    code: 1,
    found: { mismatches: [expect.stringMatching(/^agrees: .*the store has 2$/)] },
  });
  const { code, err } = await app.countersign('reconcile');
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('1 does not match the store') });
}, 120_000);

it('runs on a schedule of Temporal’s, whose interval can be changed, until it is stopped', async () => {
  const scheduled = async (...args: string[]) =>
    JSON.parse((await app.countersign('reconcile', ...args, '--json')).out) as unknown;
  expect(await scheduled('--every', '1 hour')).toEqual({ scheduleId: 'countersign-reconcile' });
  expect(await scheduled('--every', '1 minute')).toEqual({ scheduleId: 'countersign-reconcile' });
  await until(
    () =>
      app.workflow(
        'list',
        '--query',
        "WorkflowType = 'reconcile' AND WorkflowId STARTS_WITH 'countersign-reconcile'",
        '-o',
        'json',
      ),
    ({ out }) => out.includes('countersign-reconcile'),
    90_000,
  );
  expect(await scheduled('--stop')).toEqual({ stopped: true });
  expect(await scheduled('--stop')).toEqual({ stopped: false });
  expect(await app.countersign('reconcile', '--stop', '--every', '1 hour')).toMatchObject({ code: 2 });
}, 120_000);
