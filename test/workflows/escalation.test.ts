/** A ladder of agents and people: it climbs with a reason, each level in a child workflow, and ends where somebody is sure. */
import type { DecideInput, Packet } from '../../src/client';
import {
  pause,
  refusals,
  sendRaw,
  SHIP,
  startWorkflowEnv,
  types,
  type WorkflowEnv,
} from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterEach(() => Object.assign(env.faults, { agentTakes: 0, agentHeld: undefined }));
afterAll(() => env.stop());

let started = 0;
async function start(task: string, more: object = {}, countersign = env.countersign): Promise<string> {
  const id = `ladder-${String(++started)}`;
  await countersign.start('escalation', { v: 1, task, requester: 'rita', ...more }, id);
  return id;
}

async function children(id: string): Promise<string[]> {
  const events = await env.history(id);
  return events.flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child?.workflowId ?? [],
  );
}

/** The people's level, found through its owner. */
async function level(id: string, name: string): Promise<Packet> {
  const { waitingOn } = await env.until(id, (packet) => packet.waitingOn === `${id}/${name}`, 20_000);
  return env.until(waitingOn!, ({ status }) => status === 'open');
}

const says = (packet: Packet, more: object = {}) =>
  env.countersign.send(packet.workflowId, {
    digest: packet.digest!,
    verdict: 'approve',
    reviewer: 'ana',
    ...more,
  });

describe('agents', () => {
  test('a sure agent ends it at AGENT, with no further child', async () => {
    const id = await start('answer: it ships on Monday\nconfidence: 0.9');
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      result: 'it ships on Monday',
      proposal: { action: 'answer', confidence: 0.9 },
      escalations: [],
      decisions: [],
    });
    expect(await children(id)).toEqual([`${id}/AGENT`]);
    expect(await env.countersign.result(`${id}/AGENT`)).toMatchObject({
      output: 'it ships on Monday',
      confidence: 0.9,
      error: null,
      sensitive: false,
    });
    expect(types(await env.audit(id))).toEqual([
      'level-opened',
      'level-ended',
      'proposed',
      'opened',
      'approved',
      'closed',
    ]);
  });

  test('0.41 climbs to SENIOR_AGENT, and ends there when that one is sure', async () => {
    const id = await start('answer: Monday\nAGENT.confidence: 0.41\nSENIOR_AGENT.confidence: 0.9');
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      result: 'Monday',
      escalations: [{ from: 'AGENT', to: 'SENIOR_AGENT', reason: 'confidence 0.41 < 0.7' }],
    });
    expect(await children(id)).toEqual([`${id}/AGENT`, `${id}/SENIOR_AGENT`]);
  });

  test.each([
    [
      'an error',
      'AGENT.fail: no idea\nSENIOR_AGENT.answer: x\nSENIOR_AGENT.confidence: 1',
      'error AGENT_FAILED: no idea',
    ],
    ['a sensitive answer', 'answer: x\nconfidence: 1\nAGENT.sensitive: yes', 'sensitive'],
    [
      'a proposal that cannot run',
      'AGENT.propose: {"action":"teleport","args":{}}\nSENIOR_AGENT.answer: x\nconfidence: 1',
      'error UNREGISTERED_ACTION',
    ],
  ])('%s climbs with that reason', async (_, task, reason) => {
    const id = await start(task);
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      escalations: [{ from: 'AGENT', to: 'SENIOR_AGENT', reason: expect.stringContaining(reason) }],
    });
  });

  test('sure of an action with an effect: its policy asks people all the same, past the other agents', async () => {
    const id = await start(
      `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args, confidence: 0.99 })}`,
    );
    const packet = await level(id, 'HUMAN');
    expect(packet).toMatchObject({
      proposal: { action: 'ship' },
      digest: (await env.countersign.show(id)).digest,
    });
    await says(packet);
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'executed',
      escalations: [{ from: 'AGENT', to: 'HUMAN', reason: 'its policy asks CONFIRM' }],
    });
    expect(await children(id)).toEqual([`${id}/AGENT`, `${id}/HUMAN`]);
  });
});

