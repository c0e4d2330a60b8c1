/** Our variables hold a database's password and a key's passphrase: own actions and what they start inherit none of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { background, commands, endGroup, ROOT, startApp, temporaryDirectory, type App } from '../support/app';

let app: App;
const directory = temporaryDirectory();
const file = join(directory.path, 'loaded');
const OURS = {
  COUNTERSIGN_ACTIONS: join(ROOT, 'test', 'support', 'environment-actions.ts'),
  COUNTERSIGN_KEY_PASSPHRASE: 'correct horse',
  COUNTERSIGN_LESSONS: '2',
  ENVIRONMENT_TEST_FILE: file,
};
const NONE = { loaded: '', seen: '', child: '', own: true };
const proposal = {
  ...{ action: 'environment', args: {}, title: 'Look around', rationale: '' },
  ...{ confidence: 1, sensitive: false },
};

beforeAll(async () => {
  app = await startApp({ data: directory.path, env: OURS });
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

async function ran(workflowId: string, queue: string): Promise<{ preview: unknown; result: unknown }> {
  await app.start(workflowId, { v: 1, task: 'look', requester: 'rita', proposal }, queue);
  const { preview, digest } = await app.reaches(workflowId, 'open');
  await app.signal(workflowId, { v: 1, id: '1', digest, verdict: 'approve', reviewer: 'ana' });
  const { result } = await app.result(workflowId);
  return { preview, result };
}

test('under dev: neither as the module is loaded, nor in a preview, nor as it runs', async () => {
  expect(await ran('under-dev', 'countersign')).toEqual({ preview: { seen: '', child: '' }, result: NONE });
});

test('the server that dev starts inherits none either', () => {
  const { server } = JSON.parse(readFileSync(join(directory.path, 'server.pid'), 'utf8')) as {
    server: number;
  };
  const names = readFileSync(`/proc/${String(server)}/environ`, 'utf8').split('\0');
  expect(names.length).toBeGreaterThan(1);
  expect(names.filter((name) => name.startsWith('COUNTERSIGN_'))).toEqual([]);
});

test('under worker, which has read all of them', async () => {
  const env = {
    ...app.env,
    COUNTERSIGN_TASK_QUEUE: 'other',
    COUNTERSIGN_DATA: join(directory.path, 'other'),
  };
  const { child, ready } = await background(['worker'], env);
  try {
    expect(ready).toMatchObject({ taskQueue: 'other' });
    expect(await ran('under-worker', 'other')).toEqual({ preview: { seen: '', child: '' }, result: NONE });
  } finally {
    await endGroup(child, 'SIGTERM');
  }
});

test('under doctor, which loads them, too', async () => {
  const before = readFileSync(file, 'utf8');
  const { out } = await commands(app.address, app.env).countersign('doctor', '--json');
  const said = (JSON.parse(out) as { checks: { name: string; says: string }[] }).checks;
  expect(said.find(({ name }) => name === 'actions')?.says).toContain('environment-actions.ts: environment;');
  const loads = readFileSync(file, 'utf8').slice(before.length).trimEnd().split('\n');
  expect(loads.map((line) => JSON.parse(line) as unknown)).toEqual([{ loaded: '', child: '' }]);
});
