/** The story of examples/support-answer, as its README tells it. */
import { join } from 'node:path';
import type { ReviewedResult } from '../../src/workflows/types/generate-and-review';
import { ROOT, run, startApp, temporaryDirectory, type App, type Ran } from '../support/app';

const directory = temporaryDirectory();
let app: App;
let told: Ran;
let result: ReviewedResult;

beforeAll(async () => {
  app = await startApp({ data: directory.path });
  const story = join(ROOT, 'examples/support-answer/story.ts');
  told = await run(process.execPath, ['--import', 'tsx', story], app.env);
  result = (await app.result('answer-1187')) as unknown as ReviewedResult;
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

type Change = ReviewedResult['changes'][number];
type Op = 'same' | 'added' | 'removed';
/** The answer before a change, or after it. */
const text = ({ words = [] }: Change, without: Op) =>
  words
    .find(({ path }) => path === '/args/output')
    ?.changes.filter(({ op }) => op !== without)
    .map((one) => one.text)
    .join('');

test('the story comes to its end, and shows what changed word by word', () => {
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(told.out).toContain('it arrives in [-2-]{+4+} days');
  expect(told.out).toContain('approved, signed by ana and bo');
  expect(told.out).toContain(String(result.result));
});

test('edited by ana, sent back by bo, approved by both', () => {
  expect(result).toMatchObject({ outcome: 'approved', proposal: { action: 'answer' } });
  expect(result.decisions.map(({ reviewer, verdict, revision }) => [reviewer, verdict, revision])).toEqual([
    ['ana', 'edit', 1],
    ['bo', 'revise', 2],
    ['ana', 'approve', 3],
    ['bo', 'approve', 3],
  ]);
});

test('the result is what was signed, and the changes lead from the draft to it', () => {
  const { changes, result: sent, proposal } = result;
  expect(sent).toEqual(proposal?.args['output']);
  expect(sent).toMatch(/^Dear Kim, I am sorry: .* write to me\. Ana$/);
  expect(changes.map(({ revision, by }) => [revision, by])).toEqual([
    [2, 'ana'],
    [3, 'AGENT (offline)'],
  ]);
  const [edited, revised] = changes as [Change, Change];
  expect(text(edited, 'added')).toMatch(/^Dear Kim, your parcel was lost\. .* in 2 days\./);
  expect(text(edited, 'removed')).toBe(text(revised, 'added'));
  expect(text(revised, 'removed')).toBe(sent);
});

test('the record holds', async () => {
  const { out } = await app.countersign('audit', 'show', 'answer-1187');
  expect(out).toContain(`the chain holds: ${String(result.audit.entries)} entries`);
});
