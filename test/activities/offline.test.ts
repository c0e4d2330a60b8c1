/** The lines that the offline agent obeys, and what it says where it cannot. */
import type { AgentAnswer, ProposeRequest } from '../../src/providers/llm/agent';
import { createOfflineAgent, type Recogniser } from '../../src/providers/llm/offline';

const heard: string[] = [];
const actions: Recogniser = {
  find: (name) => ({ drop: { risk: 'high' }, refund: { risk: 'low' } })[name],
  recognise(text) {
    heard.push(text);
    const order = /refund (\S+)/.exec(text)?.[1];
    if (order === 'odd')
      return { action: 'refund', args: {}, titel: 'Refund' } as { action: string; args: unknown };
    return order === undefined ? undefined : { action: 'refund', args: { order } };
  },
};
const agent = createOfflineAgent(actions);
const ask = (task: string, level = 'AGENT', beside: Partial<ProposeRequest> = {}): Promise<AgentAnswer> =>
  agent.propose({ task, level, signal: new AbortController().signal, ...beside });

const RULES = expect.stringContaining('is rules, not a language model') as string;
const drop = { action: 'drop', args: { table: 't' } };
const full = {
  ...drop,
  title: 'Drop it',
  rationale: 'Old',
  confidence: 0.9,
  sensitive: false,
  evidence: [{ label: 'a', value: 'b' }],
};
const refund = {
  action: 'refund',
  args: { order: 'A-1' },
  title: 'Run refund',
  rationale: RULES,
  confidence: 0.5,
  sensitive: false,
};
const text = (output: string): object => ({
  action: 'answer',
  args: { output },
  title: 'Answer the task',
  rationale: RULES,
  confidence: 0.5,
  sensitive: false,
});

test.each<{ said: string; task: string; level?: string; proposes: object }>([
  { said: 'an action recognises the words', task: 'Please refund A-1', proposes: refund },
  { said: 'a whole proposal is passed on', task: `propose: ${JSON.stringify(full)}`, proposes: full },
  {
    said: 'what is missing is filled in',
    task: `Do it.\npropose: ${JSON.stringify(drop)}`,
    proposes: { ...drop, title: 'Run drop', rationale: RULES, confidence: 0.5, sensitive: true },
  },
  { said: 'answer proposes the built-in answer', task: 'answer: forty-two', proposes: text('forty-two') },
  {
    said: 'confidence is taken',
    task: 'refund A-1\nconfidence: 0.41',
    proposes: { ...refund, confidence: 0.41 },
  },
  {
    said: 'and wins over the proposal',
    task: `propose: ${JSON.stringify(full)}\r\nconfidence: 1`,
    proposes: { ...full, confidence: 1 },
  },
  { said: 'sensitive: yes', task: 'refund A-1\nsensitive: yes', proposes: { ...refund, sensitive: true } },
  {
    said: 'sensitive: no',
    task: `propose: ${JSON.stringify(drop)}\nsensitive: no`,
    proposes: { ...drop, title: 'Run drop', rationale: RULES, confidence: 0.5, sensitive: false },
  },
  {
    said: "another level's line does not count",
    task: 'refund A-1\nSENIOR_AGENT.confidence: 0.9',
    proposes: refund,
  },
  {
    said: 'a line for the level counts',
    task: 'refund A-1\nSENIOR_AGENT.confidence: 0.9',
    level: 'SENIOR_AGENT',
    proposes: { ...refund, confidence: 0.9 },
  },
  {
    said: 'and wins, whichever comes first',
    task: 'SENIOR_AGENT.answer: b\nanswer: a',
    level: 'SENIOR_AGENT',
    proposes: text('b'),
  },
  {
    said: 'the unprefixed one holds elsewhere',
    task: 'SENIOR_AGENT.answer: b\nanswer: a',
    proposes: text('a'),
  },
  {
    said: 'one level fails, the next does not',
    task: 'fail: asleep\nSENIOR_AGENT.answer: here',
    level: 'SENIOR_AGENT',
    proposes: text('here'),
  },
  {
    said: 'a word inside a sentence is no line',
    task: 'I refund A-1, fail: or not',
    proposes: { ...refund, args: { order: 'A-1,' } },
  },
])('proposes: $said', async ({ task, level, proposes }) => {
  expect(await ask(task, level)).toEqual({ kind: 'proposal', proposal: proposes });
});

