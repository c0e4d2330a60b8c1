/** The story of examples/release, as its README tells it; what it claims is read from the database and the records. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import type { PlanResult } from '../../src/workflows/types/multi-step-approval';
import { ROOT, run, startApp, temporaryDirectory, until, type App, type Ran } from '../support/app';

const FOLDER = join(ROOT, 'examples', 'release');
const directory = temporaryDirectory();
const file = join(directory.path, 'release.db');
let app: App;
let told: Ran;

beforeAll(async () => {
  const env = { RELEASE_DB: file, COUNTERSIGN_ACTIONS: join(FOLDER, 'actions.ts') };
  app = await startApp({ data: directory.path, env });
  told = await run(process.execPath, ['--import', 'tsx', join(FOLDER, 'story.ts')], app.env);
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

const plan = async (id: string) => (await app.result(id)) as unknown as PlanResult;

function rows(sql: string): unknown[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).raw().all();
  } finally {
    database.close();
  }
}

/** Who said what of which step, in order. */
function said({ steps, decisions }: PlanResult): string[] {
  return decisions.map(({ digest, reviewer, verdict }) => {
    const step = steps.find((one) => one.digest === digest);
    return `${reviewer} ${verdict} ${step?.name ?? 'nothing'}`;
  });
}

test('the story comes to its end, and says so', () => {
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(told.out).toContain('taken back: deploy, migrate');
  expect(told.out).toContain('the plan is completed: executed');
});

test('the third step is rejected, and what was done is taken back', async () => {
  const result = await plan('release-1');
  expect(result).toMatchObject({
    outcome: 'rejected',
    completed: false,
    approvals: [true, true, false],
    steps: [
      {
        name: 'migrate',
        outcome: 'executed',
        undo: { outcome: 'executed', workflowId: 'release-1/undo/migrate' },
      },
      {
        name: 'deploy',
        outcome: 'executed',
        undo: { outcome: 'executed', workflowId: 'release-1/undo/deploy' },
      },
      { name: 'traffic', outcome: 'rejected' },
    ],
  });
  expect(said(result)).toEqual(['ana approve migrate', 'bo approve deploy', 'bo reject traffic']);
});

test('the second time everybody says yes, both of them to the traffic', async () => {
  const result = await plan('release-2');
  expect(result).toMatchObject({ outcome: 'executed', completed: true, approvals: [true, true, true] });
  expect(result.steps.map(({ undo }) => undo)).toEqual([undefined, undefined, undefined]);
  expect(said(result)).toEqual([
    'ana approve migrate',
    'bo approve deploy',
    'bo approve traffic',
    'ana approve traffic',
  ]);
});

test('each effect once, in this order: the old version came back before its column went', () => {
  expect(rows('SELECT version, orders_had FROM deployments ORDER BY rowid')).toEqual([
    ['2.3.9', 'id, item'],
    ['2.4.0', 'id, item, gift_note'],
    ['2.3.9', 'id, item, gift_note'],
    ['2.4.0', 'id, item, gift_note'],
  ]);
  expect(rows('SELECT workflow_id FROM countersign_effects ORDER BY rowid')).toEqual([
    ['release-1'], // migrate
    ['release-1'], // and back
    ['release-2'], // migrate
    ['release-2'], // traffic
  ]);
  expect(rows('SELECT region, version FROM traffic')).toEqual([['eu-west', '2.4.0']]);
  expect(rows("SELECT name FROM pragma_table_info('orders')")).toEqual([['id'], ['item'], ['gift_note']]);
});

test.each(['release-1', 'release-1/undo/deploy', 'release-2/traffic'])(
  'the record of %s holds',
  async (id) => {
    expect((await app.countersign('audit', 'show', id)).out).toContain('the chain holds');
  },
);

test('one yes of two switches nothing, and neither does a misspelt phrase', async () => {
  const input = readFileSync(join(FOLDER, 'plan.json'), 'utf8');
  const { steps, ...rest } = JSON.parse(input) as { steps: object[] };
  await app.start('release-3', { ...rest, steps: steps.slice(2) }, 'countersign', 'multiStepApproval');
  const { digest = '' } =
    (await until(
      () => app.gate('release-3/traffic').catch(() => undefined),
      (gate) => gate?.status === 'open',
    )) ?? {};
  const approve = (reviewer: string, phrase: string) =>
    app.countersign(
      'approve',
      'release-3/traffic',
      '--reviewer',
      reviewer,
      '--phrase',
      phrase,
      '--digest',
      digest,
      '--json',
    );
  expect((await approve('ana', 'switch eu-west')).out).toContain('PHRASE_MISMATCH');
  expect(await approve('ana', 'SWITCH eu-west')).toMatchObject({ code: 0 });
  expect(await app.gate('release-3/traffic')).toMatchObject({
    status: 'open',
    signatures: [{ reviewer: 'ana' }],
  });
  expect(rows("SELECT count(*) FROM countersign_effects WHERE workflow_id = 'release-3'")).toEqual([[0]]);
});
