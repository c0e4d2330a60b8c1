/** The story of examples/confirm, as its README tells it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  COUNTERSIGN,
  ROOT,
  run,
  startApp,
  temporaryDirectory,
  until,
  type App,
  type Ran,
} from '../support/app';

const FOLDER = join(ROOT, 'examples', 'confirm');
const directory = temporaryDirectory();
let app: App;

beforeAll(async () => {
  app = await startApp({ data: directory.path });
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

const script = (resource: string): Promise<Ran> =>
  run('sh', [join(FOLDER, 'delete-resource.sh'), resource], {
    ...app.env,
    USER: 'script',
    COUNTERSIGN: `${process.execPath} ${COUNTERSIGN}`,
  });

/** The digest, once the script has asked. */
async function asked(workflowId: string): Promise<string> {
  const packet = await until(
    () => app.gate(workflowId).catch(() => undefined),
    (gate) => gate?.status === 'open',
  );
  return packet?.digest ?? '';
}

it('deleted, once somebody has typed its name, and not before', async () => {
  const running = script('orders-eu');
  const digest = await asked('delete-orders-eu');
  const approve = (phrase: string) =>
    app.countersign(
      ...[
        'approve',
        'delete-orders-eu',
        '--reviewer',
        'ana',
        '--phrase',
        phrase,
        '--digest',
        digest,
        '--json',
      ],
    );
  expect((await approve('delete orders-eu')).out).toContain('PHRASE_MISMATCH');
  expect(await approve('DELETE orders-eu')).toMatchObject({ code: 0 });
  expect(await running).toMatchObject({ code: 0, out: 'deleted orders-eu\n' });
});

it('kept, where somebody says no', async () => {
  const running = script('orders-us');
  const digest = await asked('delete-orders-us');
  const no = ['--reviewer', 'ana', '--comment', 'still in use', '--digest', digest];
  await app.countersign('reject', 'delete-orders-us', ...no);
  expect(await running).toMatchObject({ code: 0, out: 'kept orders-us\n' });
});

it('the line for the stock CLI is a good one', async () => {
  const [, input = ''] = /--input \\\n {2}'(.*)'/.exec(readFileSync(join(FOLDER, 'README.md'), 'utf8')) ?? [];
  await app.start('from-the-readme', JSON.parse(input) as object, 'countersign', 'confirm');
  expect(await app.reaches('from-the-readme', 'open')).toMatchObject({ phrase: 'DELETE orders-eu' });
});
