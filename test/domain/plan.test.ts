/** Step after step: what comes next, what stops it, and what is taken back. */
import type { Outcome } from '../../src/domain/gate';
import { ended, NEW_PLAN, nextOf, tally, type Plan } from '../../src/domain/plan';
import type { PlanStart } from '../../src/domain/plan-start';
import { approvalOf, after, endOf, forGood, QUIET, release, take, told } from './plan-given';

const abc = (onReject: PlanStart['onReject']) => release(onReject, ['a', 'b', 'c']);

describe('what comes next', () => {
  it("the seed's loop never moves its index: ours asks each step once, in order, with its index", () => {
    const start = abc('stop');
    const seen = ['executed', 'approved', 'answered'].reduce<{ plan: Plan; asked: unknown[] }>(
      ({ plan, asked }, outcome) => ({
        plan: take(start, plan, outcome as Outcome),
        asked: [...asked, nextOf(start, plan)],
      }),
      { plan: NEW_PLAN, asked: [] },
    );
    expect(seen.asked).toStrictEqual([
      { do: 'step', index: 0, step: start.steps[0] },
      { do: 'step', index: 1, step: start.steps[1] },
      { do: 'step', index: 2, step: start.steps[2] },
    ]);
    expect(nextOf(start, seen.plan)).toStrictEqual({ do: 'end' });
  });

  it.each<{ b: Outcome; stop: string; skip: string; undo: string; approval: boolean }>([
    { b: 'executed', stop: 'ask c', skip: 'ask c', undo: 'ask c', approval: true },
    { b: 'approved', stop: 'ask c', skip: 'ask c', undo: 'ask c', approval: true },
    { b: 'answered', stop: 'ask c', skip: 'ask c', undo: 'ask c', approval: false },
    { b: 'rejected', stop: 'end', skip: 'ask c', undo: 'take a back', approval: false },
    { b: 'expired', stop: 'end', skip: 'end', undo: 'take a back', approval: false },
    { b: 'failed', stop: 'end', skip: 'end', undo: 'take a back', approval: false },
    { b: 'cancelled', stop: 'end', skip: 'end', undo: 'take a back', approval: false },
  ])('after b ended $b: stop → $stop, skip → $skip, undo → $undo', ({ b, approval, ...means }) => {
    for (const onReject of ['stop', 'skip', 'undo'] as const) {
      const plan = after(abc(onReject), ['executed', b]);
      expect(told(nextOf(abc(onReject), plan))).toBe(means[onReject]);
      expect(tally(abc(onReject), plan)).toMatchObject({ approvals: [true, approval], completed: false });
    }
  });

  it.each<{ said: string; did: Outcome[]; back?: Outcome[]; start?: PlanStart; next: string }>([
    { said: 'the last one first', did: ['executed', 'executed', 'rejected'], next: 'take b back' },
    {
      said: 'then the one before it',
      did: ['executed', 'executed', 'rejected'],
      back: ['executed'],
      next: 'take a back',
    },
    {
      said: 'each once',
      did: ['executed', 'executed', 'rejected'],
      back: ['executed', 'executed'],
      next: 'end',
    },
    { said: 'nothing, where nothing was done', did: ['rejected'], next: 'end' },
    { said: 'not what had no effect', did: ['approved', 'answered', 'rejected'], next: 'end' },
    {
      said: 'past what had no effect',
      did: ['executed', 'approved', 'rejected'],
      next: 'take a back',
    },
    {
      said: 'past what nothing takes back',
      start: release('undo', ['a', forGood('b'), 'c']),
      did: ['executed', 'executed', 'expired'],
      next: 'take a back',
    },
    {
      said: 'no further than an undo that was rejected',
      did: ['executed', 'executed', 'rejected'],
      back: ['rejected'],
      next: 'end',
    },
    {
      said: 'no further than one that failed',
      did: ['executed', 'executed', 'failed'],
      back: ['failed'],
      next: 'end',
    },
    {
      said: 'further than one that somebody saw to',
      did: ['executed', 'executed', 'rejected'],
      back: ['answered'],
      next: 'take a back',
    },
  ])('takes back $said', ({ did, back = [], next, start = abc('undo') }) => {
    expect(told(nextOf(start, after(start, did, back)))).toBe(next);
  });

  it('an undo comes with the approval of its step; without one it stays in place', () => {
    const start = abc('undo');
    const plan = after(start, ['executed', 'rejected']);
    expect(nextOf(start, plan)).toStrictEqual({
      do: 'undo',
      index: 0,
      step: start.steps[0],
      approval: approvalOf('a'),
    });
    const unproved = ended(
      ended(NEW_PLAN, endOf('a', 'executed'), QUIET, undefined),
      endOf('b', 'rejected'),
      QUIET,
      undefined,
    );
    expect(nextOf(start, unproved)).toStrictEqual({ do: 'end' });
    expect(tally(start, unproved).reason).toBe('the step b ended rejected; still in place: a');
    expect(unproved.done[0]).not.toHaveProperty('approval');
  });

  it.each<{ said: string; did: Outcome[]; stop: string; undo: string }>([
    { said: 'before the first step nothing is begun', did: [], stop: 'end', undo: 'end' },
    { said: 'between steps nothing further is', did: ['executed'], stop: 'end', undo: 'take a back' },
    {
      said: 'after the last step there is nothing left to call off',
      did: ['executed', 'executed', 'executed'],
      stop: 'end',
      undo: 'end',
    },
  ])('cancelled: $said', ({ did, ...means }) => {
    for (const onReject of ['stop', 'undo'] as const) {
      const plan: Plan = { ...after(abc(onReject), did), cancelled: true };
      expect(told(nextOf(abc(onReject), plan))).toBe(means[onReject]);
    }
  });
});
