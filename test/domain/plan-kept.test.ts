/** What a plan keeps of its steps, within its bounds, and what people see of it. */
import type { Admitted, Escalation } from '../../src/domain/gate';
import { ended, NEW_PLAN, undone, viewOf, type Plan } from '../../src/domain/plan';
import { after, endOf, QUIET, release, step, take, takeBack } from './plan-given';

const KIB = 1024;
/** JSON text of exactly so many bytes. */
const ofSize = (bytes: number) => 'x'.repeat(bytes - 2);

function withResults(sizes: readonly number[]): boolean[] {
  const plan = sizes.reduce<Plan>(
    (one, bytes, nth) =>
      ended(one, endOf(`s${String(nth)}`, 'executed', { result: ofSize(bytes) }), QUIET, undefined),
    NEW_PLAN,
  );
  return plan.done.map(({ end }) => end.result !== undefined);
}

describe('results', () => {
  it.each<{ said: string; kib: number[]; kept: boolean[] }>([
    { said: 'all that fit are kept', kib: [128, 64, 64], kept: [true, true, true] },
    { said: 'the earliest is let go of first', kib: [100, 100, 100], kept: [false, true, true] },
    { said: 'nothing older than what was let go of stays', kib: [1, 200, 100], kept: [false, false, true] },
    { said: 'the last one may take all the room', kib: [1, 256], kept: [false, true] },
  ])('$said', ({ kib, kept }) => {
    expect(withResults(kib.map((size) => size * KIB))).toEqual(kept);
  });

  it('a byte more is too much', () => {
    expect(withResults([256 * KIB + 1])).toEqual([false]);
  });

  it('bytes are those of UTF-8', () => {
    const plan = ended(NEW_PLAN, endOf('a', 'executed', { result: 'ä'.repeat(128 * KIB) }), QUIET, undefined);
    expect(plan.done[0]?.end).toStrictEqual(endOf('a', 'executed'));
  });

  it('null is a result; everything else of a step whose result is let go of stays', () => {
    const start = release('undo', ['a', 'b', 'c']);
    const rest = { digest: 'd'.repeat(64), reason: 'why' };
    const one = take(start, NEW_PLAN, 'executed', { ...rest, result: ofSize(200 * KIB) });
    const two = take(start, one, 'executed', { result: null });
    const three = take(start, two, 'executed', { result: ofSize(100 * KIB) });
    expect(three.done.map(({ end }) => end)).toStrictEqual([
      endOf('a', 'executed', rest),
      endOf('b', 'executed', { result: null }),
      endOf('c', 'executed', { result: ofSize(100 * KIB) }),
    ]);
    expect(three.done[0]?.approval).toStrictEqual(one.done[0]?.approval);
  });
});

describe('what was said', () => {
  const decision = (id: string, bytes = 10): Admitted => ({
    v: 1,
    id,
    digest: 'a'.repeat(64),
    verdict: 'comment',
    reviewer: 'ana',
    comment: 'x'.repeat(bytes),
    at: '2026-03-02T09:00:00.000Z',
    revision: 1,
    level: 'HUMAN',
  });
  const passed = (reason: string): Escalation => ({
    from: 'HUMAN',
    to: 'MANAGER',
    reason,
    at: '2026-03-02T09:00:00.000Z',
  });

  it('in each step, and in what takes it back, in their order', () => {
    const one = ended(
      NEW_PLAN,
      endOf('a', 'executed'),
      { decisions: [decision('d1')], escalations: [passed('e1')] },
      undefined,
    );
    const two = ended(
      one,
      endOf('b', 'rejected'),
      { decisions: [decision('d2')], escalations: [] },
      undefined,
    );
    const back = { outcome: 'executed' as const, workflowId: 'release/undo/a' };
    const said = { decisions: [decision('d3')], escalations: [passed('e2')] };
    const three = undone(two, 0, back, said);
    expect(three).toStrictEqual({
      done: [{ end: endOf('a', 'executed', { undo: back }) }, { end: endOf('b', 'rejected') }],
      decisions: [decision('d1'), decision('d2'), decision('d3')],
      escalations: [passed('e1'), passed('e2')],
    });
  });

  it('the first ones are kept, as far as they fit, and none after one that did not', () => {
    const large = ['d1', 'd2', 'd3'].map((id) => decision(id, 100 * KIB));
    const climbs = ['e1', 'e2', 'e3'].map((id) => passed(`${id} ${'x'.repeat(25 * KIB)}`));
    const said = { decisions: [...large, decision('d4')], escalations: [...climbs, passed('e4')] };
    const plan = ended(NEW_PLAN, endOf('a', 'executed'), said, undefined);
    expect(plan.decisions.map(({ id }) => id)).toEqual(['d1', 'd2']);
    expect(plan.escalations.map(({ reason }) => reason.slice(0, 2))).toEqual(['e1', 'e2']);
  });

  it('that it was cancelled is kept by both', () => {
    const start = release('undo', ['a', 'b']);
    const plan = take(start, NEW_PLAN, 'executed');
    const called: Plan = { ...plan, cancelled: true };
    expect(takeBack(start, called, 'executed').cancelled).toBe(true);
    expect(ended(called, endOf('b', 'cancelled'), QUIET, undefined).cancelled).toBe(true);
  });
});

