/** Plans and ladders as a person at the command line has them: shown, decided step by step, looked back at; and waiting for an end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Escalations, Packet } from '../../src/client';
import { PlanResultSchema, ReviewedResultSchema } from '../../src/domain/answers';
import { ROOT, startApp, temporaryDirectory, until, type App, type Ran } from '../support/app';

let app: App;
const directory = temporaryDirectory();

beforeAll(async () => {
  const actions = join(ROOT, 'test', 'support', 'runbook-actions.ts');
  const env = { COUNTERSIGN_ACTIONS: actions, RUNBOOK_DIR: directory.path };
  app = await startApp({ data: directory.path, env });
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

const json = <T = Record<string, unknown>>(ran: Ran): T => JSON.parse(ran.out) as T;
const escalations = async (id: string) =>
  json<Escalations>(await app.countersign('escalations', id, '--json'));
const rows = () => readFileSync(join(directory.path, 'rows'), 'utf8').trim().split('\n');
const names = (found: readonly string[]) => found.map((row) => row.split(' ')[0]);

async function start(type: string, id: string, argument: object): Promise<void> {
  const input = JSON.stringify({ v: 1, requester: 'svc', ...argument });
  const ran = await app.countersign('start', type, '--input', input, '--id', id);
  expect(ran).toEqual({ code: 0, out: `${id}\n`, err: '' });
}

const claim = { rationale: 'asked for', confidence: 0.9, sensitive: false };
const row = (of: string) => ({
  name: of,
  proposal: { action: 'row', args: { of }, title: `Write ${of}`, ...claim },
  undo: { action: 'row', args: { of: `${of}-back` } },
});
const under = {
  confirmation: 'CONFIRM',
  levels: [
    { name: 'HUMAN', approvers: { people: ['ana', 'bo'] }, respondWithin: '1 hour' },
    { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 hour' },
  ],
};

/** Once the plan has come to the workflow: its packet, found through the plan. */
async function open(plan: string, workflowId: string): Promise<Packet & { digest: string }> {
  const client = await app.client();
  const at = await until(
    () => client.steps(plan),
    ({ current }) => current?.workflowId === workflowId && current.status === 'open',
  );
  return { ...at.current!, digest: at.current!.digest! };
}

