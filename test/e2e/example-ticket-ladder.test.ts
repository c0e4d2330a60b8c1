/** The story of examples/ticket-ladder, as its README tells it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../src/client';
import { ROOT, run, startApp, temporaryDirectory, until, type App, type Ran } from '../support/app';

const directory = temporaryDirectory();
let app: App;
let told: Ran;
let result: Result;

beforeAll(async () => {
  app = await startApp({ data: directory.path });
  const story = join(ROOT, 'examples/ticket-ladder/story.ts');
  told = await run(process.execPath, ['--import', 'tsx', story], app.env);
  result = await app.result('ticket-77');
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

test('the story comes to its end, and tells the ladder from below', () => {
  expect(told).toMatchObject({ code: 0, err: '' });
  const heads = [...told.out.matchAll(/^ {2}\d\. (\w+)$/gm)].map(([, level]) => level);
  expect(heads).toEqual(['AGENT', 'SENIOR_AGENT', 'HUMAN', 'MANAGER']);
  expect(told.out).toContain(String(result.result));
});

test('each step up says why', () => {
  expect(result.escalations.map(({ from, to, reason }) => [from, to, reason])).toEqual([
    ['AGENT', 'SENIOR_AGENT', 'confidence 0.41 < 0.7'],
    ['SENIOR_AGENT', 'HUMAN', 'sensitive'],
    ['HUMAN', 'MANAGER', expect.stringMatching(/^ana passed it up: the card is of somebody else/)],
  ]);
});

test('the senior agent’s answer is what the manager approved', () => {
  expect(result).toMatchObject({
    outcome: 'approved',
    result: expect.stringContaining('We return 240 euros'),
    proposal: { confidence: 0.93, sensitive: true },
  });
  expect(result.decisions.map(({ level, reviewer, verdict }) => [level, reviewer, verdict])).toEqual([
    ['HUMAN', 'ana', 'escalate'],
    ['MANAGER', 'mo', 'approve'],
  ]);
});

test.each(['', '/AGENT', '/SENIOR_AGENT', '/HUMAN', '/MANAGER'])(
  'ticket-77%s is a workflow of its own, and its record holds',
  async (level) => {
    const { code, out } = await app.countersign('audit', 'show', `ticket-77${level}`);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('the chain holds') });
  },
);

test('once it was passed up, ana decides neither on the ladder nor in the manager’s place', async () => {
  const input = readFileSync(join(ROOT, 'examples/ticket-ladder/ticket.json'), 'utf8');
  await app.start('ticket-78', JSON.parse(input) as object, 'countersign', 'escalation');
  const opened = async (level: string): Promise<string> => {
    const packet = await until(
      () => app.gate(`ticket-78/${level}`).catch(() => undefined),
      (gate) => gate?.status === 'open',
    );
    return packet?.digest ?? '';
  };
  const ana = (verdict: string, on: string, digest: string) =>
    app.countersign(verdict, on, '--reviewer', 'ana', '--comment', 'no', '--digest', digest, '--json');
  const human = await opened('HUMAN');
  expect(await ana('escalate', 'ticket-78/HUMAN', human)).toMatchObject({ code: 0 });
  const manager = await opened('MANAGER');
  expect(manager).toBe(human);
  expect((await ana('approve', 'ticket-78', manager)).out).toContain('ASK_CHILD');
  expect(await ana('approve', 'ticket-78/MANAGER', manager)).toMatchObject({ code: 1 });
  expect(await app.gate('ticket-78/MANAGER')).toMatchObject({ status: 'open' });
});
