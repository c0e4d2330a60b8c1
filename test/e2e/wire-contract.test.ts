/** The wire contract, driven by the stock `temporal` CLI alone, against `countersign dev` as its users start it. */
import type { temporal } from '@temporalio/proto';
import { Connection } from '@temporalio/client';
import { startApp, temporaryDirectory, type App, type HistoryEvent } from '../support/app';
import { startRemoteWorker, type Effect } from '../support/remote-worker';

const QUEUE = 'bookings';
let app: App;
let effects: Effect[];
let stopRemote: () => Promise<void>;
const directory = temporaryDirectory();

beforeAll(async () => {
  app = await startApp({ data: directory.path, stock: true });
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
const proposal = {
  action: 'remote',
  args: { taskQueue: QUEUE, activity: 'book', input: { order: 1042 } },
  title: 'Book 1042',
  rationale: 'asked for',
  confidence: 0.9,
  sensitive: false,
};
const policy = (level: object) => ({
  confirmation: 'CONFIRM',
  levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '1 hour', ...level }],
});

async function open(argument: object = {}): Promise<{ id: string; digest: string }> {
  const id = `wire-${String(++started)}`;
  await app.start(id, { v: 1, task: 'book order 1042', requester: 'svc-orders', proposal, ...argument });
  const { digest = '' } = await app.reaches(id, 'open');
  return { id, digest };
}

const decision = (digest: string, id: string, more: object = {}) => ({
  v: 1,
  id,
  digest,
  verdict: 'approve',
  reviewer: 'ana',
  ...more,
});
const effectsOf = (workflowId: string) => effects.filter((effect) => effect.workflowId === workflowId);
const failedTasks = (events: readonly HistoryEvent[]) =>
  events.filter(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_FAILED').length;

describe('one decision', () => {
  it('approve: runs once, with the key and the digest that was approved', async () => {
    const { id, digest } = await open();
    await app.signal(id, decision(digest, 'd1'));
    const result = await app.result(id);
    expect(result).toMatchObject({ v: 1, outcome: 'executed', digest, result: { booked: { order: 1042 } } });
    expect(result.decisions).toMatchObject([{ id: 'd1', reviewer: 'ana', verdict: 'approve', digest }]);
    expect(effectsOf(id)).toEqual([
      {
        input: { order: 1042 },
        key: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        workflowId: id,
        digest,
        permit: expect.objectContaining({ digest, workflowId: id, basis: 'signatures' }) as object,
      },
    ]);
    expect(await app.receipt(id, 'd1')).toEqual({ id: 'd1', status: 'admitted', gate: 'main', revision: 1 });
    expect(await app.gate(id)).toMatchObject({ status: 'closed', outcome: 'executed', verdicts: null });
  });

  it('approve as an update: answered at once', async () => {
    const { id, digest } = await open();
    const { code, out } = await app.update(id, decision(digest, 'd1'));
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('"status": "admitted"') as string,
    });
    expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
    expect(effectsOf(id)).toHaveLength(1);
  });

  it('edit: the edited args run, under another digest, and no other', async () => {
    const { id, digest } = await open();
    await app.signal(
      id,
      decision(digest, 'd1', { verdict: 'edit', args: { ...proposal.args, input: { order: 7 } } }),
    );
    const result = await app.result(id);
    expect(result).toMatchObject({ outcome: 'executed', proposal: { args: { input: { order: 7 } } } });
    expect(result.digest).not.toBe(digest);
    expect(effectsOf(id)).toMatchObject([{ input: { order: 7 }, digest: result.digest }]);
  });

  it('edit as an update is answered once it has been judged', async () => {
    const { id, digest } = await open();
    const wrong = await app.update(id, decision(digest, 'd1', { verdict: 'edit', args: { nothing: true } }));
    expect(wrong.out).toContain('INVALID_ARGS');
    expect(await app.gate(id)).toMatchObject({ status: 'open', revision: 1, digest });
    const right = await app.update(id, decision(digest, 'd2', { verdict: 'edit', args: proposal.args }));
    expect(right.out).toContain('"admitted"');
    expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
    expect(effectsOf(id)).toHaveLength(1);
  });

  it('reject: nothing runs', async () => {
    const { id, digest } = await open();
    await app.signal(id, decision(digest, 'd1', { verdict: 'reject', comment: 'not this one' }));
    expect(await app.result(id)).toMatchObject({
      outcome: 'rejected',
      reason: 'ana rejected it: not this one',
    });
    expect(effectsOf(id)).toEqual([]);
  });

  it('quorum of two: one person twice is one, the second person opens', async () => {
    const { id, digest } = await open({ policy: policy({ quorum: 2 }) });
    await app.signal(id, decision(digest, 'd1'));
    await app.signal(id, decision(digest, 'd2'));
    expect(await app.judged(id, 'd2')).toMatchObject({ status: 'refused', code: 'ALREADY_SIGNED' });
    expect(await app.gate(id)).toMatchObject({ status: 'open', signatures: [{ reviewer: 'ana' }] });
    await app.signal(id, decision(digest, 'd3', { reviewer: 'bo' }));
    expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
    expect(effectsOf(id)).toHaveLength(1);
  });

  it('an edit restarts the quorum: the earlier signature does not count for the changed args', async () => {
    const { id, digest } = await open({ policy: policy({ quorum: 2 }) });
    await app.signal(id, decision(digest, 'd1'));
    await app.signal(
      id,
      decision(digest, 'd2', { reviewer: 'bo', verdict: 'edit', args: { ...proposal.args, input: 8 } }),
    );
    const { digest: second = '' } = await app
      .reaches(id, 'open')
      .then(() => app.judged(id, 'd2'))
      .then(() => app.gate(id));
    expect(await app.gate(id)).toMatchObject({
      revision: 2,
      signatures: [{ reviewer: 'bo' }],
      diff: [{ op: 'replace', path: '/args/input', value: 8 }],
    });
    await app.signal(id, decision(digest, 'd3'));
    expect(await app.judged(id, 'd3')).toMatchObject({
      status: 'refused',
      code: 'STALE_REVISION',
      message: expect.stringContaining('revision 2 is open') as string,
    });
    await app.signal(id, decision(second, 'd4'));
    expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
    expect(effectsOf(id)).toMatchObject([{ input: 8 }]);
  });

  it('cancel is the requester’s, and nobody else’s', async () => {
    const { id, digest } = await open();
    await app.signal(id, decision(digest, 'd1', { verdict: 'cancel' }));
    expect(await app.judged(id, 'd1')).toMatchObject({ code: 'NOT_THE_REQUESTER' });
    await app.signal(id, decision(digest, 'd2', { reviewer: 'svc-orders' }));
    expect(await app.judged(id, 'd2')).toMatchObject({ code: 'REQUESTER_CANNOT_DECIDE' });
    await app.signal(id, decision(digest, 'd3', { verdict: 'cancel', reviewer: 'svc-orders' }));
    expect(await app.result(id)).toMatchObject({ outcome: 'cancelled' });
    expect(effectsOf(id)).toEqual([]);
  });

  it('temporal workflow cancel ends cancelled, as a result', async () => {
    const { id } = await open();
    await app.workflow('cancel', '-w', id);
    expect(await app.result(id)).toMatchObject({
      outcome: 'cancelled',
      reason: 'the workflow was cancelled',
    });
    expect(effectsOf(id)).toEqual([]);
  });

  it('a deadline of three seconds ends expired', async () => {
    const { id } = await open({ policy: policy({ respondWithin: '3s' }) });
    expect(await app.result(id)).toMatchObject({ outcome: 'expired', decisions: null });
    expect(effectsOf(id)).toEqual([]);
  });
});