it('a plan: approved at the plan with --follow and at the step, a level in between; rejected, and taken back', async () => {
  await start('multiStepApproval', 'plan-1', {
    policy: under,
    onReject: 'undo',
    steps: [row('first'), row('second'), row('third')],
  });
  const first = await open('plan-1', 'plan-1/first');
  const shown = await app.countersign('show', 'plan-1');
  expect(shown.out).toMatch(/^plan-1 {2}plan {2}waiting\n[\s\S]*> 1\. first \(Write first\): under way\n/);
  expect(shown.out).toContain('decide on   plan-1/first');
  const step = await app.countersign('show', 'plan-1/first');
  expect(step.out).toMatch(/taken back \(hashed and signed with it\)\n {2}row \{\n {4}"of": "first-back"\n/);
  const said = ['plan-1', '--digest', first.digest, '--reviewer', 'ana'];
  expect(await app.countersign('approve', ...said)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^ASK_CHILD: .*plan-1\/first.*or --follow\n$/) as string,
  });
  expect(await app.countersign('approve', ...said, '--follow')).toMatchObject({
    code: 0,
    out: 'admitted on revision 1 of plan-1/first\n',
  });

  const second = await open('plan-1', 'plan-1/second');
  const by = ['--digest', second.digest, '--reviewer'];
  await app.countersign('escalate', 'plan-1/second', ...by, 'bo', '--comment', 'above me');
  await open('plan-1', 'plan-1/second/MANAGER');
  const listed = await app.countersign('steps', 'plan-1/second/MANAGER');
  expect(listed.out).toMatch(/│ 1 +│ first +│ Write first +│ executed +│ plan-1\/first +│/);
  expect(listed.out).toMatch(/│ 2 +│ second +│ Write second +│ under way +│ plan-1\/second +│/);
  expect(listed.out).toMatch(
    /\ndecide on {3}plan-1\/second\/MANAGER .*\nasked {7}MANAGER \(level 2 of 2\): mia;/,
  );
  expect(await escalations('plan-1/second')).toMatchObject({
    type: 'reviewStep',
    levels: [
      { name: 'HUMAN', workflowId: 'plan-1/second', outcome: 'escalated', to: 'MANAGER' },
      { name: 'MANAGER', workflowId: 'plan-1/second/MANAGER', status: 'RUNNING' },
    ],
  });
  // From the plan through the step down to its level.
  expect(await app.countersign('approve', 'plan-1', ...by, 'mia', '--follow')).toMatchObject({
    code: 0,
    out: 'admitted on revision 1 of plan-1/second/MANAGER\n',
  });

  const third = await open('plan-1', 'plan-1/third');
  expect(names(rows())).toEqual(['first', 'second']);
  await app.countersign(
    'reject',
    'plan-1/third',
    '--digest',
    third.digest,
    '--reviewer',
    'bo',
    '--comment',
    'no',
  );
  const ended = await app.countersign('result', 'plan-1', '--wait', '--json');
  expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/^(?:plan-1 waits\.\n)?$/) as string });
  expect(PlanResultSchema.parse(json(ended))).toMatchObject({
    outcome: 'rejected',
    approvals: [true, true, false],
  });
  expect(names(rows())).toEqual(['first', 'second', 'second-back', 'first-back']);
  const told = await app.countersign('steps', 'plan-1');
  expect(told.out).toMatch(/^plan-1 {2}closed: 3 of 3 steps were asked, outcome rejected;/);
  expect(told.out).toMatch(
    /│ 1 +│ first +│ Write first +│ executed; taken back +│ plan-1\/first +│\n│ .*│ plan-1\/undo\/first +│/,
  );
  expect(told.out).toMatch(/│ 3 +│ third +│ Write third +│ rejected, bo rejected it: no +│/);
  const result = await app.countersign('result', 'plan-1');
  expect(result.out).toContain('step     first: executed; taking it back: executed, in plan-1/first\n');
});

it('a ladder: agents that are not sure, then people; and the tree of it', async () => {
  const task = 'answer: maybe it is\nconfidence: 0.41\nSENIOR_AGENT.confidence: 0.55';
  await start('escalation', 'ticket-1', { task });
  const client = await app.client();
  await until(
    () => client.escalations('ticket-1'),
    ({ levels }) => levels.length === 3,
  );
  const found = await escalations('ticket-1');
  expect(found.levels).toMatchObject([
    {
      name: 'AGENT',
      kind: 'agent',
      confidence: 0.41,
      answer: 'maybe it is',
      to: 'SENIOR_AGENT',
      why: 'confidence 0.41 < 0.7',
    },
    { name: 'SENIOR_AGENT', kind: 'agent', confidence: 0.55, to: 'HUMAN', why: 'confidence 0.55 < 0.7' },
    { name: 'HUMAN', kind: 'people', workflowId: 'ticket-1/HUMAN', status: 'RUNNING' },
  ]);
  const tree = await app.countersign('escalations', 'ticket-1/AGENT');
  expect(tree.out.split('\n').map((line) => line.replace(/\d\d:\d\d:\d\d \+[\d a-z]+/, 'TIME'))).toEqual([
    expect.stringMatching(/^ticket-1 {2}escalation: running {2}/) as string,
    '├─ AGENT         0.41 "maybe it is" → SENIOR_AGENT (confidence 0.41 < 0.7)  TIME',
    '├─ SENIOR_AGENT  0.55 "maybe it is" → HUMAN (confidence 0.55 < 0.7)  TIME',
    '└─ HUMAN         is asked (countersign show ticket-1/HUMAN)  TIME',
    '',
  ]);
  const human = json<Packet>(await app.countersign('show', 'ticket-1/HUMAN', '--json'));
  const edit = [
    '--args',
    '{"output":"maybe it was"}',
    '--digest',
    human.digest!,
    '--reviewer',
    'ana',
    '--follow',
  ];
  expect(await app.countersign('edit', 'ticket-1', ...edit)).toMatchObject({ code: 0 });
  const result = await app.countersign('result', 'ticket-1', '--wait');
  expect(result.out).toMatch(
    /^outcome {2}approved\nresult {3}"maybe it was"\nlevel {4}AGENT\n.*\nlevel {4}SENIOR_AGENT\n.*\nlevel {4}HUMAN\n.*ana: edit\n/,
  );
  const shown = await app.countersign('show', 'ticket-1');
  expect(shown.out).toMatch(/\/args\/output, word by word .*:\n {2}maybe it \[-is-\]\{\+was\+\}\n/);
});

