/** The story of examples/python, as its README tells it, on whatever Python 3.9 or newer is here. */
import { join } from 'node:path';
import Database from 'libsql';
import type { PlanResult } from '../../src/workflows/multi-step-approval';
import { ROOT, run, startApp, temporaryDirectory, type App, type Ran } from '../support/app';
import { python } from '../support/python';

jest.setTimeout(600_000); // the first time, the SDK is fetched

const STORY = join(ROOT, 'examples/python/story.py');
const directory = temporaryDirectory();
const file = join(directory.path, 'payments.db');
let app: App;
let told: Ran;

beforeAll(async () => {
  const interpreter = await python();
  app = await startApp({ data: directory.path });
  const env = { ...app.env, PAYMENTS_DB: file, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
  told = await run(interpreter, [STORY], env);
});
afterAll(async () => {
  await (app as App | undefined)?.stop();
  directory.remove();
});

function rows(sql: string): unknown[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).raw().all();
  } finally {
    database.close();
  }
}

const decided = (decisions: readonly { reviewer: string; verdict: string }[]) =>
  decisions.map(({ reviewer, verdict }) => `${reviewer} ${verdict}`);

test('the story comes to its end', () => {
  expect(told).toMatchObject({ code: 0, err: '' });
});

test('another digest is refused, a signal and an update are admitted, and it is paid', async () => {
  const result = await app.result('refund-1042');
  expect(result).toMatchObject({ outcome: 'executed', result: { account: 'kim', cents: 1999 } });
  expect(decided(result.decisions)).toEqual(['ana approve', 'bo approve']);
  const receipts = [...told.out.matchAll(/refund-1042: Refund 19\.99 for order 1042 \((.*)\)/g)];
  expect(receipts.map(([, became]) => became)).toEqual(['refused, STALE_REVISION', 'admitted', 'admitted']);
  const events = (await app.history('refund-1042')).map(({ eventType }) => eventType);
  const of = (type: string) => events.filter((one) => one === `EVENT_TYPE_${type}`).length;
  expect([of('WORKFLOW_EXECUTION_SIGNALED'), of('WORKFLOW_EXECUTION_UPDATE_ACCEPTED')]).toEqual([1, 2]);
});

test('asked a second time, the activity pays nothing', async () => {
  expect(told.out).toContain('payments: 19.99 to kim\n  payments: 19.99 to kim was paid already\n');
  const { digest } = await app.result('refund-1042');
  const paid = "SELECT account, cents, digest FROM payments WHERE workflow_id = 'refund-1042'";
  expect(rows(paid)).toEqual([['kim', 1999, digest]]);
});

test('confirm: the phrase as it is written, and not otherwise', async () => {
  expect(told.out).toMatch(/types “delete orders-eu” .* \(refused, PHRASE_MISMATCH\)/);
  expect(await app.result('delete-orders-eu')).toMatchObject({ outcome: 'approved', confirmed: true });
});

test('the plan: the voucher was booked, and taken back once the money was rejected', async () => {
  const result = (await app.result('goodwill-7')) as unknown as PlanResult;
  expect(result).toMatchObject({
    outcome: 'rejected',
    completed: false,
    steps: [
      { name: 'voucher', outcome: 'executed', undo: { outcome: 'executed' } },
      { name: 'money', outcome: 'rejected' },
    ],
  });
  expect(decided(result.decisions)).toEqual(['ana approve', 'bo reject']);
  const booked = "SELECT account, cents FROM payments WHERE workflow_id = 'goodwill-7' ORDER BY rowid";
  expect(rows(booked)).toEqual([
    ['voucher-kim', 1000],
    ['voucher-kim', -1000],
  ]);
});

test('the ladder: up to a person, for the reason that is there', async () => {
  const result = await app.result('ticket-78');
  expect(result).toMatchObject({ outcome: 'approved', result: 'It was lost; a new one is on its way.' });
  expect(result.escalations.map(({ from, to, reason }) => [from, to, reason])).toEqual([
    ['AGENT', 'SENIOR_AGENT', 'confidence 0.41 < 0.7'],
    ['SENIOR_AGENT', 'HUMAN', 'confidence 0.41 < 0.7'],
  ]);
  expect(decided(result.decisions)).toEqual(['ana approve']);
});

test('nothing else was paid, and the records hold', async () => {
  expect(rows('SELECT count(*) FROM payments')).toEqual([[3]]);
  for (const id of ['refund-1042', 'delete-orders-eu', 'goodwill-7', 'ticket-78'])
    expect((await app.countersign('audit', 'show', id)).out).toContain('the chain holds');
});
