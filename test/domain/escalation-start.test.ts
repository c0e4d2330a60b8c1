/** The argument of `escalation`: the ladder where none is given, one's own, and how each thing that does not fit is named. */
import { LADDER_POLICY, parseEscalation } from '../../src/domain/escalation-start';

const START = { v: 1, task: 'is it safe?', requester: 'req' };
const AGENT = { kind: 'agent', name: 'AGENT' };
const SENIOR = { kind: 'agent', name: 'SENIOR_AGENT', model: 'offline' };
const HUMAN = { name: 'HUMAN', approvers: { people: ['ana', 'bo'] }, respondWithin: '4 hours' };
const MANAGER = { ...HUMAN, kind: 'people', name: 'MANAGER' };
const filled = (level: object) => ({ kind: 'people', quorum: 1, rejections: 1, ...level });

const ladder = (...levels: unknown[]) => ({ ...START, ladder: levels });
const problem = (argument: unknown): string => {
  const parsed = parseEscalation(argument);
  return parsed.ok ? '' : parsed.problem;
};

describe('the ladder', () => {
  it('where none is given: AGENT, SENIOR_AGENT, then whoever the policy says, from 0.7 on', () => {
    expect(parseEscalation(START)).toStrictEqual({
      ok: true,
      start: {
        ...START,
        confidenceThreshold: 0.7,
        agents: [AGENT, { kind: 'agent', name: 'SENIOR_AGENT' }],
        own: false,
      },
    });
  });

  it('its people are HUMAN, then MANAGER: anybody, a day each', () => {
    const day = { approvers: { people: ['*'] }, respondWithin: '24 hours' };
    expect(LADDER_POLICY).toStrictEqual({
      confirmation: 'CONFIRM',
      levels: [filled({ name: 'HUMAN', ...day }), filled({ name: 'MANAGER', ...day })],
      onSilence: 'escalate',
      separation: { requester: true, acrossLevels: true },
    });
  });

  it.each<{ said: string; levels: unknown[]; agents: unknown[]; people?: unknown[] }>([
    {
      said: 'agents and people',
      levels: [AGENT, SENIOR, HUMAN, MANAGER],
      agents: [AGENT, SENIOR],
      people: [filled(HUMAN), filled(MANAGER)],
    },
    { said: 'one agent, and nobody', levels: [SENIOR], agents: [SENIOR] },
    { said: 'people alone', levels: [HUMAN], agents: [], people: [filled(HUMAN)] },
    {
      said: 'names of one’s own',
      levels: [
        { kind: 'agent', name: 'MY BOT' },
        { ...HUMAN, name: 'LEGAL', quorum: 2 },
      ],
      agents: [{ kind: 'agent', name: 'MY BOT' }],
      people: [filled({ ...HUMAN, name: 'LEGAL', quorum: 2 })],
    },
  ])('of one’s own: $said', ({ levels, agents, people }) => {
    expect(parseEscalation(ladder(...levels))).toStrictEqual({
      ok: true,
      start: {
        ...START,
        confidenceThreshold: 0.7,
        agents,
        ...(people === undefined ? {} : { policy: { ...LADDER_POLICY, levels: people } }),
        own: true,
      },
    });
  });

  it('20 levels are the most', () => {
    const agents = Array.from({ length: 20 }, (_, nth) => ({ kind: 'agent', name: `A${String(nth)}` }));
    expect(problem(ladder(...agents))).toBe('');
    expect(problem(ladder(...agents, HUMAN))).toBe('ladder: Too big: expected array to have <=20 items');
  });
});

describe('the threshold', () => {
  it.each([0, 0.41, 1])('%d is one', (confidenceThreshold) => {
    const start = { ...START, confidenceThreshold };
    expect(parseEscalation(start)).toMatchObject({ ok: true, start: { confidenceThreshold } });
  });

  it.each<[unknown, string]>([
    [-0.01, 'confidenceThreshold: Too small: expected number to be >=0'],
    [1.01, 'confidenceThreshold: Too big: expected number to be <=1'],
    ['0.7', 'confidenceThreshold: expected number, received string'],
    [Number.NaN, 'the payload holds a number that JSON has no form for'],
  ])('%p is none', (confidenceThreshold, named) => {
    expect(problem({ ...START, confidenceThreshold })).toBe(named);
  });
});