it('a review sent back to the agent: the level that is asked twice is there twice', async () => {
  const argument = {
    task: 'answer: a first draft',
    ladder: [{ kind: 'agent', name: 'WRITER' }, under.levels[0]],
  };
  await start('escalation', 'draft-1', { ...argument, confidenceThreshold: 1 });
  const at = async (revision: number) => {
    const packet = await until(
      () => app.gate('draft-1'),
      (one) => one.status === 'waiting' && one.revision === revision && one.waitingOn === 'draft-1/HUMAN',
    );
    await app.reaches('draft-1/HUMAN', 'open');
    return packet.digest!;
  };
  const said = async (revision: number, verdict: string) =>
    app.countersign(
      verdict,
      'draft-1',
      '--digest',
      await at(revision),
      '--reviewer',
      'ana',
      '--follow',
      '--comment',
      'answer: a second draft',
    );
  expect(await said(1, 'revise')).toMatchObject({ code: 0 });
  expect(await said(2, 'approve')).toMatchObject({ code: 0 });
  expect(await app.countersign('result', 'draft-1', '--timeout', '30')).toMatchObject({ code: 0 });
  const { levels } = await until(
    () => escalations('draft-1'),
    (found) => found.levels.length === 3,
  );
  expect(levels.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['WRITER', 'answered'],
    ['HUMAN', 'revised'],
    ['HUMAN', 'approved'],
  ]);
});

it('generateAndReview: what people made of it, with who changed what', async () => {
  await start('generateAndReview', 'text-1', { task: 'answer: we pay forty' });
  const { digest = '' } = await app.reaches('text-1', 'open');
  const edit = ['--args', '{"output":"we pay thirty"}', '--digest', digest, '--reviewer', 'ana'];
  expect(await app.countersign('edit', 'text-1', ...edit)).toMatchObject({ code: 0 });
  const ended = json(await app.countersign('result', 'text-1', '--wait', '--json'));
  expect(ReviewedResultSchema.parse(ended)).toMatchObject({
    result: 'we pay thirty',
    changes: [{ by: 'ana' }],
  });
  expect((await app.countersign('result', 'text-1')).out).toContain('changed  revision 2, by ana\n');
});

it('result --timeout ends with 1 where it has not ended by then', async () => {
  await start('generateAndReview', 'text-2', { task: 'answer: we pay forty' });
  const started = Date.now();
  expect(await app.countersign('result', 'text-2', '--timeout', '1')).toEqual({
    code: 1,
    out: '',
    err: 'text-2 waits.\nSTILL_OPEN: text-2 has not ended within 1 s\n',
  });
  expect(Date.now() - started).toBeLessThan(20_000);
});

it('every way to be wrong has its exit code, and says what to do', async () => {
  const cases: [string[], number, string][] = [
    [['steps', 'text-2'], 1, 'WRONG_TYPE: text-2 is neither a plan nor a step of one'],
    [['steps', 'nobody'], 1, 'NOT_FOUND: there is no workflow nobody'],
    [['escalations', 'plan-1'], 1, 'WRONG_TYPE: plan-1 is a plan'],
    [
      ['start', 'multiStepApproval', '--input', '{"v":1,"requester":"svc","steps":[{"name":"a"}]}'],
      2,
      'steps[0]',
    ],
    [['start', 'reviewStep', '--input', '{}'], 2, 'start multiStepApproval'],
    [['result', 'text-2', '--timeout', '0'], 2, 'a number above 0'],
  ];
  for (const [args, code, says] of cases) {
    const ran = await app.countersign(...args);
    expect({ args, code: ran.code, said: ran.out + ran.err }).toEqual({
      args,
      code,
      said: expect.stringContaining(says) as string,
    });
  }
});
