/** The argument of `multiStepApproval`: what fits, how each thing that does not is named, and how much of it there may be. */
import { parsePlan } from '../../src/domain/plan-start';
import { proposal } from './given';

const LEVEL = { name: 'HUMAN', approvers: { people: ['ana', 'bo'] }, respondWithin: '4 hours' };
const POLICY = { confirmation: 'CONFIRM', levels: [LEVEL] };
const FILLED = {
  confirmation: 'CONFIRM',
  levels: [{ kind: 'people', ...LEVEL, quorum: 1, rejections: 1 }],
  onSilence: 'escalate',
  separation: { requester: true, acrossLevels: true },
};
const UNDO = { action: 'restore', args: { from: 'backup' } };
const STEP = { name: 'migrate', task: 'migrate orders' };
const PLAN = { v: 1, requester: 'svc-orders', steps: [STEP] };

const withStep = (change: object) => ({ ...PLAN, steps: [{ ...STEP, ...change }] });
const under = (level: object) => ({ ...POLICY, levels: [{ ...LEVEL, ...level }] });
const problem = (argument: unknown): string => {
  const parsed = parsePlan(argument);
  return parsed.ok ? '' : parsed.problem;
};

describe('what fits', () => {
  it('a step with a task; a rejected one stops the plan where it does not say', () => {
    expect(parsePlan(PLAN)).toStrictEqual({ ok: true, start: { ...PLAN, onReject: 'stop' } });
  });

  it('policies of the plan, a step and an undo, each with what it did not say filled in', () => {
    const undo = { ...UNDO, policy: POLICY };
    const steps = [
      { ...STEP, policy: POLICY, undo },
      { name: 'deploy', proposal: proposal(), undo: UNDO },
    ];
    expect(parsePlan({ ...PLAN, policy: POLICY, onReject: 'undo', steps })).toStrictEqual({
      ok: true,
      start: {
        ...PLAN,
        onReject: 'undo',
        policy: FILLED,
        steps: [{ ...STEP, policy: FILLED, undo: { ...UNDO, policy: FILLED } }, steps[1]],
      },
    });
  });

  it('policies by name stay names', () => {
    const plan = {
      ...withStep({ policy: 'careful', undo: { ...UNDO, policy: 'lax' } }),
      policy: 'strict',
      onReject: 'skip',
    };
    expect(parsePlan(plan)).toStrictEqual({ ok: true, start: plan });
  });

  it('a task and a proposal, both', () => {
    const plan = { ...withStep({ proposal: proposal() }), onReject: 'stop' };
    expect(parsePlan(plan)).toStrictEqual({ ok: true, start: plan });
  });
});

describe('a key that nobody knows is named, at every level', () => {
  it.each<[string, unknown, string]>([
    ['the plan', { ...PLAN, onreject: 'skip' }, 'onreject: unknown key'],
    ['the plan’s policy', { ...PLAN, policy: { ...POLICY, quorum: 2 } }, 'policy.quorum: unknown key'],
    ['a step', withStep({ tsak: 'x' }), 'steps[0].tsak: unknown key'],
    [
      'a step’s proposal',
      withStep({ proposal: { ...proposal(), x: 1 } }),
      'steps[0].proposal.x: unknown key',
    ],
    ['a step’s policy', withStep({ policy: { ...POLICY, x: 1 } }), 'steps[0].policy.x: unknown key'],
    [
      'a level of it',
      withStep({ policy: under({ timeout: '1h' }) }),
      'steps[0].policy.levels[0].timeout: unknown key',
    ],
    ['an undo', withStep({ undo: { ...UNDO, title: 'x' } }), 'steps[0].undo.title: unknown key'],
    [
      'an undo’s policy',
      withStep({ undo: { ...UNDO, policy: { ...POLICY, x: 1 } } }),
      'steps[0].undo.policy.x: unknown key',
    ],
    [
      'three policies at once',
      {
        ...withStep({ policy: { ...POLICY, b: 1 }, undo: { ...UNDO, policy: { ...POLICY, c: 1 } } }),
        policy: { ...POLICY, a: 1 },
      },
      'policy.a: unknown key; steps[0].policy.b: unknown key; steps[0].undo.policy.c: unknown key',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });
});

const { task: _task, ...untold } = STEP;
const SLASH = 'must not contain /, which parts workflow ids';
const ASCII = 'must be 1–200 printable ASCII characters';

describe('what is not there, or does not fit, is named', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the payload holds nothing, which is not JSON'],
    ['null', null, 'expected object, received null'],
    ['no requester', { v: 1, steps: [STEP] }, 'requester: expected string, received undefined'],
    ['another version', { ...PLAN, v: 2 }, 'v: expected 1'],
    ['no steps', { ...PLAN, steps: [] }, 'steps: Too small: expected array to have >=1 items'],
    [
      'another onReject',
      { ...PLAN, onReject: 'retry' },
      'onReject: Invalid option: expected one of "stop"|"skip"|"undo"',
    ],
    [
      'neither task nor proposal',
      { ...PLAN, steps: [STEP, { name: 'deploy' }] },
      'steps[1]: give a proposal, or a task for an agent to propose one',
    ],
    [
      'an empty task',
      withStep({ task: '' }),
      'steps[0].task: Too small: expected string to have >=1 characters',
    ],
    [
      'two steps with one name',
      { ...PLAN, steps: [STEP, { ...STEP, name: 'deploy' }, STEP] },
      'steps[2].name: migrate is the name of another step, too',
    ],
    ['a name with a slash', withStep({ name: 'a/b' }), `steps[0].name: ${SLASH}`],
    ['a name in Cyrillic', withStep({ name: 'аb' }), `steps[0].name: ${ASCII}`],
    [
      'a name of 101',
      withStep({ name: 'x'.repeat(101) }),
      'steps[0].name: Too big: expected string to have <=100 characters',
    ],
    [
      'the name undo',
      withStep({ name: 'undo' }),
      'steps[0].name: undo is the name of what takes steps back; choose another',
    ],
    [
      'an undo without args',
      withStep({ undo: { action: 'restore' } }),
      'steps[0].undo.args: expected record, received undefined',
    ],
    ['a policy that is null', { ...PLAN, policy: null }, 'policy: expected object, received null'],
    ['a policy’s name that is none', withStep({ policy: 'ｓtrict' }), `steps[0].policy: ${ASCII}`],
    [
      'an undo’s policy that is a list',
      withStep({ undo: { ...UNDO, policy: [] } }),
      'steps[0].undo.policy: expected object, received array',
    ],
    [
      'several of them',
      { ...PLAN, steps: [untold, { ...untold, policy: { ...POLICY, x: 1 } }] },
      'steps[1].policy.x: unknown key; steps[0]: give a proposal, or a task for an agent to propose one; ' +
        'steps[1]: give a proposal, or a task for an agent to propose one; ' +
        'steps[1].name: migrate is the name of another step, too',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });

  it('undo within a name, and a name of 100, are fine', () => {
    for (const name of ['undo-it', 'Undo', 'x'.repeat(100)]) expect(problem(withStep({ name }))).toBe('');
  });
});