describe('what does not fit is named', () => {
  const two = 'ladder: two levels have the same name';
  const never = { ...HUMAN, quorum: 3 };
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the payload holds nothing, which is not JSON'],
    ['null', null, 'expected object, received null'],
    ['another version', { ...START, v: 2 }, 'v: expected 1'],
    ['an empty task', { ...START, task: '' }, 'task: Too small: expected string to have >=1 characters'],
    ['no requester', { v: 1, task: 't' }, 'requester: expected string, received undefined'],
    ['a policy, which is the ladder’s business', { ...START, policy: {} }, 'policy: unknown key'],
    ['a ladder that is none', { ...START, ladder: {} }, 'ladder: expected array, received object'],
    ['a ladder of nothing', ladder(), 'ladder: Too small: expected array to have >=1 items'],
    ['an unknown key of an agent', ladder({ ...AGENT, modle: 'x' }), 'ladder[0].modle: unknown key'],
    [
      'an agent with a deadline',
      ladder(HUMAN, { ...AGENT, respondWithin: '1 hour' }),
      'ladder[1].respondWithin: unknown key',
    ],
    [
      'an agent with a slash in its name',
      ladder({ ...AGENT, name: 'a/b' }),
      'ladder[0].name: must not contain /, which parts workflow ids',
    ],
    [
      'an agent without a name',
      ladder({ kind: 'agent' }),
      'ladder[0].name: expected string, received undefined',
    ],
    [
      'an unknown key of people',
      ladder(AGENT, { ...HUMAN, timeout: '1h' }),
      'ladder[1].timeout: unknown key',
    ],
    [
      'people without a deadline',
      ladder(AGENT, { name: 'HUMAN', approvers: { people: ['ana'] } }),
      'ladder[1].respondWithin: expected string, received undefined',
    ],
    ['a level that is none', ladder(AGENT, null), 'ladder[1]: expected object, received null'],
    [
      'an agent after people',
      ladder(AGENT, HUMAN, SENIOR),
      'ladder[2]: an agent is asked before people, not after them',
    ],
    ['two agents of one name', ladder(AGENT, AGENT), two],
    ['two people levels of one name', ladder(HUMAN, HUMAN), two],
    ['an agent and people of one name', ladder({ ...AGENT, name: 'HUMAN' }, HUMAN), two],
    [
      'people who could never be enough, by their place in the ladder',
      ladder(AGENT, SENIOR, HUMAN, { ...never, name: 'MANAGER' }),
      'ladder[3].quorum: asks 3 of 2 people who may decide',
    ],
    [
      'a level of the requester alone',
      ladder(AGENT, { ...HUMAN, approvers: { people: ['req'] } }),
      'ladder[1].quorum: asks 1 of 0 people who may decide; ladder[1].rejections: asks 1 of 0 people who may decide',
    ],
    [
      'its place is the same where a level before it does not fit',
      ladder({ ...AGENT, x: 1 }, SENIOR, { ...HUMAN, x: 1 }, { ...never, name: 'MANAGER' }),
      'ladder[0].x: unknown key; ladder[2].x: unknown key; ladder[3].quorum: asks 3 of 2 people who may decide',
    ],
  ])('%s', (_, argument, named) => {
    expect(problem(argument)).toBe(named);
  });

  it('what is wrong with very much of it is told in 2,000 characters', () => {
    const x = 'x'.repeat(190);
    const levels = Array.from({ length: 20 }, () => ({ ...AGENT, [x]: 1 }));
    expect(problem(ladder(...levels))).toHaveLength(2_000);
  });
});
