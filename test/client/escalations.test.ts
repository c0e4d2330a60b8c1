/** Who was asked about one question, level after level: times of the server's, reasons of the record's, whoever still answers. */
import type { Escalations, LevelSeen, Packet } from '../../src/client';
import { policy } from '../domain/given';
import { after, fakeExecutions, type Execution } from '../support/fake-executions';

const LADDER: Execution = {
  workflowId: 't',
  type: 'escalation',
  from: 0,
  argument: { v: 1, task: 'may it?', requester: 'req' },
};
const agent = (name: string, from: number, more: Partial<Execution> = {}): Execution => ({
  workflowId: `t/${name}`,
  type: 'askAgent',
  parent: 't',
  from,
  to: from + 2,
  ...more,
});
const said = (confidence: number, more: object = {}) => ({
  result: {
    output: 'maybe',
    confidence,
    error: null,
    sensitive: false,
    by: 'it',
    proposal: { action: 'answer', args: { output: 'maybe' } },
    ...more,
  },
});
const people = (of: string, name: string, from: number, more: Partial<Execution> = {}): Execution => ({
  workflowId: `${of}/${name}`,
  type: 'reviewLevel',
  parent: of,
  from,
  ...more,
});
const up = (from: string, to: string, reason: string, at: number) => ({ from, to, reason, at: after(at) });
const decided = (outcome: string, reason?: string) => ({
  result: { outcome, ...(reason === undefined ? {} : { reason }) },
});

/** A level in a line. */
const line = ({
  name,
  kind,
  status,
  started,
  closed,
  outcome,
  reason,
  confidence,
  answer,
  action,
  to,
  why,
}: LevelSeen) =>
  [
    name,
    kind,
    status === 'COMPLETED' ? '' : status,
    `${started.slice(17, 19)}–${closed?.slice(17, 19) ?? ''}`,
    outcome ?? '',
    reason ?? '',
    confidence ?? '',
    answer === undefined ? (action ?? '') : JSON.stringify(answer),
    to === undefined ? '' : `→ ${to}: ${why ?? ''}`,
  ]
    .filter((part) => part !== '')
    .join(' ');

const waiting = (more: Partial<Packet>): Record<string, Partial<Packet>> => ({
  t: { status: 'waiting', ...more },
});
const UNSURE = up('AGENT', 'SENIOR_AGENT', 'confidence 0.41 < 0.7', 3);
const STILL = up('SENIOR_AGENT', 'HUMAN', 'confidence 0.5 < 0.7', 6);
const PASSED = up('HUMAN', 'MANAGER', 'HUMAN did not decide in time', 20);

