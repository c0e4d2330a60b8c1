/** What is fetched of an inbox is what is shown of it: a page of fifty is no thousand rows. */
import { Client, Connection } from '@temporalio/client';
import { dataConverter } from '../../src/connection';
import { Countersign } from '../../src/client';
import { until } from '../support/app';
import { cli } from '../support/cli-person';
import { startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
let connection: Connection;
let countersign: Countersign;
/** Of each page, how many were asked for and how many came. */
const pages: { asked: number; came: number }[] = [];
const GATES = 5;

beforeAll(async () => {
  env = await startWorkflowEnv();
  connection = await Connection.connect({ address: env.connection.options.address });
  const service = connection.workflowService;
  const list = service.listWorkflowExecutions.bind(service);
  Object.assign(service, {
    async listWorkflowExecutions(request: { pageSize: number }) {
      const response = await list(request);
      pages.push({ asked: request.pageSize, came: response.executions.length });
      return response;
    },
  });
  countersign = new Countersign({ client: new Client({ connection, dataConverter }) });
  for (let gate = 0; gate < GATES; gate += 1) await env.opened({ policy: within('1 hour') });
  await until(
    () => listed(),
    (ids) => ids.length === GATES,
  );
});
beforeEach(() => {
  pages.length = 0;
});
afterAll(async () => {
  await connection.close();
  await env.stop();
});

async function listed(which: Parameters<Countersign['list']>[0] = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of countersign.list(which)) ids.push(workflowId);
  return ids;
}

test('so many are asked for as are wanted, and the next page is left alone', async () => {
  expect(await listed({ limit: 2 })).toHaveLength(2);
  expect(pages).toEqual([{ asked: 2, came: 2 }]);
});

test.each([
  { said: 'the earliest instant', due: { before: 0 }, many: 0 },
  { said: 'the latest one', due: { from: Date.UTC(9999, 11, 31) }, many: 0 },
  { said: 'all between them', due: { from: 0, before: Date.UTC(9999, 11, 31) }, many: GATES },
])('the server reads $said that a window may name', async ({ due, many }) => {
  expect(await listed({ due })).toHaveLength(many);
});

test('all that are there are still a page of the server’s own size', async () => {
  expect(await listed()).toHaveLength(GATES);
  expect(pages).toEqual([{ asked: 1_000, came: GATES }]);
});

test('inbox and review at the command line fetch no thousand rows for a few, though the most urgent of all are shown', async () => {
  const rows = await cli({ countersign }, ['inbox', '--limit', '3', '--json'], { data: env.directory });
  expect(JSON.parse(rows.out)).toHaveLength(3);
  const walk = ['review', '--reviewer', 'ana', '--limit', '1'];
  const person = { data: env.directory, answers: ['q'], size: { rows: 200, columns: 100 } };
  expect((await cli({ countersign }, walk, person)).err).toContain('\n1 of 1\n');
  expect(pages).toEqual([
    { asked: 101, came: GATES },
    { asked: 101, came: GATES },
  ]);
});