describe('lost, called off, and other ladders', () => {
  test('a terminated agent level climbs with that reason', async () => {
    env.faults.agentTakes = 60_000;
    const id = await start('answer: Monday\nconfidence: 0.9');
    await env.until(id, ({ waitingOn }) => waitingOn === `${id}/AGENT`);
    expect(await env.countersign.show(id)).toMatchObject({ status: 'waiting', level: 'AGENT' });
    await env.client.workflow.getHandle(`${id}/AGENT`).terminate('operator');
    env.faults.agentTakes = 0;
    const { escalations } = await env.countersign.result(id);
    expect(escalations).toMatchObject([
      { from: 'AGENT', to: 'SENIOR_AGENT', reason: 'LEVEL_TERMINATED: the level AGENT was terminated' },
    ]);
  });

  test.each([
    ['while an agent is at work', 'AGENT', 60_000],
    ['while people think', 'HUMAN', 0],
  ])('temporal workflow cancel %s ends it, the level with it', async (_, name, agentTakes) => {
    env.faults.agentTakes = agentTakes;
    const id = await start('answer: Monday\nconfidence: 0.1');
    await env.until(id, ({ waitingOn }) => waitingOn === `${id}/${name}`);
    await env.client.workflow.getHandle(id).cancel();
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'cancelled' });
    env.faults.agentTakes = 0;
    expect((await env.client.workflow.getHandle(`${id}/${name}`).describe()).status.name).toBe('COMPLETED');
    expect((await env.audit(id)).find(({ type }) => type === 'closed')).toMatchObject({
      outcome: 'cancelled',
    });
  });

  test('sent back by HUMAN: the last agent proposes again, with the comment', async () => {
    const id = await start('answer: Monday\nconfidence: 0.1');
    const first = await level(id, 'HUMAN');
    await says(first, { verdict: 'revise', comment: 'answer: Friday, at the latest' });
    const second = await env.until(
      `${id}/HUMAN`,
      ({ revision, status }) => revision === 2 && status === 'open',
    );
    expect(second).toMatchObject({ proposal: { args: { output: 'Friday, at the latest' } } });
    await says(second, { reviewer: 'bo' });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      result: 'Friday, at the latest',
    });
  });

  test('a ladder of agents alone ends failed where none of them is sure', async () => {
    const ladder = [{ kind: 'agent', name: 'BOT' }];
    const id = await start('answer: Monday\nconfidence: 0.1', { ladder });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'failed',
      reason: 'confidence 0.1 < 0.7; the ladder has no further level',
    });
  });

  test('what a ladder of agents climbed in vain is in its result, and in the packet', async () => {
    const ladder = ['X', 'Y'].map((name) => ({ kind: 'agent', name }));
    const id = await start('answer: 42\nX.confidence: 0.2\nY.confidence: 0.3', { ladder });
    const climbed = [{ from: 'X', to: 'Y', reason: 'confidence 0.2 < 0.7' }];
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'failed', escalations: climbed });
    expect(await env.countersign.show(id)).toMatchObject({ status: 'closed', escalations: climbed });
  });

  test('called off on its way, it says how far it came', async () => {
    env.faults.agentHeld = 'Y';
    const id = await start('answer: 42\nX.confidence: 0.2', {
      ladder: ['X', 'Y'].map((name) => ({ kind: 'agent', name })),
    });
    await env.until(id, ({ waitingOn }) => waitingOn === `${id}/Y`);
    await env.client.workflow.getHandle(id).cancel();
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'cancelled',
      escalations: [{ from: 'X', to: 'Y' }],
    });
  });

  test('a ladder of people alone asks them what is to become of the task', async () => {
    const ladder = [{ name: 'DESK', approvers: { people: ['ana'] }, respondWithin: '1 hour' }];
    const id = await start('when does it ship?', { ladder });
    const packet = await level(id, 'DESK');
    expect(packet.failure?.code).toBe('NO_AGENT');
    await says(packet, { verdict: 'respond', answer: 'on Monday' });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'answered',
      result: 'on Monday',
      escalations: [],
    });
  });

  test('the threshold is the caller’s', async () => {
    const id = await start('answer: Monday\nconfidence: 0.5', { confidenceThreshold: 0.5 });
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'approved', escalations: [] });
  });

  test('an agent level is started by its ladder alone', async () => {
    const argument = {
      v: 1,
      root: { workflowId: 'x', firstRunId: 'y' },
      level: { kind: 'agent', name: 'AGENT' },
      task: 't',
      requester: 'rita',
      tried: [],
    };
    const handle = await env.client.workflow.start('askAgent', {
      taskQueue: env.taskQueue,
      workflowId: 'x/AGENT',
      args: [argument],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'INVALID_INPUT' } });
  });
});