describe('what could never be met is refused by name', () => {
  const never = under({ quorum: 3 });
  const asks = 'asks 3 of 2 people who may decide';
  it.each<[string, unknown, string]>([
    ['the plan', { ...PLAN, policy: never }, `policy.levels[0].quorum: ${asks}`],
    [
      'the second step',
      { ...PLAN, steps: [STEP, { ...STEP, name: 'deploy', policy: never }] },
      `steps[1].policy.levels[0].quorum: ${asks}`,
    ],
    [
      'an undo',
      withStep({ undo: { ...UNDO, policy: never } }),
      `steps[0].undo.policy.levels[0].quorum: ${asks}`,
    ],
    [
      'the requester alone',
      withStep({ policy: under({ approvers: { people: ['svc-orders', 'ana'] }, quorum: 2 }) }),
      'steps[0].policy.levels[0].quorum: asks 2 of 1 people who may decide',
    ],
    [
      'no verdict that signs',
      withStep({ undo: { ...UNDO, policy: { ...POLICY, verdicts: ['reject'] } } }),
      'steps[0].undo.policy.verdicts: offers neither approve nor edit, so nothing could ever be approved',
    ],
  ])('by %s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });
});

describe('how much of it there may be', () => {
  const evidence = [{ label: 'rows', value: '40' }];
  const many = (count: number, rest: object) => ({
    ...PLAN,
    steps: Array.from({ length: count }, (_, nth) => ({ name: `s${String(nth)}`, ...rest })),
  });
  const whole = { proposal: { ...proposal(), evidence }, policy: POLICY, undo: UNDO };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

  it.each<[string, unknown, string]>([
    ['300 steps of whole proposals', many(300, whole), ''],
    ['1,000 steps', many(1_000, { task: 't' }), ''],
    ['1,001 steps', many(1_001, { task: 't' }), 'steps: Too big: expected array to have <=1000 items'],
    [
      'more bytes than any payload may have',
      many(3, { task: 'x'.repeat(90_000) }),
      'the payload is larger than 256 KiB',
    ],
    [
      'more values than a plan may have',
      { ...PLAN, steps: Array.from({ length: 40_001 }, () => 1) },
      'the payload has more than 40000 values',
    ],
    ['args as deep as they may be elsewhere', withStep({ proposal: proposal(nested(7) as never) }), ''],
    [
      'deeper ones',
      withStep({ proposal: proposal(nested(8) as never) }),
      'the payload is nested more than 11 levels deep',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });

  it('what is wrong with very many of them is told in 2,000 characters', () => {
    const long = problem(many(300, {}));
    expect(long).toHaveLength(2_000);
    expect(long).toMatch(/^steps\[0\]: give a proposal/);
  });
});
