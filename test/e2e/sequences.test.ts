/** Plans, reviews after generation and ladders, driven by the stock `temporal` CLI alone. */
import type { Result } from '../../src/client';
import { startApp, temporaryDirectory, until, type App } from '../support/app';
import { startRemoteWorker, type Effect } from '../support/remote-worker';

const QUEUE = 'bookings';
let app: App;
let effects: Effect[];
let stopRemote: () => Promise<void>;
const directory = temporaryDirectory();

beforeAll(async () => {
  app = await startApp({ data: directory.path });
  const remote = await startRemoteWorker(app.address, QUEUE);
  effects = remote.effects;
  stopRemote = remote.stop;
});

afterAll(async () => {
  await stopRemote();
  await app.stop();
  directory.remove();
});

let started = 0;
async function start(type: string, argument: object): Promise<string> {
  const id = `${type}-${String(++started)}`;
  await app.start(id, { v: 1, requester: 'rita', ...argument }, 'countersign', type);
  return id;
}

/** Where to decide, as the owner says: the child, once it is open. */
async function below(id: string, name: string): Promise<{ id: string; digest: string }> {
  const { waitingOn = '' } = await until(
    () => app.gate(id),
    (packet) => packet.waitingOn === `${id}/${name}`,
  );
  const { digest = '' } = await app.reaches(waitingOn, 'open');
  return { id: waitingOn, digest };
}

let said = 0;
const says = ({ id, digest }: { id: string; digest: string }, more: object = {}) =>
  app.signal(id, { v: 1, id: `d${String(++said)}`, digest, verdict: 'approve', reviewer: 'ana', ...more });
type Told = Omit<Result, 'escalations'> & { readonly escalations: Result['escalations'] | null };
const result = (id: string) => app.result(id) as Promise<Told>;

describe('a plan', () => {
  const booking = (order: string) => ({
    action: 'remote',
    args: { taskQueue: QUEUE, activity: 'book', input: { order } },
    title: `Book ${order}`,
    rationale: 'asked for',
    confidence: 0.9,
    sensitive: false,
  });
  const step = (name: string) => {
    const { action, args } = booking(`${name}-back`);
    return { name, proposal: booking(name), undo: { action, args } };
  };
  const booked = (before: number) =>
    effects.slice(before).map(({ input }) => (input as { order: string }).order);

  it('three steps approved in order end completed, with three effects in order', async () => {
    const before = effects.length;
    const id = await start('multiStepApproval', { steps: ['a', 'b', 'c'].map(step) });
    for (const name of ['a', 'b', 'c']) await says(await below(id, name));
    expect(await result(id)).toMatchObject({
      outcome: 'executed',
      completed: true,
      approvals: [true, true, true],
      steps: ['a', 'b', 'c'].map((name) => ({ name, outcome: 'executed' })),
    });
    expect(booked(before)).toEqual(['a', 'b', 'c']);
    expect(new Set(effects.slice(before).map(({ key }) => key)).size).toBe(3);
    expect(effects.slice(before).map(({ workflowId }) => workflowId)).toEqual([id, id, id]);
  });

  it.each([
    ['stop', [true, false], false, ['a']],
    ['skip', [true, false, true], true, ['a', 'c']],
    ['undo', [true, false], false, ['a', 'a-back']],
  ] as const)('rejected at step 2 with onReject %s', async (onReject, approvals, completed, orders) => {
    const before = effects.length;
    const id = await start('multiStepApproval', { onReject, steps: ['a', 'b', 'c'].map(step) });
    await says(await below(id, 'a'));
    await says(await below(id, 'b'), { verdict: 'reject', comment: 'not today' });
    if (onReject === 'skip') await says(await below(id, 'c'));
    expect(await result(id)).toMatchObject({ approvals, completed });
    expect(booked(before)).toEqual(orders);
  });

  it('the plan’s own workflow refuses a decision, and names the step', async () => {
    const id = await start('multiStepApproval', { steps: [step('a')] });
    const { digest } = await below(id, 'a');
    const decision = { v: 1, id: 'at-the-plan', digest, verdict: 'approve', reviewer: 'ana' };
    await app.signal(id, decision);
    expect(await app.judged(id, 'at-the-plan')).toMatchObject({ status: 'refused', code: 'ASK_CHILD' });
    const { out } = await app.update(id, { ...decision, id: 'by-update' });
    expect(out).toContain('ASK_CHILD');
    await says(await below(id, 'a'));
    expect(await result(id)).toMatchObject({ completed: true });
  });

  it('an argument that does not fit fails, naming each key', async () => {
    const id = await start('multiStepApproval', { steps: [{ name: 'a/b', extra: 1 }] });
    const { out } = await app
      .workflow('describe', '-w', id, '-o', 'json')
      .then(async () => app.workflow('result', '-w', id, '-o', 'json'));
    expect(out).toContain('INVALID_INPUT');
    expect(out).toContain('steps[0].name');
    expect(out).toContain('steps[0].extra');
  });
});