test.each<{
  said: string;
  executions: Execution[];
  packets?: Record<string, Partial<Packet>>;
  lines: string[];
}>([
  {
    said: 'the second agent is at it: why it went on is not on record yet, and is what the ladder goes by',
    executions: [LADDER, agent('AGENT', 1, said(0.41)), agent('SENIOR_AGENT', 4, { to: undefined as never })],
    packets: waiting({ level: 'SENIOR_AGENT' }),
    lines: [
      'AGENT agent 01–03 answered 0.41 "maybe" → SENIOR_AGENT: confidence 0.41 < 0.7',
      'SENIOR_AGENT agent RUNNING 04–',
    ],
  },
  {
    said: 'the first had an error, or was terminated, or says that it is sensitive',
    executions: [
      {
        ...LADDER,
        argument: {
          ...(LADDER.argument as object),
          ladder: ['A', 'B', 'C', 'D'].map((name) => ({ kind: 'agent', name })),
        },
      },
      agent('A', 1, {
        result: { confidence: 0, error: 'MODEL_DOWN: no', by: 'it', output: null, sensitive: false },
      }),
      agent('B', 4, { status: 'TERMINATED' }),
      agent('C', 7, said(0.9, { sensitive: true })),
      agent('D', 10, { to: undefined as never }),
    ],
    packets: waiting({}),
    lines: [
      'A agent 01–03 failed MODEL_DOWN: no 0 → B: error MODEL_DOWN: no',
      'B agent TERMINATED 04–06 → C: LEVEL_TERMINATED: the level B was terminated',
      'C agent 07–09 answered 0.9 "maybe" → D: sensitive',
      'D agent RUNNING 10–',
    ],
  },
  {
    said: 'the first was sure: it proposes an action, and the ladder ends there; no worker',
    executions: [
      { ...LADDER, to: 4, result: { outcome: 'executed', escalations: [], decisions: [] } },
      agent('AGENT', 1, said(0.9, { output: null, proposal: { action: 'refund', args: {} } })),
    ],
    lines: ['AGENT agent 01–03 answered 0.9 refund'],
  },
  {
    said: 'people are asked',
    executions: [
      LADDER,
      agent('AGENT', 1, said(0.41)),
      agent('SENIOR_AGENT', 4, said(0.5)),
      people('t', 'HUMAN', 7),
    ],
    packets: waiting({ level: 'HUMAN', escalations: [UNSURE, STILL] }),
    lines: [
      'AGENT agent 01–03 answered 0.41 "maybe" → SENIOR_AGENT: confidence 0.41 < 0.7',
      'SENIOR_AGENT agent 04–06 answered 0.5 "maybe" → HUMAN: confidence 0.5 < 0.7',
      'HUMAN people RUNNING 07–',
    ],
  },
  {
    said: 'it has ended at the last level; no worker',
    executions: [
      {
        ...LADDER,
        to: 30,
        result: {
          outcome: 'rejected',
          reason: 'mia: no',
          escalations: [UNSURE, STILL, PASSED],
          decisions: [],
        },
      },
      agent('AGENT', 1, said(0.41)),
      agent('SENIOR_AGENT', 4, said(0.5)),
      people('t', 'HUMAN', 7, { to: 19, ...decided('escalated', 'silence') }),
      people('t', 'MANAGER', 21, { to: 29, ...decided('rejected', 'mia: no') }),
    ],
    lines: [
      'AGENT agent 01–03 answered 0.41 "maybe" → SENIOR_AGENT: confidence 0.41 < 0.7',
      'SENIOR_AGENT agent 04–06 answered 0.5 "maybe" → HUMAN: confidence 0.5 < 0.7',
      'HUMAN people 07–19 escalated silence → MANAGER: HUMAN did not decide in time',
      'MANAGER people 21–29 rejected mia: no',
    ],
  },
  {
    said: 'a level that is asked again after a revision, the first time over two runs, is there twice',
    executions: [
      { ...LADDER, argument: { ...(LADDER.argument as object), ladder: policy().levels } },
      people('t', 'HUMAN', 1, { to: 2, status: 'CONTINUED_AS_NEW' }),
      people('t', 'HUMAN', 2, { runId: 'run-2', to: 5, ...decided('revised', 'ana edited it') }),
      people('t', 'HUMAN', 8, { runId: 'run-3' }),
    ],
    packets: waiting({ level: 'HUMAN' }),
    lines: ['HUMAN people 01–05 revised ana edited it', 'HUMAN people RUNNING 08–'],
  },
  {
    said: 'a proposal asks its first level itself',
    executions: [{ workflowId: 't', type: 'proposeAndExecute', from: 0 }, people('t', 'MANAGER', 21)],
    packets: waiting({ level: 'MANAGER', escalations: [PASSED] }),
    lines: [
      'HUMAN people 00–20 escalated → MANAGER: HUMAN did not decide in time',
      'MANAGER people RUNNING 21–',
    ],
  },
  {
    said: 'a proposal that was decided at once; no worker',
    executions: [
      {
        workflowId: 't',
        type: 'proposeAndExecute',
        from: 0,
        to: 9,
        result: { outcome: 'executed', escalations: [], decisions: [{ level: 'HUMAN' }] },
      },
    ],
    lines: ['HUMAN people 00–09 executed'],
  },
  {
    said: 'nobody decided: the packet tells who was asked',
    executions: [
      {
        workflowId: 't',
        type: 'proposeAndExecute',
        from: 0,
        to: 9,
        result: { outcome: 'expired', reason: 'silence', escalations: [], decisions: [] },
      },
    ],
    packets: { t: { status: 'closed', level: 'HUMAN', policy: policy() } },
    lines: ['HUMAN people 00–09 expired silence'],
  },
  {
    said: 'INFO asks nobody',
    executions: [
      {
        workflowId: 't',
        type: 'proposeAndExecute',
        from: 0,
        to: 9,
        result: { outcome: 'executed', escalations: [], decisions: [] },
      },
    ],
    packets: { t: { status: 'closed', level: 'HUMAN', policy: policy({}, { confirmation: 'INFO' }) } },
    lines: [],
  },
])('$said', async ({ executions, packets, lines }) => {
  const { countersign } = fakeExecutions(executions, packets);
  const asked = executions.slice(1).map(({ workflowId }) => workflowId);
  const found: Escalations[] = [];
  for (const id of ['t', ...asked]) found.push(await countersign.escalations(id));
  expect(found[0]?.levels.map(line)).toEqual(lines);
  for (const one of found) expect(one).toEqual(found[0]); // whichever of its ids is asked for
});

it('the gate’s own beginning and end', async () => {
  const { countersign } = fakeExecutions([
    { ...LADDER, to: 4, result: { outcome: 'approved', reason: 'as it is', escalations: [], decisions: [] } },
  ]);
  expect(await countersign.escalations('t')).toEqual({
    workflowId: 't',
    type: 'escalation',
    status: 'COMPLETED',
    started: after(0),
    closed: after(4),
    outcome: 'approved',
    reason: 'as it is',
    levels: [],
  });
});

it('a gate that was terminated, and why', async () => {
  const gate: Execution = { workflowId: 'g', type: 'proposeAndExecute', from: 0 };
  const { countersign } = fakeExecutions([{ ...gate, to: 4, status: 'TERMINATED', reason: 'bye' }], {
    g: { status: 'open', level: 'HUMAN', policy: policy() },
  });
  expect(await countersign.escalations('g')).toMatchObject({
    status: 'TERMINATED',
    reason: 'bye',
    levels: [{ name: 'HUMAN', status: 'TERMINATED', reason: 'bye' }],
  });
});

it.each([
  { said: 'nothing there', id: 'nobody', code: 'NOT_FOUND', message: /there is no workflow nobody here/ },
  { said: 'a plan', id: 'p', code: 'WRONG_TYPE', message: /p is a plan.*`countersign steps p`/ },
  { said: 'one that runs, without a worker', id: 't', code: 'NO_WORKER', message: /no worker answers/ },
])('$said', async ({ id, code, message }) => {
  const { countersign } = fakeExecutions([LADDER, { workflowId: 'p', type: 'multiStepApproval', from: 0 }]);
  await expect(countersign.escalations(id)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});
