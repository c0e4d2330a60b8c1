/** Whether an agent's answer is enough, why people are asked although it is, and what the next agent is told. */
import {
  ANSWER,
  answerOf,
  failedAnswer,
  forcedBy,
  keptTries,
  LOST,
  parseAgentStart,
  whyNotEnough,
  type AgentAnswer,
} from '../../src/domain/climb';
import type { Tried } from '../../src/domain/context';
import { canonical } from '../../src/domain/digest';
import type { Runs } from '../../src/domain/gate';
import type { Policy } from '../../src/domain/policy';
import { assessed, policy, proposal, ROOT } from './given';

describe('an answer', () => {
  const words = { ...proposal({ output: 'it ships on Monday' }), action: 'answer' };

  it.each<[string, Partial<ReturnType<typeof proposal>>, AgentAnswer['output']]>([
    ['in words', words, 'it ships on Monday'],
    ['in data', { ...words, args: { output: { day: 1 } } }, { day: 1 }],
    ['that says nothing', { ...words, args: {} }, null],
    ['another action has no output, whatever its args', { args: { output: 'x' } }, null],
  ])('%s', (_, change, output) => {
    const proposed = { ...proposal(), sensitive: true, ...change };
    expect(answerOf(proposed, 'AGENT (rules)')).toStrictEqual({
      output,
      confidence: 0.8,
      error: null,
      sensitive: proposed.sensitive,
      proposal: proposed,
      by: 'AGENT (rules)',
    });
  });

  it('that failed proposes nothing, and says why in at most 2,000 characters', () => {
    expect(failedAnswer('AGENT_FAILED', 'no idea', 'AGENT')).toStrictEqual({
      output: null,
      confidence: 0,
      error: 'AGENT_FAILED: no idea',
      sensitive: false,
      by: 'AGENT',
    });
    expect(failedAnswer('E', 'x'.repeat(3_000), 'AGENT').error).toBe(`E: ${'x'.repeat(1_997)}`);
  });

  it('its action and its code are what the workflow and the tools call them', () => {
    expect([ANSWER, LOST]).toEqual(['answer', 'LEVEL_TERMINATED']);
  });
});

describe('why it is not enough', () => {
  const sure = answerOf(proposal(), 'AGENT');
  it.each<[string, Partial<AgentAnswer>, number, string | undefined]>([
    ['below the threshold', { confidence: 0.41 }, 0.7, 'confidence 0.41 < 0.7'],
    ['at the threshold it is enough', { confidence: 0.7 }, 0.7, undefined],
    ['above it, too', { confidence: 0.71 }, 0.7, undefined],
    ['a threshold of nothing is always reached', { confidence: 0 }, 0, undefined],
    ['a threshold of one by certainty alone', { confidence: 0.99 }, 1, 'confidence 0.99 < 1'],
    ['sensitive, however sure', { confidence: 1, sensitive: true }, 0.7, 'sensitive'],
    ['both', { confidence: 0.2, sensitive: true }, 0.7, 'sensitive, confidence 0.2 < 0.7'],
    [
      'an error, and nothing besides',
      { error: 'AGENT_FAILED: no idea', confidence: 0, sensitive: true },
      0.7,
      'error AGENT_FAILED: no idea',
    ],
    ['an error with a threshold of nothing', { error: 'X: y' }, 0, 'error X: y'],
    [
      'a level that was lost says so itself',
      { error: 'LEVEL_TERMINATED: the level AGENT was terminated' },
      0.7,
      'LEVEL_TERMINATED: the level AGENT was terminated',
    ],
    [
      'one that only speaks of it has failed',
      { error: 'X: LEVEL_TERMINATED' },
      0.7,
      'error X: LEVEL_TERMINATED',
    ],
  ])('%s', (_, change, threshold, why) => {
    expect(whyNotEnough({ ...sure, ...change }, threshold)).toBe(why);
  });
});