describe('what people see of it', () => {
  const PROPOSAL = {
    action: 'deploy',
    args: {},
    title: 'Deploy 4.2',
    rationale: '',
    confidence: 1,
    sensitive: false,
  };

  it('before, under way, and after: outcomes, reasons cut, and what was taken back', () => {
    const steps = [step('a'), step('b', { proposal: PROPOSAL }), step('c')];
    const start = release('undo', steps);
    const [a, b, c] = [
      { name: 'a', about: 'do a' },
      { name: 'b', about: 'Deploy 4.2' },
      { name: 'c', about: 'do c' },
    ];
    expect(viewOf(start, NEW_PLAN)).toStrictEqual({ onReject: 'undo', at: 0, steps: [a, b, c] });
    const plan = take(start, after(start, ['executed']), 'rejected', { reason: 'x'.repeat(201) });
    const rejected = { ...b, outcome: 'rejected', reason: 'x'.repeat(200) };
    expect(viewOf(start, takeBack(start, plan, 'failed', 'gone'))).toStrictEqual({
      onReject: 'undo',
      at: 2,
      steps: [{ ...a, outcome: 'executed', undo: 'failed' }, rejected, c],
    });
    const skipping = release('skip', steps);
    expect(viewOf(skipping, after(skipping, ['executed', 'rejected', 'approved'])).at).toBe(3);
  });

  it.each<[string, object, string]>([
    ['the first line of its task', { task: 'migrate\nthen look' }, 'migrate'],
    ['its title, rather than its task', { task: 'deploy it', proposal: PROPOSAL }, 'Deploy 4.2'],
    ['at most 120 characters', { task: 'x'.repeat(121) }, 'x'.repeat(120)],
    ['what cannot be seen is shown', { task: 'drop\u202e it' }, 'drop‹U+202E› it'],
  ])('a step is about %s', (_, given, about) => {
    const start = release('stop', [step('s', given)]);
    expect(viewOf(start, NEW_PLAN).steps).toStrictEqual([{ name: 's', about }]);
  });
});

describe('reasons', () => {
  const reasons = (sizes: readonly number[]) =>
    sizes
      .reduce<Plan>(
        (one, size, nth) =>
          ended(one, endOf(`s${String(nth)}`, 'rejected', { reason: 'r'.repeat(size) }), QUIET, undefined),
        NEW_PLAN,
      )
      .done.map(({ end }) => end.reason?.length);

  it('of the earliest steps are cut where they are too much to be carried', () => {
    expect(reasons([30 * KIB, 30 * KIB, 30 * KIB])).toEqual([200, 30 * KIB, 30 * KIB]);
    expect(reasons([10, 64 * KIB])).toEqual([10, 64 * KIB]);
  });

  it('a thousand rejected steps are still carried', () => {
    const plan = Array.from({ length: 1_000 }).reduce<Plan>(
      (one, _, nth) =>
        ended(one, endOf(`s${String(nth)}`, 'rejected', { reason: 'r'.repeat(20_000) }), QUIET, undefined),
      NEW_PLAN,
    );
    expect(JSON.stringify(plan).length).toBeLessThan(600_000);
  });

  it('are cut between characters, never within one', () => {
    const start = release('stop', ['a']);
    const view = viewOf(
      start,
      ended(NEW_PLAN, endOf('a', 'rejected', { reason: `${'x'.repeat(199)}😀` }), QUIET, undefined),
    );
    expect(view.steps[0]?.reason).toBe('x'.repeat(199));
  });
});
