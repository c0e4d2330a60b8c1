/** What a plan hands to the workflow of a step: read again, named as it runs, and told what the steps before it did. */
import type { Plan } from '../../src/domain/plan';
import { NEW_PLAN, viewOf } from '../../src/domain/plan';
import { undoGate, stepWorkflow } from '../../src/domain/plan-names';
import { contextOf, gateOf, parseStep, type StepStart } from '../../src/domain/step-start';
import { proposal } from './given';
import { approvalOf, endOf, forGood, release, step } from './plan-given';

const ROOT = { workflowId: 'release', firstRunId: 'run-1' };
const PLAN = release('undo', ['a', 'b']);
const START: StepStart = {
  v: 1,
  root: ROOT,
  requester: 'req',
  step: step('a'),
  plan: viewOf(PLAN, NEW_PLAN),
  context: { step: 'a', steps: [] },
};
const UNDOING: StepStart = { ...START, undoing: approvalOf('a') };

describe('the names that a plan gives', () => {
  it.each<[string, StepStart, string, string]>([
    ['a step’s', START, 'a', 'release/a'],
    ['its undo’s', UNDOING, 'undo/a', 'release/undo/a'],
  ])('%s gate is named after the step, and lives in the plan’s name', (_, start, gate, workflowId) => {
    expect(gateOf(start)).toBe(gate);
    expect(stepWorkflow(ROOT, gate)).toBe(workflowId);
    expect(parseStep(start)).toEqual({ ok: true, start, owner: 'release', workflowId });
  });

  it('no step’s is an undo’s', () => {
    expect(undoGate('a')).not.toBe(gateOf({ step: step('undo') }));
  });
});

describe('what is no step', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected object, received undefined'],
    ['null', null, 'expected object, received null'],
    ['another version', { ...START, v: 2 }, 'v: expected 1'],
    ['an unknown key', { ...START, x: 1 }, 'x: unknown key'],
    ['an unknown key of the root', { ...START, root: { ...ROOT, x: 1 } }, 'root.x: unknown key'],
    [
      'a root without its run',
      { ...START, root: { workflowId: 'r' } },
      'root.firstRunId: expected string, received undefined',
    ],
    [
      'a root without its id',
      { ...START, root: { firstRunId: 'r' } },
      'root.workflowId: expected string, received undefined',
    ],
    ['a requester that is none', { ...START, requester: 1 }, 'requester: expected string, received number'],
    ['a step without a name', { ...START, step: {} }, 'step.name: expected string, received undefined'],
    [
      'a step that proposes nonsense',
      { ...START, step: { ...step('a'), proposal: 7 } },
      'step.proposal: expected object, received number',
    ],
    [
      'a plan without steps',
      { ...START, plan: { onReject: 'stop', at: 0 } },
      'plan.steps: expected array, received undefined',
    ],
    [
      'an approval under nonsense',
      { ...START, undoing: { ...approvalOf('a'), policy: {} } },
      expect.stringContaining('undoing.policy.levels: expected array') as string,
    ],
    ['no plan', { ...START, plan: null }, 'plan: expected object, received null'],
    ['no context', { ...START, context: [] }, 'context: expected object, received array'],
    ['an approval that is none', { ...START, undoing: true }, 'undoing: expected object, received boolean'],
  ])('%s is named', (_, argument, problem) => {
    expect(parseStep(argument)).toEqual({ ok: false, problem });
  });
});

describe('what the agent is told of the steps before', () => {
  const KIB = 1024;
  const ofSize = (bytes: number) => 'x'.repeat(bytes - 2);
  const did = (...ends: Plan['done'][number]['end'][]): Plan => ({
    ...NEW_PLAN,
    done: ends.map((end) => ({ end })),
  });

  it('nothing, before the first', () => {
    expect(contextOf(PLAN, NEW_PLAN, 'a')).toStrictEqual({ step: 'a', steps: [] });
  });

  it('in their order: what each was for, how it ended, what came of it and why; no digest, no record', () => {
    const steps = [
      { ...forGood('a'), proposal: proposal() },
      { name: 'b', proposal: proposal({}, 'Deploy 4.2') },
      forGood('c'),
      forGood('d'),
    ];
    const plan = did(
      endOf('a', 'executed', { result: { rows: 40 }, digest: 'd'.repeat(64) }),
      endOf('b', 'rejected', { reason: 'ana rejected it: not on a Friday' }),
      endOf('c', 'answered', { result: null }),
    );
    expect(contextOf(release('skip', steps), plan, 'd')).toStrictEqual({
      step: 'd',
      steps: [
        { name: 'a', task: 'do a', outcome: 'executed', result: { rows: 40 } },
        { name: 'b', task: 'Deploy 4.2', outcome: 'rejected', reason: 'ana rejected it: not on a Friday' },
        { name: 'c', task: 'do c', outcome: 'answered', result: null },
      ],
    });
  });

  it('tasks, titles and reasons in 500 characters', () => {
    const long = 'x'.repeat(501);
    const steps = [
      { name: 'a', task: long },
      { name: 'b', proposal: proposal({}, long) },
    ];
    const plan = did(endOf('a', 'answered', { reason: long }), endOf('b', 'executed'));
    expect(contextOf(release('stop', steps), plan, 'c').steps).toStrictEqual([
      { name: 'a', task: long.slice(1), outcome: 'answered', reason: long.slice(1) },
      { name: 'b', task: long.slice(1), outcome: 'executed' },
    ]);
  });

  it.each<{ said: string; bytes: number[]; kept: boolean[] }>([
    { said: 'all results that fit', bytes: [32 * KIB, 32 * KIB], kept: [true, true] },
    { said: 'a byte more, and the earliest goes', bytes: [32 * KIB + 1, 32 * KIB], kept: [false, true] },
    { said: 'nothing older than what went', bytes: [KIB, 60 * KIB, 10 * KIB], kept: [false, false, true] },
  ])('$said', ({ bytes, kept }) => {
    const plan = did(...bytes.map((size) => endOf('a', 'executed', { result: ofSize(size) })));
    const { steps } = contextOf(
      release(
        'stop',
        bytes.map(() => 'a'),
      ),
      plan,
      'b',
    );
    expect(steps.map(({ result }) => result !== undefined)).toEqual(kept);
    expect(steps.map(({ outcome }) => outcome)).toEqual(bytes.map(() => 'executed'));
  });

  it('a step that the plan does not have any more is told by its name', () => {
    const none = { ...PLAN, steps: [] };
    expect(contextOf(none, did(endOf('a', 'executed')), 'b').steps).toStrictEqual([
      { name: 'a', outcome: 'executed' },
    ]);
  });
});