describe('a review after generation', () => {
  it('what the agent has written is edited, and what was approved is the result', async () => {
    const id = await start('generateAndReview', { task: 'answer: We ship on Monday at noon.' });
    const { digest = '' } = await app.reaches(id, 'open');
    await says({ id, digest }, { verdict: 'edit', args: { output: 'We ship on Tuesday at noon.' } });
    expect(await result(id)).toMatchObject({
      outcome: 'approved',
      result: 'We ship on Tuesday at noon.',
      changes: [{ revision: 2, by: 'ana', words: [{ path: '/args/output' }] }],
    });
  });
});

describe('a ladder', () => {
  it('a sure agent ends it at AGENT, and no further child is started', async () => {
    const id = await start('escalation', { task: 'answer: on Monday\nconfidence: 0.9' });
    // The stock CLI prints an empty list as null.
    const { escalations, ...rest } = await result(id);
    expect(rest).toMatchObject({ outcome: 'approved', result: 'on Monday' });
    expect(escalations ?? []).toEqual([]);
    const children = (await app.history(id)).filter(({ eventType }) =>
      eventType.includes('CHILD_WORKFLOW_EXECUTION_STARTED'),
    );
    expect(children).toHaveLength(1);
  });

  it('0.41 climbs to SENIOR_AGENT, and ends there when that one is sure', async () => {
    const id = await start('escalation', {
      task: 'answer: on Monday\nconfidence: 0.41\nSENIOR_AGENT.confidence: 0.9',
    });
    expect(await result(id)).toMatchObject({
      outcome: 'approved',
      escalations: [{ from: 'AGENT', to: 'SENIOR_AGENT', reason: 'confidence 0.41 < 0.7' }],
    });
  });

  it('an error and a sensitive answer climb with their reasons; HUMAN is found in the inbox, and decides', async () => {
    const id = await start('escalation', {
      task: 'AGENT.fail: no idea\nanswer: a refund of 40\nconfidence: 0.9\nsensitive: yes',
    });
    const human = await below(id, 'HUMAN');
    await until(
      () =>
        app.workflow(
          'list',
          '--query',
          `CountersignState = 'open' AND WorkflowId = '${human.id}'`,
          '-o',
          'json',
        ),
      ({ out }) => out.includes(human.id),
    );
    await says(human);
    expect(await result(id)).toMatchObject({
      outcome: 'approved',
      result: 'a refund of 40',
      escalations: [
        { from: 'AGENT', to: 'SENIOR_AGENT', reason: expect.stringContaining('no idea') },
        { from: 'SENIOR_AGENT', to: 'HUMAN', reason: 'sensitive' },
      ],
      decisions: [{ reviewer: 'ana', verdict: 'approve', level: 'HUMAN' }],
    });
  });

  it('silence reaches MANAGER, and MANAGER’s silence ends it', async () => {
    const people = (name: string) => ({ name, approvers: { people: ['ana'] }, respondWithin: '2 seconds' });
    const ladder = [{ kind: 'agent', name: 'AGENT' }, people('HUMAN'), people('MANAGER')];
    const id = await start('escalation', { task: 'answer: x\nconfidence: 0.1', ladder });
    expect(await result(id)).toMatchObject({
      outcome: 'expired',
      escalations: [
        { from: 'AGENT', to: 'HUMAN' },
        { from: 'HUMAN', to: 'MANAGER', reason: expect.stringContaining('did not decide') },
      ],
    });
  });

  it('a terminated level climbs with that reason; with none left it has failed', async () => {
    const id = await start('escalation', { task: 'answer: x\nconfidence: 0.1' });
    for (const name of ['HUMAN', 'MANAGER']) {
      const level = await below(id, name);
      await app.workflow('terminate', '-w', level.id, '--reason', 'operator');
    }
    expect(await result(id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('LEVEL_TERMINATED'),
      escalations: [
        {},
        {},
        { from: 'HUMAN', to: 'MANAGER', reason: expect.stringContaining('LEVEL_TERMINATED') },
      ],
    });
  });
});
