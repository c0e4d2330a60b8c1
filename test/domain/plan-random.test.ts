/** Any plan, however its steps end: told beforehand by a model that knows nothing of how ours is written. */
import fc from 'fast-check';
import type { Outcome } from '../../src/domain/gate';
import { ended, NEW_PLAN, nextOf, tally, undone, type Plan } from '../../src/domain/plan';
import type { PlanStart } from '../../src/domain/plan-start';
import { approvalOf, endOf, forGood, QUIET, release, step } from './plan-given';

const SEED = 20_260_302;
const RUNS = 1_000;

interface Fate {
  readonly outcome: Outcome;
  readonly undo: boolean;
  /** How taking it back would end. */
  readonly back: Outcome;
}

interface Story {
  readonly onReject: PlanStart['onReject'];
  readonly fates: readonly Fate[];
  /** The workflow is cancelled once so many steps are over. */
  readonly cancelled: number | undefined;
}

const outcome = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Outcome>('executed') },
  { weight: 4, arbitrary: fc.constantFrom<Outcome[]>('approved', 'answered', 'rejected') },
  { weight: 1, arbitrary: fc.constantFrom<Outcome[]>('expired', 'cancelled', 'failed') },
);
const fate = fc.record({ outcome, undo: fc.boolean(), back: outcome });
const story: fc.Arbitrary<Story> = fc.record({
  onReject: fc.constantFrom('stop', 'skip', 'undo'),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
  cancelled: fc.option(fc.nat(12), { nil: undefined, freq: 3 }),
});

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`);
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

const startOf = ({ onReject, fates }: Story) =>
  release(
    onReject,
    fates.map(({ undo }, nth) => (undo ? step(`s${String(nth)}`) : forGood(`s${String(nth)}`))),
  );

/** Does what the workflow does, and writes down each move. */
function driven(told: Story): { plan: Plan; moves: string[] } {
  const start = startOf(told);
  const moves: string[] = [];
  let plan = NEW_PLAN;
  for (;;) {
    if (plan.done.length === told.cancelled) plan = { ...plan, cancelled: true };
    const next = nextOf(start, plan);
    // What crosses continue-as-new decides the same.
    must(same(nextOf(start, JSON.parse(JSON.stringify(plan)) as Plan), next), 'plain JSON');
    if (next.do === 'end') return { plan, moves };
    const { index } = next;
    const { name, undo } = next.step;
    const is = told.fates[index]!;
    moves.push(`${next.do} ${String(index)}`);
    must(moves.length <= 2 * told.fates.length, 'it ends');
    plan =
      next.do === 'step'
        ? ended(plan, endOf(name, is.outcome), QUIET, undo && approvalOf(name))
        : undone(plan, index, { outcome: is.back, workflowId: `release/undo/${name}` }, QUIET);
    must(next.do === 'step' || same(next.approval, approvalOf(name)), 'taken back on its own approval');
  }
}

const good = (one: Outcome) => one !== 'rejected' && !ill(one);
const ill = (one: Outcome) => one === 'expired' || one === 'cancelled' || one === 'failed';

/** The model: first how far it gets, then what is left of it. */
function foretold({ onReject, fates, cancelled }: Story) {
  const at = fates.findIndex(({ outcome: one }) => ill(one) || (one === 'rejected' && onReject !== 'skip'));
  const reached = at < 0 ? fates.length : at + 1;
  const calledOff = cancelled !== undefined && cancelled < reached;
  const taken = fates.slice(0, calledOff ? cancelled : reached);
  const completed = at < 0 && !calledOff;
  const back: number[] = [];
  if (onReject === 'undo' && !completed) {
    const able = taken.flatMap((one, nth) => (one.undo && one.outcome === 'executed' ? [nth] : [])).reverse();
    const broke = able.findIndex((nth) => !good(fates[nth]!.back));
    back.push(...able.slice(0, broke < 0 ? able.length : broke + 1));
  }
  const has = (one: Outcome) => taken.some((step) => step.outcome === one);
  const best = has('executed')
    ? 'executed'
    : has('approved')
      ? 'approved'
      : has('answered')
        ? 'answered'
        : 'rejected';
  return {
    moves: [...taken.map((_, nth) => `step ${String(nth)}`), ...back.map((nth) => `undo ${String(nth)}`)],
    outcome: completed ? best : calledOff ? 'cancelled' : fates[at]!.outcome,
    approvals: taken.map((one) => one.outcome === 'executed' || one.outcome === 'approved'),
    completed,
    steps: taken.map((one, nth) => {
      const undo = { outcome: one.back, workflowId: `release/undo/s${String(nth)}` };
      return endOf(`s${String(nth)}`, one.outcome, back.includes(nth) ? { undo } : {});
    }),
  };
}

describe('any plan', () => {
  it('moves and ends as the model foretells', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { plan, moves } = driven(told);
        const { reason: _, ...ends } = tally(startOf(told), plan);
        expect({ moves, ...ends }).toStrictEqual(foretold(told));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('asks each step at most once, in order, with none passed over; takes back only what was executed, last first', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { plan, moves } = driven(told);
        const indexes = (what: string) =>
          moves.flatMap((move) => (move.startsWith(what) ? [Number(move.slice(what.length))] : []));
        const asked = indexes('step ');
        const back = indexes('undo ');
        expect(asked).toEqual(asked.map((_, nth) => nth));
        expect(moves.slice(0, asked.length).every((move) => move.startsWith('step'))).toBe(true);
        expect(back).toEqual([...new Set(back)].sort((a, b) => b - a));
        for (const nth of back) expect(told.fates[nth]).toMatchObject({ outcome: 'executed', undo: true });
        for (const nth of back.slice(0, -1)) expect(good(told.fates[nth]!.back)).toBe(true);
        const { approvals, completed, steps } = tally(startOf(told), plan);
        expect(approvals).toHaveLength(asked.length);
        for (const [nth, approved] of approvals.entries())
          expect(approved).toBe(['executed', 'approved'].includes(told.fates[nth]!.outcome));
        const passes = (one: Outcome) => good(one) || (one === 'rejected' && told.onReject === 'skip');
        expect(completed).toBe(
          steps.length === told.fates.length && steps.every((end) => passes(end.outcome)),
        );
      }),
      { seed: SEED + 1, numRuns: RUNS },
    );
  });

  it('tells of every effect what became of it, once', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { plan } = driven(told);
        const { reason = '', completed, steps } = tally(startOf(told), plan);
        const effects = steps.filter((end) => end.outcome === 'executed').map(({ name }) => name);
        const tells = told.onReject === 'undo' && !completed;
        const parts = reason.split('; ').slice(tells ? 1 : 0);
        const named = parts.flatMap((part) => /s\d+(?:, s\d+)*/.exec(part)?.[0].split(', ') ?? []);
        if (tells) expect(named.sort()).toEqual(effects.sort());
        else if (completed) expect(reason).toBe('');
        else expect(reason).toMatch(/^(the step s\d+ ended \w+|the workflow was cancelled)$/);
      }),
      { seed: SEED + 2, numRuns: RUNS },
    );
  });
});
