/** A plan as people read it, at its own workflow and at a step's: how each step ended, which one it is about, what is left. */
import { planBlock, planLines, type PlanAt } from '../../src/domain/packet/plan-text';
import type { Packet } from '../../src/domain/packet';
import type { PlanView, StepView } from '../../src/domain/plan-view';
import { HOSTILE, raw } from '../support/hostile';

const EXECUTED = { outcome: 'executed' };
const NAMES = ['build', 'deploy', 'announce'];

function plan(ends: readonly Partial<StepView>[], more: Partial<PlanView> = {}, names = NAMES): PlanView {
  const steps = names.map((name, index) => ({ name, about: `${name} it`, ...ends[index] }));
  return { onReject: 'stop', at: ends.length, steps, ...more };
}

function packet(view: PlanView, more: Partial<Packet> = {}): Packet {
  return {
    v: 1,
    workflowId: 'p',
    root: { workflowId: 'p', firstRunId: 'r' },
    gate: view.steps[view.at]?.name ?? '',
    status: 'waiting',
    requester: 'req',
    revision: 0,
    plan: view,
    signatures: [],
    verdicts: [],
    authentication: 'open',
    ...more,
  };
}
const step = (name: string) => ({ workflowId: `p/${name}`, gate: name, status: 'open' as const });

function linesOf(of: PlanAt, around?: number) {
  const block = planBlock(of);
  return block && planLines(block, around);
}

it.each([
  {
    said: 'the plan itself, at its second step',
    of: packet(plan([EXECUTED])),
    heading: 'step 2 of 3; a rejected step ends it',
    lines: [
      '  1. build (build it): executed',
      '> 2. deploy (deploy it): under way',
      '  3. announce (announce it): to come',
    ],
  },
  {
    said: 'the same at the step',
    of: packet(plan([EXECUTED], { onReject: 'skip' }), step('deploy')),
    heading: 'step 2 of 3; a rejected step is left out',
    lines: [
      '  1. build (build it): executed',
      '> 2. deploy (deploy it): this one',
      '  3. announce (announce it): to come',
    ],
  },
  {
    said: 'at a step that is over',
    of: packet(plan([]), { ...step('build'), status: 'closed', outcome: 'approved' }),
    heading: 'step 1 of 3, as it stood when this one was asked; a rejected step ends it',
    lines: [
      '> 1. build (build it): this one, approved',
      '  2. deploy (deploy it): to come',
      '  3. announce (announce it): to come',
    ],
  },
  {
    said: 'what was done is being taken back, last first',
    of: packet(
      plan([EXECUTED, { ...EXECUTED, undo: 'executed' }, { outcome: 'rejected', reason: 'ana: no' }], {
        onReject: 'undo',
      }),
      {
        gate: 'undo/build',
      },
    ),
    heading: 'taking back build, step 1 of 3; a rejected step has what was done taken back',
    lines: [
      '< 1. build (build it): executed; being taken back',
      '  2. deploy (deploy it): executed; taken back',
      '  3. announce (announce it): rejected, ana: no',
    ],
  },
  {
    said: 'at what takes it back; what comes behind a rejection is not begun',
    of: packet(plan([EXECUTED, { outcome: 'rejected' }]), step('undo/build')),
    heading: 'taking back build, step 1 of 3; a rejected step ends it',
    lines: [
      '< 1. build (build it): executed; this takes it back',
      '  2. deploy (deploy it): rejected',
      '  3. announce (announce it): not begun',
    ],
  },
  {
    said: 'over: what could not be taken back is said to be',
    of: packet(plan([{ ...EXECUTED, undo: 'failed' }, { outcome: 'rejected' }]), {
      status: 'closed',
      outcome: 'rejected',
      gate: 'deploy',
    }),
    heading: '2 of 3 steps were asked, outcome rejected; a rejected step ends it',
    lines: [
      '  1. build (build it): executed; taking it back ended failed',
      '  2. deploy (deploy it): rejected',
      '  3. announce (announce it): not begun',
    ],
  },
  {
    said: 'a step that says no more than its name',
    of: packet(plan([], {}, ['build']), {
      plan: { onReject: 'stop', at: 0, steps: [{ name: 'a', about: 'a' }] },
      gate: 'a',
    }),
    heading: 'step 1 of 1; a rejected step ends it',
    lines: ['> 1. a: under way'],
  },
])('$said', ({ of, heading, lines }) => {
  expect(linesOf(of)).toEqual({ heading, lines, leftOut: 0 });
});

it('of a long plan those around the one that is under way; of the others how many ended how', () => {
  const names = Array.from({ length: 100 }, (_, nth) => `s${String(nth)}`);
  const ends = Array.from({ length: 50 }, (_, nth) =>
    nth === 7 ? { outcome: 'rejected' } : { ...EXECUTED, undo: nth < 2 ? 'executed' : undefined },
  );
  const shown = linesOf(packet(plan(ends as StepView[], {}, names)), 2);
  expect(shown?.lines).toEqual([
    '  … steps 1 to 48: 2 taken back, 45 executed, 1 rejected',
    '  49. s48 (s48 it): executed',
    '  50. s49 (s49 it): executed',
    '> 51. s50 (s50 it): under way',
    '  52. s51 (s51 it): to come',
    '  53. s52 (s52 it): to come',
    '  … steps 54 to 100: 47 to come',
  ]);
  expect(shown?.leftOut).toBe(95);
});

it.each([0, 1, 3, 4, 5, 6, 9, 10])('of eleven steps, at %d, a single one is never left out', (at) => {
  const names = Array.from({ length: 11 }, (_, nth) => `s${String(nth)}`);
  const ends = names.slice(0, at).map(() => EXECUTED);
  const { lines = [], leftOut = 0 } = linesOf(packet(plan(ends, {}, names)), 3) ?? {};
  const gaps = lines.filter((line) => line.startsWith('  …')).length;
  expect(lines.length - gaps + leftOut).toBe(11);
  expect(leftOut).toBeGreaterThanOrEqual(gaps * 2);
});

it('the plan has made its titles visible: they are not made so twice', () => {
  const told = linesOf(
    packet({ onReject: 'stop', at: 0, steps: [{ name: 'a', about: 'x‹U+202E›y' }] }, { gate: 'a' }),
  );
  expect(told?.lines).toEqual(['> 1. a (x‹U+202E›y): under way']);
});

it('a gate of no plan', () => {
  const { plan: _, ...alone } = packet(plan([]));
  expect(linesOf(alone)).toBeUndefined();
});

it('300 hostile strings as name, title, outcome, reason and undo', () => {
  for (const text of HOSTILE) {
    const view = { name: text, about: text, outcome: text, reason: text, undo: text };
    const steps = [view, view, view, { name: 'a', about: text }];
    const of = packet({ onReject: 'stop', at: 3, steps }, { gate: 'a', outcome: text as 'executed' });
    const said = [linesOf(of), linesOf(of, 0), linesOf({ ...of, status: 'closed' })];
    const lines = said.flatMap((one) => [one?.heading ?? '', ...(one?.lines ?? [])]);
    expect({ text, raw: raw(lines.join('\n')), breaks: lines.join('').includes('\n') }).toEqual({
      text,
      raw: [],
      breaks: false,
    });
  }
});