describe('people', () => {
  test('HUMAN decides on the child that the ladder waits on, and that the inbox lists', async () => {
    const id = await start('answer: Monday\nconfidence: 0.5');
    const packet = await level(id, 'HUMAN');
    const listed = async () => {
      for await (const { workflowId } of env.countersign.list({ reviewer: 'ana' }))
        if (workflowId === `${id}/HUMAN`) return true;
      return false;
    };
    while (!(await listed())) await pause(50); // visibility comes a moment later
    expect(packet.escalations).toMatchObject([
      { from: 'AGENT', to: 'SENIOR_AGENT' },
      { from: 'SENIOR_AGENT', to: 'HUMAN', reason: 'confidence 0.5 < 0.7' },
    ]);
    await env.countersign.send(id, {
      id: 'at-root',
      digest: packet.digest!,
      verdict: 'approve',
      reviewer: 'ana',
    });
    await expect(env.countersign.receipt(id, 'at-root')).resolves.toMatchObject({ code: 'ASK_CHILD' });
    await says(packet, { verdict: 'edit', args: { output: 'Tuesday' } });
    const again = await env.until(`${id}/HUMAN`, ({ status }) => status === 'open' || status === 'closed');
    expect(again).toBeDefined();
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'approved', result: 'Tuesday' });
  });

  test('after every agent’s error there is nothing to approve: people answer', async () => {
    const id = await start('fail: no idea');
    const packet = await level(id, 'HUMAN');
    expect(packet.failure).toMatchObject({ code: 'AGENT_FAILED' });
    expect(packet.verdicts).not.toContain('approve');
    await says(packet, { verdict: 'respond', answer: 'by hand' });
    expect(await env.countersign.result(id)).toMatchObject({ outcome: 'answered', result: 'by hand' });
  });

  test('three weeks: silence climbs from HUMAN to MANAGER, whose silence ends as the policy says', async () => {
    const people = (name: string, respondWithin: string, more: object = {}) => ({
      name,
      approvers: { people: ['ana'] },
      respondWithin,
      ...more,
    });
    const ladder = [
      { kind: 'agent', name: 'BOT' },
      people('HUMAN', '1 week'),
      people('MANAGER', '2 weeks', { onSilence: 'expire' }),
    ];
    const id = await start('answer: Monday\nconfidence: 0.1', { ladder }, env.skipping);
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'expired',
      escalations: [
        { from: 'BOT', to: 'HUMAN', reason: 'confidence 0.1 < 0.7' },
        { from: 'HUMAN', to: 'MANAGER', reason: expect.stringContaining('HUMAN did not decide by') },
      ],
    });
    expect(await children(id)).toEqual([`${id}/BOT`, `${id}/HUMAN`, `${id}/MANAGER`]);
  });

  test('a terminated level climbs with that reason', async () => {
    const id = await start('answer: Monday\nconfidence: 0.1');
    await level(id, 'HUMAN');
    await env.client.workflow.getHandle(`${id}/HUMAN`).terminate('operator');
    await says(await level(id, 'MANAGER'));
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      escalations: [
        {},
        {},
        { from: 'HUMAN', to: 'MANAGER', reason: expect.stringContaining('LEVEL_TERMINATED') },
      ],
    });
  });
});

