/** The inbox with its levels, and how it all ended: who decided what, at which level. */
import { temporaryDirectory } from '../support/app';
import { cli } from '../support/cli-person';
import { fakeTemporal, resultOf, type FakeTemporal } from '../support/fake-temporal';
import type { Admitted } from '../../src/domain/gate';
import { policy } from '../domain/given';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
let fake: FakeTemporal;
beforeEach(() => {
  fake = fakeTemporal();
});
const say = (env: NodeJS.ProcessEnv, ...argv: string[]) => cli(fake, argv, { data: directory.path, env });

it('a level’s own workflow is a line of its own, with its level; the one that waits for it is none', async () => {
  fake.open('pay-1', {
    policy: policy(
      {},
      {
        levels: [
          { name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '4 hours' },
          { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 day' },
        ],
      },
    ),
  });
  fake.open('pay-2');
  fake.say('pay-1', 'ana', 'escalate', { comment: 'above my limit' });
  const rows = JSON.parse((await say({}, 'inbox', '--json')).out) as Record<string, unknown>[];
  expect(rows.map(({ workflowId, level }) => ({ workflowId, level }))).toEqual([
    { workflowId: 'pay-2', level: 'HUMAN' },
    { workflowId: 'pay-1/MANAGER', level: 'MANAGER' },
  ]);
  const plain = await say({ COUNTERSIGN_PROMPTS: 'plain' }, 'inbox', '--reviewer', 'mia');
  expect(plain.out).toMatch(/^1\. workflow: pay-1\/MANAGER\n {3}level: MANAGER\n {3}action: refund\n/);
  expect((await say({}, 'inbox')).out).toContain('MANAGER');
});

const decided = (level: string, reviewer: string, verdict: Admitted['verdict'], more = {}): Admitted => ({
  v: 1,
  id: `${reviewer}-1`,
  digest: 'a'.repeat(64),
  verdict,
  reviewer,
  at: '2026-03-02T10:00:00.000Z',
  revision: 1,
  level,
  ...more,
});

const ENDED = resultOf({
  outcome: 'executed',
  result: { refunded: 40 },
  decisions: [
    decided('HUMAN', 'bo', 'comment', { comment: 'hm\nlevel    CEO' }),
    decided('HUMAN', 'ana', 'escalate', { comment: 'above my limit' }),
    decided('MANAGER', 'mia', 'delegate', { to: 'max' }),
    decided('MANAGER', 'max', 'extend', { until: '2026-03-03T10:00:00.000Z' }),
    decided('MANAGER', 'max', 'approve'),
  ],
  escalations: [
    {
      from: 'HUMAN',
      to: 'MANAGER',
      reason: 'ana passed it up: above my limit',
      at: '2026-03-02T10:00:00.000Z',
    },
  ],
});

it('result tells the decisions by level, and why it was passed up', async () => {
  fake.results.set('pay-1', ENDED);
  const ran = await say({}, 'result', 'pay-1');
  const at = '2026-03-02T10:00:00.000Z';
  expect(ran.out.split('\n')).toEqual([
    'outcome  executed',
    'result   {',
    '  "refunded": 40',
    '}',
    'level    HUMAN',
    `  ${at}  bo: comment (hm‹U+000A›level    CEO)`,
    `  ${at}  ana: escalate (above my limit)`,
    `  ${at}  passed up to MANAGER: ana passed it up: above my limit`,
    'level    MANAGER',
    `  ${at}  mia: delegate to max`,
    `  ${at}  max: extend until 2026-03-03T10:00:00.000Z`,
    `  ${at}  max: approve`,
    `audit    7 entries, head ${'a'.repeat(64)}`,
    '',
  ]);
});

it('with --json it is the result as it stands', async () => {
  fake.results.set('pay-1', ENDED);
  expect(JSON.parse((await say({}, 'result', 'pay-1', '--json')).out)).toEqual(ENDED);
});

it.each([
  { said: 'text', result: 'done\u202e', lines: ['result   done‹U+202E›'] },
  { said: 'nothing', result: undefined, lines: ['result   null'] },
  { said: 'a list', result: [1], lines: ['result   [', '  1', ']'] },
  {
    said: 'a report',
    result: { v: 1, checked: 3, mismatches: [] },
    lines: ['result   {', '  "v": 1,', '  "checked": 3,', '  "mismatches": []', '}'],
  },
  {
    said: 'a collection of feedback',
    result: {
      v: 1,
      feedback: [
        { v: 1, id: '1', reviewer: 'ana', key: 'helpful', score: 0.5, comment: 'long\nwinded' },
        { v: 1, id: '2', reviewer: 'bo', key: 'correct', score: 0, correction: { amount: 20 } },
      ],
      refused: 2,
      undelivered: [{ to: 'LangSmith', why: 'it is down', ids: ['1'] }],
    },
    lines: [
      'feedback ana: helpful 0.5 (long‹U+000A›winded)',
      'feedback bo: correct 0, should have been {"amount":20}',
      'refused  2',
      'missing  1 not brought to LangSmith: it is down',
    ],
  },
  {
    said: 'an empty collection',
    result: { v: 1, feedback: [], refused: 0 },
    lines: ['feedback none'],
  },
])('what ends without a gate is shown as it is: $said', async ({ result, lines }) => {
  fake.results.set('own-1', result);
  expect(await say({}, 'result', 'own-1')).toMatchObject({ code: 0, err: '', out: `${lines.join('\n')}\n` });
  const { out } = await say({}, 'result', 'own-1', '--json');
  expect(JSON.parse(out)).toEqual(result ?? null);
  expect(await say({}, 'feedback', 'own-1', '--decided')).toMatchObject({
    code: 1,
    err: 'NOTHING_DECIDED: nobody has approved, edited or rejected it\n',
  });
});

it('a level that nobody decided at is told, too', async () => {
  const [passed] = ENDED.escalations;
  fake.results.set(
    'pay-1',
    resultOf({ outcome: 'expired', reason: 'MANAGER did not decide', escalations: [passed!] }),
  );
  const ran = await say({}, 'result', 'pay-1');
  expect(ran.out.split('\n').slice(0, 5)).toEqual([
    'outcome  expired',
    'reason   MANAGER did not decide',
    'level    HUMAN',
    '  2026-03-02T10:00:00.000Z  passed up to MANAGER: ana passed it up: above my limit',
    'level    MANAGER',
  ]);
});

it('of a terminated one it is said that it was, and why', async () => {
  fake.open('pay-1');
  fake.terminated.set('pay-1', 'bye');
  const failed = { code: 1, err: 'WORKFLOW_FAILED: pay-1 was terminated: bye\n' };
  expect(await say({}, 'result', 'pay-1')).toMatchObject(failed);
  fake.terminated.set('pay-1', 'Workflow execution terminated'); // what the SDK says where nobody gave a reason
  expect((await say({}, 'result', 'pay-1')).err).toBe('WORKFLOW_FAILED: pay-1 was terminated\n');
});

it('what is still open is said to be', async () => {
  fake.open('pay-1');
  expect(await say({}, 'result', 'pay-1')).toMatchObject({
    code: 1,
    err: 'STILL_OPEN: pay-1 has not ended yet; --wait stays until it has\n',
  });
});
