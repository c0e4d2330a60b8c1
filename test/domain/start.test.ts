/** The argument of `proposeAndExecute`: what fits, and how each thing that does not is named. */
import { parseStart } from '../../src/domain/start';
import { proposal } from './given';

const START = { v: 1, task: 'refund order A-4711', requester: 'svc-orders' };
const LEVEL = { name: 'HUMAN', approvers: { people: ['ana', 'bo'] }, respondWithin: '4 hours' };
const POLICY = { confirmation: 'CONFIRM', levels: [LEVEL] };

const problem = (argument: unknown): string => {
  const parsed = parseStart(argument);
  return parsed.ok ? '' : parsed.problem;
};

describe('what fits', () => {
  it('a task and a requester', () => {
    expect(parseStart(START)).toEqual({ ok: true, start: START });
  });

  it('a proposal, with evidence', () => {
    const evidence = [{ label: 'mail', value: 'it is broken', href: 'https://example.com/1' }];
    const start = { ...START, proposal: { ...proposal(), evidence } };
    expect(parseStart(start)).toEqual({ ok: true, start });
  });

  it('a policy, with what it did not say filled in', () => {
    expect(parseStart({ ...START, policy: POLICY })).toEqual({
      ok: true,
      start: {
        ...START,
        policy: {
          confirmation: 'CONFIRM',
          levels: [{ kind: 'people', ...LEVEL, quorum: 1, rejections: 1 }],
          onSilence: 'escalate',
          separation: { requester: true, acrossLevels: true },
          authentication: 'open',
        },
      },
    });
  });
});

describe('a key that nobody knows is named, at every level', () => {
  it.each<[string, unknown, string]>([
    ['the argument', { ...START, polcy: {} }, 'polcy: unknown key'],
    ['the proposal', { ...START, proposal: { ...proposal(), digest: 'x' } }, 'proposal.digest: unknown key'],
    [
      'a piece of evidence',
      { ...START, proposal: { ...proposal(), evidence: [{ label: 'a', value: 'b', url: 'c' }] } },
      'proposal.evidence[0].url: unknown key',
    ],
    ['the policy', { ...START, policy: { ...POLICY, quorum: 2 } }, 'policy.quorum: unknown key'],
    [
      'a level',
      { ...START, policy: { ...POLICY, levels: [{ ...LEVEL, timeout: '1h' }] } },
      'policy.levels[0].timeout: unknown key',
    ],
    [
      'approvers',
      { ...START, policy: { ...POLICY, levels: [{ ...LEVEL, approvers: { people: ['a'], teams: [] } }] } },
      'policy.levels[0].approvers.teams: unknown key',
    ],
    [
      'several, everywhere, in one answer',
      { ...START, a: 1, proposal: { ...proposal(), b: 1 }, policy: { ...POLICY, c: 1 } },
      'proposal.b: unknown key; a: unknown key; policy.c: unknown key',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });
});

describe('what is not there, or does not fit, is named', () => {
  const { task: _task, ...noTask } = START;
  it.each<[string, unknown, string]>([
    ['no argument', undefined, 'the payload holds nothing, which is not JSON'],
    ['null', null, 'expected object, received null'],
    ['the task alone, as text', 'refund it', 'expected object, received string'],
    ['a list', [START], 'expected object, received array'],
    ['no version', { task: 'x', requester: 'r' }, 'v: expected 1'],
    ['no task', noTask, 'task: expected string, received undefined'],
    ['an empty task', { ...START, task: '' }, 'task: Too small: expected string to have >=1 characters'],
    ['no requester', { v: 1, task: 'x' }, 'requester: expected string, received undefined'],
    [
      'an invisible requester',
      { ...START, requester: 'req\u200b' },
      'requester: must be 1–200 printable ASCII characters',
    ],
    [
      'a confidence of 82',
      { ...START, proposal: { ...proposal(), confidence: 82 } },
      'proposal.confidence: Too big: expected number to be <=1',
    ],
    [
      'args that are a list',
      { ...START, proposal: { ...proposal(), args: [] } },
      'proposal.args: expected record, received array',
    ],
    ['a policy that is null', { ...START, policy: null }, 'policy: expected object, received null'],
    [
      'an empty duration',
      { ...START, policy: { ...POLICY, levels: [{ ...LEVEL, respondWithin: '' }] } },
      'policy.levels[0].respondWithin: must be a duration such as "30s", "4 hours" or "7 days", at most 10 years',
    ],
    ['__proto__', JSON.parse('{"v":1,"__proto__":{}}'), 'the payload has a key named __proto__'],
    [
      'bytes that did not decode',
      { __undecodable: true, encoding: 'x', bytes: 1 },
      'the payload does not decode (encoding x)',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });
});

describe('what is not built, or could never be met, is refused by name', () => {
  const under = (level: object, rest: object = {}) => ({
    ...START,
    policy: { ...POLICY, levels: [{ ...LEVEL, ...level }], ...rest },
  });
  it.each<[string, unknown, string]>([
    [
      'a policy by name',
      { ...START, policy: 'strict' },
      'policy: a policy by name is not supported yet; give the policy itself',
    ],
    ['VERIFY', under({}, { confirmation: 'VERIFY' }), 'policy: confirmation VERIFY is not supported yet'],
    ['reminders', under({ remindEvery: '1 hour' }), 'policy: levels[0].remindEvery is not supported yet'],
    [
      'silence that approves',
      under({}, { onSilence: 'approve' }),
      'policy: onSilence approve is not supported yet',
    ],
    [
      'two levels',
      under({}, { levels: [LEVEL, LEVEL] }),
      'policy: more than one of levels is not supported yet',
    ],
    ['three of two', under({ quorum: 3 }), 'policy.levels[0].quorum: asks 3 of 2 people who may decide'],
    [
      'the requester as the only approver',
      under({ approvers: { people: ['svc-orders'] } }),
      'policy.levels[0].quorum: asks 1 of 0 people who may decide; policy.levels[0].rejections: asks 1 of 0 people who may decide',
    ],
    [
      'no verdict that signs',
      under({}, { verdicts: ['reject'] }),
      'policy.verdicts: offers neither approve nor edit, so nothing could ever be approved',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });
});
