/** The story of examples/python, as its README tells it, on whatever Python 3.9 or newer is here. */
import { join } from 'node:path';
import Database from 'libsql';
import type { PlanResult } from '../../src/workflows/types/multi-step-approval';
import { permitCheck, type PermitError, type Permit } from '../../src/permit';
import { testPermits } from '../../src/testing';
import { ROOT, run, startApp, temporaryDirectory, type App, type Ran } from '../support/app';
import { python } from '../support/python';

jest.setTimeout(600_000); // the first time, the SDK is fetched

const STORY = join(ROOT, 'examples/python/story.py');
const directory = temporaryDirectory();
const file = join(directory.path, 'payments.db');
let app: App;
let told: Ran;
let interpreter: string;

beforeAll(async () => {
  interpreter = await python();
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

/** Reads calls as JSON lines, and tells of each the code, or that it holds. */
const JUDGE = `
import json, sys
from datetime import datetime, timezone
sys.path.insert(0, sys.argv[1])
from permit import Permits, PermitError
given = json.loads(sys.stdin.readline())
now = datetime.fromtimestamp(given["now"] / 1000, timezone.utc)
for line in sys.stdin:
    keys, runs, call = json.loads(line)
    try:
        Permits(keys, "test").check(call, now=now, **runs)
        print("holds")
    except PermitError as error:
        print(error.code)
`;

test('a call without a permit, or with another’s, pays nothing', async () => {
  const permit = { ...testPermits().call({ input: { account: 'mallory', cents: 7777 } }).permit };
  const forged = [{ input: { account: 'mallory', cents: 7777 }, key: 'k', workflowId: 'w', digest: 'd' }];
  for (const argument of [forged[0], { ...forged[0], permit }]) {
    const before = rows('SELECT count(*) FROM payments');
    const paid = await run(
      interpreter,
      ['-c', PAY, join(ROOT, 'examples/python'), JSON.stringify(argument)],
      { ...app.env, PAYMENTS_DB: file, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' },
    );
    expect(paid.err).toMatch(/NO_PERMIT|OTHER_CALL/);
    expect(rows('SELECT count(*) FROM payments')).toEqual(before);
  }
});

/** The activity itself, in the SDK's own test environment. */
const PAY = `
import json, sys
sys.path.insert(0, sys.argv[1])
from payments import Approved, Payments
from temporalio.testing import ActivityEnvironment
ActivityEnvironment().run(Payments().pay, Approved(**json.loads(sys.argv[2])))
`;

test('Python and TypeScript agree on every permit, good and bad', async () => {
  const NOW = Date.parse('2026-11-30T12:00:00.000Z');
  const permits = testPermits({ now: () => NOW });
  const inputs = [
    ...[
      null,
      true,
      0,
      -0,
      7,
      -7,
      0.1,
      1e15,
      1e16,
      1.5e16,
      123456789012345680000,
      1e20,
      1e21,
      1.5e21,
      1.7976931348623157e308,
    ],
    ...[5e-324, 1e-5, 1e-6, 1.5e-6, 1e-7, -1.25e-7, 9007199254740992, 4.35, 333333333.3333333],
    ...['', 'ü', '\u0000\u001f\b\f\n\r\t"\\/', '\u007f\u2028\u2029', '\u{1f600}', '__proto__'],
    [],
    {},
    [[], {}, [null]],
    { '\u{1f600}': 1, '\ufb33': 2, ö: 3, '': 4, a: 5, 1: 6, '\r': 7 },
  ];
  const good = permits.call({ input: { order: 1042 } });
  const fields = Object.keys(good.permit) as (keyof Permit)[];
  const values = [
    null,
    '',
    0,
    1.5,
    true,
    'x',
    '0'.repeat(64),
    [],
    {},
    { tool: 't' },
    '2026-11-30T11:00:00Z',
    '2026-13-40T00:00:00Z',
  ];
  const runs = { namespace: 'test', workflow_id: 'test', task_queue: 'test', activity: 'unknown' };
  const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
  const [key] = permits.keys;
  const cases: [keys: object[], runs: typeof runs, call: unknown][] = [
    ...inputs.map((input) => permits.call({ input: input as never })),
    ...inputs.map((input) => ({ ...good, input })),
    ...fields.map((field) => ({ ...good, permit: without(good.permit, field) })),
    ...fields.flatMap((field) =>
      values.map((value) => ({ ...good, permit: { ...good.permit, [field]: value } })),
    ),
    ...fields.flatMap((field) => values.map((value) => permits.call({ input: 1 }, { [field]: value }))),
    ...(['input', 'key', 'workflowId', 'digest', 'permit'] as const).map((field) => without(good, field)),
    ...['2026-11-30T12:00Z', '2026-11-30T11:59:59.999999Z', at(0), at(1 / 12), at(1)].map((issued) =>
      permits.call({ input: 1 }, { issued }),
    ),
    ...[at(0), at(-1), '2026-11-30T12:00:00.001Z'].map((expires) =>
      permits.call({ input: 1 }, { issued: at(-2), expires }),
    ),
  ].map((call) => [[key!], runs, call]);
  for (const more of [
    { revoked: at(-1) },
    { revoked: at(1) },
    { until: at(0) },
    { until: at(1) },
    { from: at(1) },
    { from: at(0) },
    { id: 'x' },
  ])
    cases.push([[{ ...key, ...more }], runs, good]);
  for (const name of Object.keys(runs)) cases.push([[key!], { ...runs, [name]: 'other' }, good]);
  const sent = cases.map((one) => JSON.stringify(one));
  const ours = sent.map((line) => {
    const [
      keys,
      { namespace, workflow_id: workflowId, task_queue: taskQueue, activity: activityType },
      call,
    ] = JSON.parse(line) as (typeof cases)[number];
    try {
      permitCheck({ keys: keys as never, deployment: 'test', now: () => NOW }).check(call, {
        ...{ namespace, taskQueue, activityType },
        workflowExecution: { workflowId },
      });
      return 'holds';
    } catch (error) {
      return (error as PermitError).code;
    }
  });
  const { out, err } = await run(
    interpreter,
    ['-X', 'utf8', '-c', JUDGE, join(ROOT, 'examples/python')],
    process.env,
    [JSON.stringify({ now: NOW }), ...sent].join('\n'),
  );
  expect(err).toBe('');
  const theirs = out.trim().split('\n');
  const apart = sent.flatMap((line, nth) =>
    ours[nth] === theirs[nth] ? [] : [[ours[nth], theirs[nth], line.slice(-400)]],
  );
  expect(apart).toEqual([]);
  expect(ours.filter((one) => one === 'holds').length).toBeGreaterThan(inputs.length);
  expect(new Set(ours)).toEqual(
    new Set([
      ...[
        'holds',
        'NO_PERMIT',
        'MALFORMED_PERMIT',
        'OTHER_CALL',
        'PERMIT_EXPIRED',
        'UNKNOWN_KEY',
        'KEY_REVOKED',
      ],
      ...['KEY_NOT_VALID', 'BAD_SIGNATURE'],
    ]),
  );
});

function without(value: object, field: string): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
}