describe('what is no good decision leaves a record, and the good one lands', () => {
  const cases: {
    said: string;
    send: (id: string, digest: string) => Promise<unknown>;
    receipt?: [string, string, string];
  }[] = [
    {
      said: 'a wrong digest',
      send: (id) => app.signal(id, decision('0'.repeat(64), 'x')),
      receipt: ['x', 'refused', 'STALE_REVISION'],
    },
    {
      said: 'an unknown key',
      send: (id, digest) => app.signal(id, decision(digest, 'x', { urgent: true })),
      receipt: ['x', 'refused', 'MALFORMED_DECISION'],
    },
    {
      said: 'a misspelt signal name',
      send: (id, digest) => app.signal(id, decision(digest, 'x'), 'decided'),
      receipt: ['x', 'unknown', ''],
    },
    {
      said: 'no payload',
      send: (id) => app.workflow('signal', '-w', id, '--name', 'decide'),
      receipt: ['x', 'unknown', ''],
    },
    {
      said: 'a payload of an unknown encoding',
      send: (id) => raw(id, 'moon/script', '{}'),
      receipt: ['x', 'unknown', ''],
    },
    {
      said: 'a payload of broken JSON',
      send: (id) => raw(id, 'json/plain', '{"v":1,'),
      receipt: ['x', 'unknown', ''],
    },
    {
      said: 'a verdict with nobody to pass it up to',
      send: (id, digest) => app.signal(id, decision(digest, 'x', { verdict: 'escalate', comment: 'why' })),
      receipt: ['x', 'refused', 'NO_NEXT_LEVEL'],
    },
    {
      said: 'a field of another verdict',
      send: (id, digest) => app.signal(id, decision(digest, 'x', { phrase: 'DELETE' })),
      receipt: ['x', 'refused', 'UNEXPECTED_FIELD'],
    },
  ];

  it.each(cases)('$said', async ({ send, receipt }) => {
    const { id, digest } = await open();
    await send(id, digest);
    const [sent = '', status = '', code = ''] = receipt ?? [];
    if (status === 'refused') expect(await app.judged(id, sent)).toMatchObject({ status, code });
    await app.signal(id, decision(digest, 'good'));
    expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
    expect(await app.receipt(id, sent)).toMatchObject({ status, ...(code === '' ? {} : { code }) });
    expect(effectsOf(id)).toHaveLength(1);
    expect(failedTasks(await app.history(id))).toBe(0);
    const { out } = await app.countersign('audit', 'show', id, '--json');
    const { holds, entries } = JSON.parse(out) as { holds: boolean; entries: { meta: { type: string } }[] };
    expect(holds).toBe(true);
    expect(entries.map(({ meta }) => meta.type)).toEqual([
      'proposed',
      'opened',
      expect.stringMatching(/^(refused|unknown-signal)$/) as string,
      'decided',
      'approved',
      'executed',
      'closed',
    ]);
  });

  it('a repeated id gets the first receipt again, a reused one is refused, and one effect happens', async () => {
    const { id, digest } = await open({ policy: policy({ quorum: 2 }) });
    await app.signal(id, decision(digest, 'd1'));
    await app.signal(id, decision(digest, 'd1'));
    expect((await app.update(id, decision(digest, 'd1'))).out).toContain('"admitted"');
    expect((await app.update(id, decision(digest, 'd1', { reviewer: 'bo' }))).out).toContain('ID_REUSED');
    expect(await app.receipt(id, 'd1')).toMatchObject({ status: 'admitted' });
    expect(await app.gate(id)).toMatchObject({
      status: 'open',
      signatures: [{ reviewer: 'ana', decision: 'd1' }],
    });
    await app.signal(id, decision(digest, 'd2', { reviewer: 'bo' }));
    expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
    expect(effectsOf(id)).toHaveLength(1);
  });

  it('an update that does not parse is refused before it leaves any history', async () => {
    const { id, digest } = await open();
    const before = (await app.history(id)).length;
    const { code, err } = await app.update(id, decision(digest, 'x', { urgent: true }));
    expect(code).not.toBe(0);
    expect(err).toContain('urgent: unknown key');
    expect((await app.history(id)).length - before).toBeLessThanOrEqual(3); // a task at most, no update event
    expect((await app.history(id)).map((event) => event.eventType).join()).not.toContain('UPDATE');
  });
});