describe('decisions where nobody is asked', () => {
  const decision = (id: string, more: Partial<DecideInput> = {}): DecideInput => ({
    id,
    digest: 'f'.repeat(64),
    verdict: 'approve',
    reviewer: 'ana',
    ...more,
  });
  /** Its first agent is at work, until it is let go on. */
  async function thinking(task: string): Promise<string> {
    env.faults.agentHeld = 'AGENT';
    const id = await start(task);
    await env.until(id, ({ waitingOn }) => waitingOn === `${id}/AGENT`);
    return id;
  }
  const letGoOn = () => {
    env.faults.agentHeld = undefined;
  };
  const noTaskFailed = async (...ids: string[]) => {
    for (const id of ids) expect(await env.failedTasks(id)).toEqual([]);
  };

  test('at an agent’s level: they wait, and are refused once the agent has answered', async () => {
    const id = await thinking('answer: Monday\nAGENT.confidence: 0.1\nSENIOR_AGENT.confidence: 0.9');
    const agent = `${id}/AGENT`;
    await env.countersign.send(agent, decision('ana'));
    await env.countersign.send(agent, decision('ana'));
    await env.countersign.send(agent, decision('ana', { reviewer: 'bo' }));
    await env.client.workflow.getHandle(agent).signal('decide', { v: 1, id: 'no decision' });
    await sendRaw(env, agent, [{ data: new TextEncoder().encode('{') }]);
    await env.countersign.send(agent, decision('rita', { verdict: 'cancel', reviewer: 'rita' }));
    const pending = { status: 'pending', gate: 'AGENT', revision: 0 };
    expect(await env.countersign.receipt(agent, 'ana')).toMatchObject(pending);
    expect(await env.countersign.receipt(agent, 'rita')).toMatchObject(pending);
    expect(await env.countersign.decide(agent, decision('asked', { reviewer: 'cy' }))).toMatchObject(pending);
    letGoOn();
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      result: 'Monday',
      decisions: [],
      escalations: [{ from: 'AGENT', to: 'SENIOR_AGENT', reason: 'confidence 0.1 < 0.7' }],
    });
    const refused = (await env.audit(agent)).flatMap((entry) =>
      entry.type === 'refused' ? [[entry.reviewer, entry.code]] : [],
    );
    expect(refused).toEqual([
      ['bo', 'ID_REUSED'],
      [undefined, 'MALFORMED_DECISION'],
      [undefined, 'MALFORMED_DECISION'],
      ['ana', 'GATE_CLOSED'],
      ['rita', 'GATE_CLOSED'],
      ['cy', 'GATE_CLOSED'],
    ]);
    await noTaskFailed(id, agent);
  });

  test('at the ladder before its people are asked: it names their level then, and they decide there', async () => {
    const id = await thinking('answer: Monday\nconfidence: 0.1');
    await env.countersign.send(id, decision('early'));
    await sendRaw(env, id, [{ data: new TextEncoder().encode('{') }]);
    expect(await env.countersign.receipt(id, 'early')).toMatchObject({ status: 'pending', revision: 0 });
    letGoOn();
    const packet = await level(id, 'HUMAN');
    expect(packet.signatures).toEqual([]);
    expect(await env.countersign.receipt(id, 'early')).toMatchObject({
      status: 'refused',
      code: 'ASK_CHILD',
      message: `the level HUMAN is asked; decide on the workflow ${id}/HUMAN`,
    });
    // The same id on the level is another decision, on another gate.
    await says(packet, { id: 'early' });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      result: 'Monday',
      decisions: [{ id: 'early', reviewer: 'ana' }],
    });
    expect(refusals(await env.audit(id))).toEqual(['MALFORMED_DECISION', 'ASK_CHILD']);
    await noTaskFailed(id, `${id}/HUMAN`);
  });

  test('at a ladder that asks nobody: refused, and its sure agent’s answer stands', async () => {
    const id = await thinking('answer: Monday\nconfidence: 0.9');
    await env.countersign.send(id, decision('no', { verdict: 'reject', comment: 'not Monday' }));
    expect(await env.countersign.receipt(id, 'no')).toMatchObject({ status: 'pending' });
    letGoOn();
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      result: 'Monday',
      decisions: [],
    });
    expect(refusals(await env.audit(id))).toEqual(['GATE_CLOSED']);
    await noTaskFailed(id);
  });
});
