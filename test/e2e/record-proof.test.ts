/** The record's proof as an operator has it: a worker whose role may only add, on PostgreSQL, and what is said when the owner tampers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  background,
  commands,
  endGroup,
  COUNTERSIGN,
  run,
  temporaryDirectory,
  type App,
  type Ran,
} from '../support/app';
import { startDevServer, type DevServer } from '../support/dev-server';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres';

const here = hasPostgres() ? describe : describe.skip;

here('a worker whose role may only add', () => {
  const directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  let server: DevServer;
  let postgres: Postgres;
  let worker: Awaited<ReturnType<typeof background>> | undefined;
  let app: Pick<App, 'start' | 'reaches' | 'signal' | 'result'>;
  let env: NodeJS.ProcessEnv;

  const ours = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> =>
    run(process.execPath, [COUNTERSIGN, ...args], { ...env, ...more });

  beforeAll(async () => {
    [server, postgres] = await Promise.all([startDevServer(), startPostgres()]);
    env = {
      PATH: process.env['PATH'],
      HOME: directory.path,
      TEMPORAL_ADDRESS: server.address,
      COUNTERSIGN_DATA: data,
      COUNTERSIGN_STORE: postgres.url,
      NO_COLOR: '1',
    };
    const set = await ours(['setup', '--writer', 'countersign_worker']);
    expect(set).toMatchObject({ code: 0, err: '' });
    expect(set.out).toContain('The role countersign_worker may read and add entries, no more.');
    await postgres.query("ALTER ROLE countersign_worker PASSWORD 'w0rker'");
    env = { ...env, COUNTERSIGN_STORE: postgres.url.replace('postgres:s3cret', 'countersign_worker:w0rker') };
    worker = await background(['worker'], env);
    app = commands(server.address, env);
  });

  afterAll(async () => {
    if (worker !== undefined) await endGroup(worker.child, 'SIGKILL');
    await Promise.all([server.stop(), postgres.stop()]);
    directory.remove();
  });

  async function answered(id: string): Promise<void> {
    const proposal = {
      ...{ action: 'answer', args: { output: id }, title: id, rationale: 'r' },
      ...{ confidence: 1, sensitive: false },
    };
    await app.start(id, { v: 1, task: id, requester: 'svc', proposal });
    const { digest = '' } = await app.reaches(id, 'open');
    await app.signal(id, { v: 1, id: `approve-${id}`, digest, verdict: 'approve', reviewer: 'ana' });
    expect(await app.result(id)).toMatchObject({ outcome: 'approved' });
  }

  it('works as any other, tells what it stored, and its record holds beside Temporal', async () => {
    await answered('one');
    await answered('two');
    if (worker !== undefined) await endGroup(worker.child, 'SIGTERM');
    worker = undefined;
    const kinds = readFileSync(join(data, 'checkpoints.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect([kinds[0], kinds.at(-1), kinds.includes('stored')]).toEqual(['start', 'stop', true]);
    const { code, out, err } = await ours(['audit', 'verify', '--complete']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^the record holds: 2 chains, \d+ entries\n/);
    expect(out).toContain('Temporal: 2 results compared');
  });

  it('may change nothing; what the owner changes in spite of everything is told', async () => {
    const forged = "UPDATE audit_entries SET text = replace(text, 'ana', 'bo') WHERE workflow_id = 'two'";
    await expect(postgres.query(forged)).rejects.toThrow('the audit is append-only');
    await postgres.query('ALTER TABLE audit_entries DISABLE TRIGGER ALL');
    await postgres.query(forged);
    const { code, out } = await ours(['audit', 'verify', '--offline']);
    expect(code).toBe(1);
    expect(out).toMatch(/two \(first run .*\): entry \d+ was changed: its text has another hash\n/);
    expect((await ours(['audit', 'verify', 'one'])).code).toBe(0);
  });

  it('--writer is for PostgreSQL alone', async () => {
    const { code, err } = await ours(['setup', '--writer', 'w'], { COUNTERSIGN_STORE: '' });
    expect(code).toBe(2);
    expect(err).toContain('--writer is a role of PostgreSQL; COUNTERSIGN_STORE names none');
  });
});