test.each<{ said: string; task: string; code: string; message: string }>([
  {
    said: 'nothing is recognised',
    task: 'Hello',
    code: 'NOTHING_RECOGNISED',
    message: 'rules, not a language model: no action recognises this task. Write a line such as',
  },
  {
    said: 'told to fail',
    task: 'refund A-1\nfail: the model is down',
    code: 'AGENT_FAILED',
    message: 'the model is down',
  },
  {
    said: 'told to fail without a reason',
    task: 'fail:',
    code: 'AGENT_FAILED',
    message: 'the task told the offline agent to fail',
  },
  {
    said: 'no JSON',
    task: 'propose: {"action":',
    code: 'MALFORMED_PROPOSAL',
    message: '"propose:" must be followed by JSON on the same line',
  },
  {
    said: 'an unknown key',
    task: `propose: ${JSON.stringify({ ...drop, titel: 'x' })}`,
    code: 'MALFORMED_PROPOSAL',
    message: 'titel: unknown key',
  },
  {
    said: 'a nested unknown key',
    task: `propose: ${JSON.stringify({ ...drop, evidence: [{ label: 'a', value: 'b', x: 1 }] })}`,
    code: 'MALFORMED_PROPOSAL',
    message: 'evidence.0.x: unknown key',
  },
  {
    said: 'no action',
    task: 'propose: {"args":{}}',
    code: 'MALFORMED_PROPOSAL',
    message: 'action: expected string, received undefined',
  },
  {
    said: 'a prototype',
    task: 'propose: {"action":"a","args":{"__proto__":1}}',
    code: 'MALFORMED_PROPOSAL',
    message: 'a key named __proto__',
  },
  {
    said: 'a confidence above 1',
    task: 'refund A-1\nconfidence: 1.2',
    code: 'MALFORMED_PROPOSAL',
    message: '"confidence:" must be a number from 0 to 1, such as 0.41, not "1.2"',
  },
  {
    said: 'a confidence that is none',
    task: 'refund A-1\nconfidence:',
    code: 'MALFORMED_PROPOSAL',
    message: 'not ""',
  },
  {
    said: 'sensitive: maybe',
    task: 'refund A-1\nsensitive: maybe',
    code: 'MALFORMED_PROPOSAL',
    message: '"sensitive:" must be yes or no, not "maybe"',
  },
  {
    said: 'two lines that disagree',
    task: 'answer: a\nanswer: b',
    code: 'MALFORMED_PROPOSAL',
    message: 'the task says "answer:" twice',
  },
  {
    said: 'an action that recognises nonsense',
    task: 'refund odd',
    code: 'MALFORMED_PROPOSAL',
    message: 'titel: unknown key',
  },
])('fails: $said', async ({ task, code, message }) => {
  expect(await ask(task)).toEqual({
    kind: 'failed',
    code,
    message: expect.stringContaining(message) as string,
  });
});

describe('an output for review', () => {
  const write = (task: string, beside: Partial<ProposeRequest> = {}) =>
    ask(task, 'AGENT', { produce: 'answer', ...beside });
  const own = { action: 'answer', args: { output: { total: 3 } }, title: 'Totals' };

  test.each<{ said: string; task: string; proposes: object }>([
    { said: 'answer: writes it', task: 'Sum up.\nanswer: forty-two', proposes: text('forty-two') },
    {
      said: 'propose: may name the answer',
      task: `propose: ${JSON.stringify(own)}`,
      proposes: { ...own, rationale: RULES, confidence: 0.5, sensitive: false },
    },
    {
      said: 'how sure to be of it counts',
      task: 'answer: a\nconfidence: 0.9',
      proposes: { ...text('a'), confidence: 0.9 },
    },
  ])('$said', async ({ task, proposes }) => {
    expect(await write(task)).toEqual({ kind: 'proposal', proposal: proposes });
  });

  test.each<{ said: string; task: string; code: string; message: string }>([
    {
      said: 'another action',
      task: `propose: ${JSON.stringify(drop)}`,
      code: 'MALFORMED_PROPOSAL',
      message:
        'generateAndReview reviews an answer, and "propose:" names the action "drop": write "answer: …"',
    },
    {
      said: 'another action that is malformed besides',
      task: 'propose: {"args":{}}',
      code: 'MALFORMED_PROPOSAL',
      message: 'action: expected string, received undefined',
    },
    {
      said: 'words that an action would recognise',
      task: 'refund A-1',
      code: 'NOTHING_RECOGNISED',
      message: 'rules, not a language model: it writes no text of its own. Write a line such as "answer: …"',
    },
    { said: 'told to fail', task: 'answer: a\nfail: asleep', code: 'AGENT_FAILED', message: 'asleep' },
  ])('fails: $said', async ({ task, code, message }) => {
    heard.length = 0;
    expect(await write(task)).toEqual({
      kind: 'failed',
      code,
      message: expect.stringContaining(message) as string,
    });
    expect(heard).toEqual([]); // no action is asked
  });

  test('a comment may write the next one, and no action either', async () => {
    const comment = 'Shorter.\nanswer: 42';
    expect(await write('answer: forty-two', { earlier: [{ comment }] })).toMatchObject({
      proposal: { args: { output: '42' } },
    });
    const other = `propose: ${JSON.stringify(drop)}`;
    expect(await write('answer: forty-two', { earlier: [{ comment: other }] })).toMatchObject({
      code: 'MALFORMED_PROPOSAL',
    });
    expect(await write('answer: forty-two', { earlier: [{ comment: 'refund A-1' }] })).toMatchObject({
      proposal: { args: { output: 'forty-two' } },
    });
  });
});

test('what was tried before is counted, and a plan changes nothing', async () => {
  const tried = [
    { level: 'AGENT', failure: { code: 'AGENT_FAILED', message: 'no' }, why: 'error' },
    { level: 'SENIOR_AGENT', why: 'confidence 0.4 < 0.7' },
  ];
  const plan = { step: 'b', steps: [{ name: 'a', outcome: 'executed' }] };
  const alone = await ask('answer: a');
  if (alone.kind !== 'proposal') throw new Error(alone.message);
  const rationale = `Tried before by others: 2. ${alone.proposal.rationale}`;
  expect(await ask('answer: a', 'LEAD', { tried, plan })).toEqual({
    ...alone,
    proposal: { ...alone.proposal, rationale },
  });
  expect(await ask('answer: a', 'LEAD', { tried: [], plan })).toEqual(alone);
  expect(await ask('fail: no', 'LEAD', { tried })).toEqual({
    kind: 'failed',
    code: 'AGENT_FAILED',
    message: 'no',
  });
});

test('actions are shown the words without any such line', async () => {
  heard.length = 0;
  await ask('refund A-1\nconfidence: 0.4\nMANAGER.answer: secret\n  sensitive: no\nthanks');
  expect(heard).toEqual(['refund A-1\nthanks']);
});

test('it stops when it is cancelled, and has a name', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(agent.propose({ task: 'answer: a', level: 'AGENT', signal })).rejects.toThrow('enough');
  expect(agent.name).toBe('offline');
});
