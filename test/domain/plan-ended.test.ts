/** How the whole of a plan ended, and why: what stopped it, what was taken back, what is still in place. */
import type { Outcome } from '../../src/domain/gate';
import { nextOf, tally, type Plan, type Tally } from '../../src/domain/plan';
import type { PlanStart } from '../../src/domain/plan-start';
import { after, forGood, release, take, takeBack } from './plan-given';

const abc = (onReject: PlanStart['onReject']) => release(onReject, ['a', 'b', 'c']);
const tallied = (start: PlanStart, plan: Plan) => {
  const { steps: _, ...rest } = tally(start, plan);
  return rest;
};

type Row = { said: string; start?: PlanStart; did: Outcome[]; back?: Outcome[]; cancelled?: true } & Omit<
  Tally,
  'steps'
>;

describe('how the whole plan ended', () => {
  const all = { approvals: [true, true, true], completed: true };
  it.each<Row>([
    { said: 'all executed', did: ['executed', 'executed', 'executed'], outcome: 'executed', ...all },
    {
      said: 'the best of them counts',
      did: ['approved', 'executed', 'approved'],
      outcome: 'executed',
      ...all,
    },
    { said: 'all approved', did: ['approved', 'approved', 'approved'], outcome: 'approved', ...all },
    {
      said: 'an approval is better than an answer, whose place is false',
      did: ['answered', 'approved', 'answered'],
      outcome: 'approved',
      approvals: [false, true, false],
      completed: true,
    },
    {
      said: 'an answer is better than a rejection',
      start: abc('skip'),
      did: ['rejected', 'answered', 'rejected'],
      outcome: 'answered',
      approvals: [false, false, false],
      completed: true,
    },
    {
      said: 'every step skipped is completed, and rejected',
      start: abc('skip'),
      did: ['rejected', 'rejected', 'rejected'],
      outcome: 'rejected',
      approvals: [false, false, false],
      completed: true,
    },
    {
      said: 'stopped: what was never asked has no approval',
      start: abc('stop'),
      did: ['executed', 'rejected'],
      outcome: 'rejected',
      reason: 'the step b ended rejected',
      approvals: [true, false],
      completed: false,
    },
    {
      said: 'the last step stopped it: it was reached and not passed',
      start: abc('skip'),
      did: ['rejected', 'executed', 'expired'],
      outcome: 'expired',
      reason: 'the step c ended expired',
      approvals: [false, true, false],
      completed: false,
    },
    {
      said: 'all taken back, told in the order that it was',
      did: ['executed', 'executed', 'failed'],
      back: ['executed', 'approved'],
      outcome: 'failed',
      reason: 'the step c ended failed; taken back: b, a',
      approvals: [true, true, false],
      completed: false,
    },
    {
      said: 'an undo that did not come off, and what stands on it',
      did: ['executed', 'executed', 'rejected'],
      back: ['expired'],
      outcome: 'rejected',
      reason: 'the step c ended rejected; taking b back ended expired; still in place: a',
      approvals: [true, true, false],
      completed: false,
    },
    {
      said: 'taken back, ended and still in place, all in one',
      start: release('undo', ['a', 'b', forGood('c'), 'd', 'e']),
      did: ['executed', 'executed', 'executed', 'executed', 'cancelled'],
      back: ['executed', 'failed'],
      outcome: 'cancelled',
      reason: 'the step e ended cancelled; taken back: d; taking b back ended failed; still in place: a, c',
      approvals: [true, true, true, true, false],
      completed: false,
    },
    {
      said: 'called off between two steps',
      start: abc('stop'),
      did: ['executed'],
      cancelled: true,
      outcome: 'cancelled',
      reason: 'the workflow was cancelled',
      approvals: [true],
      completed: false,
    },
    {
      said: 'called off, and taken back',
      did: ['executed', 'executed'],
      cancelled: true,
      back: ['executed', 'failed'],
      outcome: 'cancelled',
      reason: 'the workflow was cancelled; taken back: b; taking a back ended failed',
      approvals: [true, true],
      completed: false,
    },
    {
      said: 'called off while a step was asked: the step says so',
      start: abc('stop'),
      did: ['cancelled'],
      cancelled: true,
      outcome: 'cancelled',
      reason: 'the step a ended cancelled',
      approvals: [false],
      completed: false,
    },
    {
      said: 'called off too late',
      did: ['executed', 'approved', 'executed'],
      cancelled: true,
      outcome: 'executed',
      approvals: [true, true, true],
      completed: true,
    },
    {
      said: 'completed: what it did is no leftover',
      did: ['executed', 'answered', 'approved'],
      outcome: 'executed',
      approvals: [true, false, true],
      completed: true,
    },
  ])('$said', ({ said: _, start = abc('undo'), did, back = [], cancelled, ...ends }) => {
    const begun: Plan = { ...after(start, did), ...(cancelled === undefined ? {} : { cancelled }) };
    const plan = back.reduce((one, outcome) => takeBack(start, one, outcome), begun);
    expect(nextOf(start, plan)).toStrictEqual({ do: 'end' });
    expect(tallied(start, plan)).toStrictEqual(ends);
    expect(tally(start, plan).steps).toStrictEqual(plan.done.map(({ end }) => end));
  });

  it('says why the step and the undo ended so, each cut, and the whole of it bounded', () => {
    const start = release('undo', ['a', 'b']);
    const plan = take(start, after(start, ['executed']), 'failed', { reason: 'x'.repeat(1_500) });
    expect(tally(start, takeBack(start, plan, 'failed', 'no backup')).reason).toBe(
      `the step b ended failed (${'x'.repeat(1_000)}); taking a back ended failed (no backup)`,
    );
    const names = Array.from({ length: 60 }, (_, nth) => `${'n'.repeat(96)}-${String(nth)}`);
    const long = release('undo', [...names.map(forGood), 'last']);
    const many = after(long, [...names.map((): Outcome => 'executed'), 'rejected']);
    expect(tally(long, many).reason).toHaveLength(4_000);
  });
});