describe('why people are asked although the agent is sure', () => {
  const nowhere: Runs = { in: 'nowhere' };
  const worker: Runs = { in: 'worker', timeout: '1 minute' };
  const queue: Runs = { in: 'queue', taskQueue: 'q', activity: 'a', input: null, timeout: '1 minute' };
  it.each<{ said: string; asks: Policy['confirmation']; runs: Runs; rule?: string; why: string | undefined }>(
    [
      { said: 'words without a rule: nobody is', asks: 'CONFIRM', runs: nowhere, why: undefined },
      { said: 'words without a rule, even at VERIFY', asks: 'VERIFY', runs: nowhere, why: undefined },
      {
        said: 'words with a rule',
        asks: 'CONFIRM',
        runs: nowhere,
        rule: 'r1',
        why: 'the rule r1 asks CONFIRM',
      },
      { said: 'an effect', asks: 'CONFIRM', runs: worker, why: 'its policy asks CONFIRM' },
      { said: 'an effect on another queue', asks: 'VERIFY', runs: queue, why: 'its policy asks VERIFY' },
      {
        said: 'an effect with a rule',
        asks: 'VERIFY',
        runs: worker,
        rule: 'r1',
        why: 'the rule r1 asks VERIFY',
      },
      { said: 'an effect at INFO: nobody is', asks: 'INFO', runs: worker, why: undefined },
      { said: 'a rule that asks nobody', asks: 'INFO', runs: worker, rule: 'r1', why: undefined },
      { said: 'words at INFO', asks: 'INFO', runs: nowhere, why: undefined },
    ],
  )('$said', ({ asks, runs, rule, why }) => {
    const assessment = { ...assessed({}), runs };
    const found = { policy: policy({}, { confirmation: asks }), assessment };
    expect(forcedBy(rule === undefined ? found : { ...found, rule })).toBe(why);
  });
});

describe('what the next agent is told', () => {
  const KIB = 1024;
  const around = canonical({ ...proposal({ text: '' }) }).length;
  /** Its proposal is of exactly so many bytes. */
  const tried = (level: string, bytes: number): Tried => ({
    level,
    proposal: proposal({ text: 'x'.repeat(bytes - around) }),
    why: `${level} was not sure`,
  });
  const failed: Tried = { level: 'B', failure: { code: 'E', message: 'E: m' }, why: 'error E: m' };

  it.each<{ said: string; bytes: number[]; kept: string[] }>([
    { said: 'all that fit', bytes: [32 * KIB, 32 * KIB], kept: ['A0', 'A1'] },
    { said: 'a byte more, and the earliest goes', bytes: [32 * KIB + 1, 32 * KIB], kept: ['A1'] },
    { said: 'nothing older than what went', bytes: [1 * KIB, 40 * KIB, 40 * KIB], kept: ['A2'] },
  ])('$said', ({ bytes, kept }) => {
    const all = bytes.map((size, nth) => tried(`A${String(nth)}`, size));
    const left = keptTries(all);
    expect(left.filter((one) => one.proposal !== undefined).map(({ level }) => level)).toEqual(kept);
    const whys = ({ level, why }: Tried) => ({ level, why });
    expect(left.map(whys)).toEqual(all.map(whys));
  });

  it('why each was not enough stays, also of one that had no proposal', () => {
    expect(keptTries([failed, tried('A', KIB)])).toStrictEqual([failed, tried('A', KIB)]);
    const [first, second] = keptTries([tried('A', 40 * KIB), failed, tried('C', 40 * KIB)]);
    expect(first).toStrictEqual({ level: 'A', why: 'A was not sure' });
    expect(second).toStrictEqual(failed);
  });
});

describe('what an agent level is given', () => {
  const START = {
    v: 1,
    root: ROOT,
    level: { kind: 'agent', name: 'AGENT', model: 'offline' },
    task: 't',
    requester: 'req',
    tried: [],
  };
  it('is taken as it is', () => {
    expect(parseAgentStart(START)).toEqual({ ok: true, start: START });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected object, received undefined'],
    ['text', 'x', 'expected object, received string'],
    ['another version', { ...START, v: 2 }, 'v: expected 1'],
    ['an unknown key', { ...START, x: 1 }, 'x: unknown key'],
    [
      'a root without a first run',
      { ...START, root: { workflowId: 'w' } },
      'root.firstRunId: expected string, received undefined',
    ],
    ['an unknown key of the root', { ...START, root: { ...ROOT, x: 1 } }, 'root.x: unknown key'],
    ['a level without a name', { ...START, level: {} }, 'level.name: expected string, received undefined'],
    [
      'a model that is none',
      { ...START, level: { name: 'A', model: 1 } },
      'level.model: expected string, received number',
    ],
    ['no task', { ...START, task: null }, 'task: expected string, received null'],
    ['no requester', { ...START, requester: 1 }, 'requester: expected string, received number'],
    ['tries that are no list', { ...START, tried: {} }, 'tried: expected array, received object'],
  ])('%s is named', (_, argument, problem) => {
    expect(parseAgentStart(argument)).toEqual({ ok: false, problem });
  });
});
