/** A plan seen from outside: by any id of it, while it runs and, without a worker, once it has ended. */
import type { Packet } from '../../src/client';
import { fakeExecutions, type Execution } from '../support/fake-executions';

const give = (title: string) => ({
  action: 'ship',
  args: {},
  title,
  rationale: '',
  confidence: 1,
  sensitive: false,
});
const ARGUMENT = {
  v: 1,
  requester: 'req',
  onReject: 'undo',
  steps: [
    { name: 'build', proposal: give('Build it'), undo: { action: 'ship', args: {} } },
    { name: 'deploy', proposal: give('Deploy it') },
    { name: 'announce', task: 'tell people\nkindly' },
  ],
};
const PLAN: Execution = { workflowId: 'p', type: 'multiStepApproval', from: 0, argument: ARGUMENT };
const DEPLOY: Execution = { workflowId: 'p/deploy', type: 'reviewStep', parent: 'p', from: 5 };
const MANAGER: Execution = {
  workflowId: 'p/deploy/MANAGER',
  type: 'reviewLevel',
  parent: 'p/deploy',
  from: 6,
};
const view = (ends: object[]) => ({
  onReject: 'undo' as const,
  at: ends.length,
  steps: ['build', 'deploy', 'announce'].map((name, index) => ({
    name,
    about: `${name} it`,
    ...ends[index],
  })),
});
const packet = (more: Partial<Packet>): Partial<Packet> => ({
  status: 'waiting',
  revision: 0,
  verdicts: [],
  ...more,
});
const EXECUTED = { outcome: 'executed' };

const RUNNING = {
  p: packet({ gate: 'deploy', plan: view([EXECUTED]), waitingOn: 'p/deploy' }),
  'p/deploy': packet({
    gate: 'deploy',
    plan: view([EXECUTED]),
    waitingOn: 'p/deploy/MANAGER',
    level: 'MANAGER',
  }),
  'p/deploy/MANAGER': packet({ gate: 'deploy', status: 'open', level: 'MANAGER' }),
};

it.each(['p', 'p/deploy', 'p/deploy/MANAGER'])('while it runs, asked for by %s', async (id) => {
  const { countersign } = fakeExecutions([PLAN, DEPLOY, MANAGER], RUNNING);
  expect(await countersign.steps(id)).toEqual({
    workflowId: 'p',
    status: 'waiting',
    onReject: 'undo',
    at: 1,
    steps: [
      { number: 1, name: 'build', about: 'build it', outcome: 'executed', workflowId: 'p/build' },
      { number: 2, name: 'deploy', about: 'deploy it', workflowId: 'p/deploy' },
      { number: 3, name: 'announce', about: 'announce it', workflowId: 'p/announce' },
    ],
    underWay: { step: 'deploy', takingBack: false },
    current: { v: 1, workflowId: 'p/deploy/MANAGER', ...RUNNING['p/deploy/MANAGER'] },
  });
});

it('a level that is not there yet: the step that waits for it is where it stands', async () => {
  const { countersign } = fakeExecutions([PLAN, DEPLOY], RUNNING);
  expect((await countersign.steps('p')).current).toMatchObject({
    workflowId: 'p/deploy',
    waitingOn: 'p/deploy/MANAGER',
  });
});

it('a step that is being taken back', async () => {
  const undo: Execution = { workflowId: 'p/undo/build', type: 'reviewStep', parent: 'p', from: 8 };
  const plan = view([EXECUTED, { outcome: 'rejected' }]);
  const { countersign } = fakeExecutions([PLAN, undo], {
    p: packet({ gate: 'undo/build', plan, waitingOn: 'p/undo/build' }),
    'p/undo/build': packet({ gate: 'undo/build', status: 'open' }),
  });
  const seen = await countersign.steps('p/undo/build');
  expect(seen).toMatchObject({
    underWay: { step: 'build', takingBack: true },
    current: { workflowId: 'p/undo/build' },
    steps: [{ name: 'build', undoWorkflowId: 'p/undo/build' }, { name: 'deploy' }, { name: 'announce' }],
  });
  expect(seen.steps[1]).not.toHaveProperty('undoWorkflowId');
});

const END = {
  outcome: 'rejected',
  reason: 'the step deploy ended rejected',
  steps: [
    {
      name: 'build',
      workflowId: 'p/build',
      outcome: 'executed',
      undo: { outcome: 'executed', workflowId: 'p/undo/build' },
    },
    { name: 'deploy', workflowId: 'p/deploy', outcome: 'rejected', reason: 'bo: no' },
  ],
};

it('once it has ended no worker is asked', async () => {
  const { countersign, asked } = fakeExecutions([
    { ...PLAN, to: 9, result: END },
    { ...DEPLOY, to: 8 },
  ]);
  expect(await countersign.steps('p/deploy')).toEqual({
    workflowId: 'p',
    status: 'closed',
    outcome: 'rejected',
    reason: 'the step deploy ended rejected',
    onReject: 'undo',
    at: 2,
    steps: [
      {
        number: 1,
        name: 'build',
        about: 'Build it',
        ...EXECUTED,
        undo: 'executed',
        workflowId: 'p/build',
        undoWorkflowId: 'p/undo/build',
      },
      {
        number: 2,
        name: 'deploy',
        about: 'Deploy it',
        outcome: 'rejected',
        reason: 'bo: no',
        workflowId: 'p/deploy',
      },
      { number: 3, name: 'announce', about: 'tell people', workflowId: 'p/announce' },
    ],
  });
  expect(asked).toEqual([]);
});

it.each([
  { said: 'with a reason', reason: 'bye', told: { reason: 'bye' } },
  { said: 'without one', reason: undefined, told: {} },
])('a plan that was terminated $said asks nobody: it stands where it stood', async ({ reason, told }) => {
  const end = { to: 9, status: 'TERMINATED', ...(reason === undefined ? {} : { reason }) } as const;
  const { countersign } = fakeExecutions([{ ...PLAN, ...end }, DEPLOY], RUNNING);
  const { steps, ...seen } = await countersign.steps('p');
  expect(seen).toEqual({
    workflowId: 'p',
    status: 'closed',
    closedBy: 'TERMINATED',
    ...told,
    onReject: 'undo',
    at: 1,
  });
  expect(steps.map(({ outcome }) => outcome)).toEqual(['executed', undefined, undefined]);
});

it.each([
  { said: 'nothing there', id: 'nobody', code: 'NOT_FOUND', message: /there is no workflow nobody here/ },
  {
    said: 'a gate of no plan',
    id: 'pay-1',
    code: 'WRONG_TYPE',
    message: /pay-1 is neither a plan nor a step of one/,
  },
  { said: 'a plan that runs, without a worker', id: 'p', code: 'NO_WORKER', message: /no worker answers/ },
])('$said', async ({ id, code, message }) => {
  const { countersign } = fakeExecutions([PLAN, { workflowId: 'pay-1', type: 'proposeAndExecute', from: 0 }]);
  await expect(countersign.steps(id)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});
