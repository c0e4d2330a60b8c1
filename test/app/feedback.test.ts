/** Feedback that is given, one or all that people decided, and what the record has taught. */
import { giveFeedback, lessonsOf, type FeedbackOn, type Given } from '../../src/app/feedback/give';
import { calibration, dataset } from '../../src/app/feedback/learned';
import type { Gates, RecordReader } from '../../src/app/ports';
import type { Feedback, FeedbackInput, FeedbackReceipt } from '../../src/client';
import { resultOf } from '../support/fake-temporal';

const JUDGED = { runId: 'run-1', output: null, workflowId: 'feedback-run-1' };

/** A collection that takes whatever comes first under an id, and keeps it. */
function collection({ answers = true, result }: { answers?: boolean; result?: unknown } = {}) {
  const taken: Feedback[] = [];
  let made = 0;
  const gates = {
    result: () => Promise.resolve(result),
    judged: () => Promise.resolve(JUDGED),
    feedback: (_: unknown, input: FeedbackInput) => {
      const sent = { v: 1 as const, id: `made-${String(++made)}`, ...input };
      if (!taken.some(({ id }) => id === sent.id)) taken.push(sent);
      return Promise.resolve(sent);
    },
    feedbackAdmitted: (_: string, id: string): Promise<FeedbackReceipt | undefined> =>
      Promise.resolve(answers ? { id, status: 'admitted' } : undefined),
    feedbackSoFar: () => Promise.resolve({ v: 1, feedback: taken, refused: 0 }),
  } as unknown as Gates;
  return { gates, taken };
}

async function give(gates: Gates, says: FeedbackOn['says']): Promise<Given['receipt'][]> {
  const receipts: Given['receipt'][] = [];
  for await (const { judged, receipt } of giveFeedback({ gates }, { id: 'pay-1', says, within: 1 })) {
    expect(judged).toBe(JUDGED);
    receipts.push(receipt);
  }
  return receipts;
}

const HELPFUL = { reviewer: 'ana', key: 'helpful', score: 0.5 };

it('one is taken, or delivered where nobody answers', async () => {
  expect(await give(collection().gates, HELPFUL)).toEqual([{ id: 'made-1', status: 'admitted' }]);
  const silent = collection({ answers: false }).gates;
  expect(await give(silent, { ...HELPFUL, id: 'f-1' })).toEqual([{ id: 'f-1', status: 'delivered' }]);
});

it('the same under the same id is a repeat; something else under it is refused', async () => {
  const { gates, taken } = collection();
  const own = { ...HELPFUL, id: 'f-1' };
  expect(await give(gates, own)).toEqual([{ id: 'f-1', status: 'admitted' }]);
  expect(await give(gates, own)).toEqual([{ id: 'f-1', status: 'admitted' }]);
  expect(await give(gates, { ...own, score: 1 })).toMatchObject([{ status: 'refused', code: 'ID_REUSED' }]);
  expect(taken).toHaveLength(1);
});

const decided = (id: string, verdict: string, more: object = {}) => ({
  id,
  verdict,
  reviewer: 'ana',
  ...more,
});

it('what people decided: as it was or not, and what it should have been', () => {
  const decisions = [
    decided('1', 'comment', { comment: 'hm' }),
    decided('2', 'reject', { comment: 'no' }),
    decided('3', 'edit', { args: { amount: 20 } }),
    decided('4', 'respond', { answer: 'by hand' }),
    decided('5', 'approve'),
  ] as never;
  expect(lessonsOf({ decisions })).toEqual(
    [
      { id: 'decided 2', score: 0, comment: 'no' },
      { id: 'decided 3', score: 0, correction: { amount: 20 } },
      { id: 'decided 4', score: 0, correction: 'by hand' },
      { id: 'decided 5', score: 1 },
    ].map((one) => ({ reviewer: 'ana', key: 'approved-as-proposed', ...one })),
  );
});

it('all that people decided is given, one after the other', async () => {
  const result = resultOf({ decisions: [decided('1', 'approve'), decided('2', 'reject')] as never });
  const { gates, taken } = collection({ result });
  expect(await give(gates, 'decided')).toHaveLength(2);
  expect(taken.map(({ score }) => score)).toEqual([1, 0]);
});

it.each([{ result: resultOf() }, { result: 'done' }, { result: undefined }])(
  'where nobody decided there is nothing to give: $result',
  async ({ result }) => {
    await expect(give(collection({ result }).gates, 'decided')).rejects.toMatchObject({
      code: 'NOTHING_DECIDED',
    });
  },
);

it('an empty record has taught nothing', async () => {
  const record = { async *chains() {} } as unknown as RecordReader;
  expect(await dataset({ record }, { format: 'preference' })).toEqual([]);
  expect(await dataset({ record }, { format: 'evaluation' })).toEqual([]);
  expect(await calibration({ record }, {})).toMatchObject({ decided: 0 });
});
