/** The arguments of `proposeAndExecute` and `confirm`: what fits, and how each thing that does not is named. */
import { parseConfirm, parseStart } from '../../src/domain/start';
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

describe('what could never be met is refused by name', () => {
  const under = (level: object, rest: object = {}) => ({
    ...START,
    policy: { ...POLICY, levels: [{ ...LEVEL, ...level }], ...rest },
  });
  it.each<[string, unknown, string]>([
    [
      'two levels of one name',
      under({}, { levels: [LEVEL, LEVEL] }),
      'policy.levels: two levels have the same name',
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
    [
      'a name that is none',
      { ...START, policy: 'ｓtrict' },
      'policy: must be 1–200 printable ASCII characters',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });

  it.each<[string, object]>([
    ['VERIFY', under({}, { confirmation: 'VERIFY', phrase: 'REFUND A-4711' })],
    ['reminders', under({ remindEvery: '1 hour' })],
    ['silence that approves', under({}, { onSilence: 'approve' })],
    ['two levels', under({}, { levels: [LEVEL, { ...LEVEL, name: 'MANAGER' }] })],
    ['a policy by name', { ...START, policy: 'strict' }],
  ])('%s is taken as it was given', (_, argument) => {
    expect(parseStart(argument)).toMatchObject({ ok: true, start: argument });
  });
});

const CONFIRM = { v: 1, action: 'Delete resource orders-eu', level: 'VERIFY', requester: 'svc-orders' };
const confirmed = (change: object = {}) => parseConfirm({ ...CONFIRM, ...change });
const refusal = (change: object) => {
  const parsed = confirmed(change);
  return parsed.ok ? '' : parsed.problem;
};

describe('confirm stands for a proposal of the built-in action', () => {
  it('the question is the task, the title and what is hashed; the phrase is its first word and its last', () => {
    expect(confirmed({ details: { rows: 40 } })).toEqual({
      ok: true,
      start: {
        v: 1,
        task: 'Delete resource orders-eu',
        requester: 'svc-orders',
        proposal: {
          action: 'confirm',
          args: { question: 'Delete resource orders-eu', details: { rows: 40 } },
          title: 'Delete resource orders-eu',
          rationale: '',
          confidence: 1,
          sensitive: false,
        },
        confirmation: { level: 'VERIFY', phrase: 'DELETE orders-eu' },
      },
    });
  });

  const phrased = (change: object) => {
    const parsed = confirmed(change);
    return parsed.ok ? parsed.start.confirmation : parsed.problem;
  };
  const own = { ...POLICY, confirmation: undefined, phrase: 'OWN words' };
  const { confirmation: _, ...unsaid } = own;
  it.each<[string, object, unknown]>([
    [
      'its own phrase comes first',
      { verificationPhrase: 'YES delete', policy: unsaid },
      { level: 'VERIFY', phrase: 'YES delete' },
    ],
    ["then the policy's", { policy: unsaid }, { level: 'VERIFY', phrase: 'OWN words' }],
    ['a question of one word has none of its own', { action: 'Delete' }, { level: 'VERIFY' }],
    ['nor has one whose last word only looks like ASCII', { action: 'Delete ordеrs' }, { level: 'VERIFY' }],
    ['CONFIRM has none', { level: 'CONFIRM' }, { level: 'CONFIRM' }],
    ['INFO has none, whatever is given', { level: 'INFO', verificationPhrase: 'X' }, { level: 'INFO' }],
  ])('%s', (_name, change, confirmation) => {
    expect(phrased(change)).toEqual(confirmation);
  });

  it('a policy by name stays a name', () => {
    expect(confirmed({ policy: 'strict' })).toMatchObject({ ok: true, start: { policy: 'strict' } });
  });

  it("a policy's confirmation may be left out: it is the level", () => {
    expect(confirmed({ policy: unsaid })).toMatchObject({
      ok: true,
      start: { policy: { confirmation: 'VERIFY', levels: [LEVEL] } },
    });
    expect(confirmed({ policy: { ...POLICY, confirmation: 'VERIFY' } })).toMatchObject({ ok: true });
  });

  it.each<[string, object, string]>([
    [
      'another confirmation than the level',
      { policy: POLICY },
      'policy.confirmation: level says VERIFY; leave it out',
    ],
    ['no action', { action: undefined }, 'the payload holds nothing, which is not JSON'],
    ['an empty question', { action: '' }, 'action: Too small: expected string to have >=1 characters'],
    ['an unknown key', { phrase: 'X' }, 'phrase: unknown key'],
    [
      'a phrase with a space at its end',
      { verificationPhrase: 'X ' },
      'verificationPhrase: must be 1–200 printable ASCII characters',
    ],
    [
      'a policy that could never be met',
      { policy: { ...unsaid, levels: [{ ...LEVEL, quorum: 3 }] } },
      'policy.levels[0].quorum: asks 3 of 2 people who may decide',
    ],
    ['a policy that is a list', { policy: [] }, 'policy.levels: expected array, received undefined'],
    ['a policy that is null', { policy: null }, 'policy: expected object, received null'],
  ])('%s is named', (_name, change, named) => {
    expect(refusal(change)).toBe(named);
  });

  it('a level that no text can be made of is refused, and nothing throws', () => {
    const level = { toString: 1 };
    expect(refusal({ level, policy: POLICY })).toBe(
      'level: Invalid option: expected one of "INFO"|"CONFIRM"|"VERIFY"',
    );
    expect(problem({ ...START, level, policy: POLICY })).toBe('level: unknown key');
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the payload holds nothing, which is not JSON'],
    ['null', null, 'expected object, received null'],
    ['text', 'Delete it?', 'expected object, received string'],
  ])('%s is no argument', (_name, argument, named) => {
    expect(parseConfirm(argument)).toEqual({ ok: false, problem: named });
  });
});