describe('what is no good start', () => {
  it.each([
    ['an unknown key', { urgent: true }, 'urgent: unknown key'],
    ['a key that is missing', { requester: undefined }, 'requester: expected string'],
    [
      'a phrase that something else could look like',
      { policy: { ...policy({}), confirmation: 'VERIFY', phrase: 'DELETE оrders' } },
      'policy.phrase: must be 1–200 printable ASCII characters',
    ],
    [
      'a quorum that cannot be met',
      { policy: policy({ quorum: 2, approvers: { people: ['ana'] } }) },
      'policy.levels[0].quorum: asks 2 of 1 people',
    ],
  ])('%s fails the workflow, naming it', async (_, more, named) => {
    const id = `wire-${String(++started)}`;
    await app.start(id, { v: 1, task: 't', requester: 'svc-orders', proposal, ...more });
    const { code, out } = await app.workflow('result', '-w', id, '-o', 'json');
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('INVALID_INPUT') as string });
    expect(out).toContain(named);
  });

  it('an action that is not registered never opens a gate', async () => {
    const id = `wire-${String(++started)}`;
    await app.start(id, {
      v: 1,
      task: 't',
      requester: 'svc-orders',
      proposal: { ...proposal, action: 'launch' },
    });
    expect(await app.result(id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('launch') as string,
    });
  });
});

describe('what it costs, in events', () => {
  // start 1, task 3, timer 1, signal 1, task 3, timer cancelled 1, activity 3, task 2, end 1 = 17 is the floor; then:
  const BUYS = [
    'assess: the registry’s check and the preview',
    'search attributes: the inbox',
    'record: the evidence before the effect',
    'state approved: out of the inbox',
    'record: how it ended',
  ];
  it('a given proposal: 17 and what the reviewer or the auditor gets', async () => {
    const { id, digest } = await open();
    await app.signal(id, decision(digest, 'd1'));
    await app.result(id);
    expect(await app.history(id)).toHaveLength(17 + BUYS.length);
  });
  it('an agent’s proposal: 23 and the same', async () => {
    const { id, digest } = await open({ proposal: undefined, task: `propose: ${JSON.stringify(proposal)}` });
    await app.signal(id, decision(digest, 'd1'));
    await app.result(id);
    expect(await app.history(id)).toHaveLength(23 + BUYS.length);
  });
});

/** A signal whose payload is just these bytes: the stock CLI refuses to send them. */
async function raw(workflowId: string, encoding: string, data: string): Promise<void> {
  const connection = await Connection.connect({ address: app.address });
  const bytes = (text: string) => new TextEncoder().encode(text);
  const payloads: temporal.api.common.v1.IPayload[] = [
    { metadata: { encoding: bytes(encoding) }, data: bytes(data) },
  ];
  await connection.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    signalName: 'decide',
    input: { payloads },
    requestId: `${workflowId}-raw`,
  });
  await connection.close();
}
