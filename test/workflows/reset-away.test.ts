/**
 * A signed no stays a no. Whoever may write to the namespace resets a workflow to before it and leaves it out
 * (`temporal workflow reset --reapply-exclude Signal`), so that the record forks there, and sends again what people said before.
 */
import type { Packet } from '../../src/client';
import type { Decision } from '../../src/domain/gate/decision';
import type { Directory } from '../../src/domain/reviewers';
import { decisionText } from '../../src/domain/gate/signature';
import { run, temporalBinary, until } from '../support/app';
import { assertionOf, testPasskey } from '../support/passkey';
import { DIRECTORY, MINUTE, placeOf, signed, vouched, whereOf, withDoor } from '../support/reviewers';
import { startWorkflowEnv, types, type Entry, type Event, type WorkflowEnv } from '../support/workflow-env';

const PHONE = testPasskey(-7);
const { people: known, doors = [] } = withDoor(PHONE.entry);
/** Everybody has a key file; cy has a passkey instead, and the front door `web` knows ana. */
const PEOPLE: Directory = {
  ...DIRECTORY,
  people: DIRECTORY.people.map((one) => {
    const { identities, keys } = known.find(({ name }) => name === one.name) ?? {};
    return {
      ...one,
      ...(one.name === 'cy' ? { keys: keys! } : {}),
      ...(identities === undefined ? {} : { identities }),
    };
  }),
  doors,
};

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: PEOPLE });
});
afterEach(() => {
  env.faults.storeDown = false;
  env.configured.reviewers = PEOPLE;
});
afterAll(() => env.stop());

const opened = (level: object = {}) =>
  env.opened({
    policy: {
      confirmation: 'CONFIRM',
      authentication: 'signed',
      levels: [
        {
          kind: 'people',
          name: 'HUMAN',
          approvers: { people: ['ana', 'bo', 'cy', 'mo'] },
          quorum: 2,
          respondWithin: '1 hour',
          ...level,
        },
      ],
    },
  });

let nth = 0;
const saying = (packet: Packet, reviewer: string, more: Partial<Decision> = {}): Decision => ({
  v: 1,
  id: `${reviewer}-${String(++nth)}`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});
const says = (packet: Packet, reviewer: string, more: Partial<Decision> = {}) =>
  signed(saying(packet, reviewer, more), placeOf(packet));
const NO = { verdict: 'reject', comment: 'It is not paid.' } as const;

const signal = ({ workflowId }: Packet, decision: Decision) =>
  env.client.workflow.getHandle(workflowId).signal('decide', decision);

async function send(packet: Packet, decision: Decision): Promise<void> {
  await signal(packet, decision);
  await expect(env.countersign.confirmed(packet.workflowId, decision.id, 10_000)).resolves.toMatchObject({
    status: 'admitted',
  });
}

/** The end of the last workflow task before that decision came. */
function endedBefore(events: readonly Event[], { id }: Decision): string {
  const sent = events.findIndex(({ workflowExecutionSignaledEventAttributes: one }) =>
    Buffer.from(one?.input?.payloads?.[0]?.data ?? [])
      .toString()
      .includes(JSON.stringify(id)),
  );
  const task = events
    .slice(0, sent)
    .filter((one) => one.workflowTaskCompletedEventAttributes != null)
    .at(-1);
  if (sent === -1 || task == null) throw new Error(`nothing stands before ${id}`);
  return String(task.eventId);
}

/** By the stock CLI alone: to before that decision, without it and whatever came later. */
async function resetTo({ workflowId }: Packet, first: Decision): Promise<void> {
  const at = endedBefore(await env.history(workflowId), first);
  const { code, out, err } = await run(temporalBinary(), [
    ...['workflow', 'reset', '--workflow-id', workflowId, '--event-id', at],
    ...['--reapply-exclude', 'Signal', '--reason', 'attack', '-o', 'json'],
    ...['--address', env.connection.options.address],
  ]);
  if (code !== 0) throw new Error(err || out);
  const { runId } = JSON.parse(out) as { runId: string };
  await until(
    async () => (await env.client.workflow.getHandle(workflowId).describe()).runId,
    (current) => current === runId,
  );
}

/** All of it is sent again, the gate is met once more, and the executor refuses. */
async function isVoid(packet: Packet, ...again: Decision[]): Promise<void> {
  const runs = env.actions.runs['ship'];
  const began = env.executions.length;
  for (const decision of again) await signal(packet, decision);
  await expect(ended(packet)).resolves.toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/^APPROVAL_VOID: /),
  });
  expect(env.executions.length).toBe(began + 1);
  expect(env.actions.runs['ship']).toBe(runs);
}

const ended = ({ workflowId }: Packet): Promise<unknown> =>
  env.client.workflow.getHandle(workflowId).result();

async function told({ workflowId }: Packet): Promise<Entry[]> {
  return (await env.store.entries(workflowId)).map(({ text = '' }) => JSON.parse(text) as Entry);
}

describe('rejected, and', () => {
  /** Two have approved of three, and one has said no. */
  async function rejected() {
    const packet = await opened({ quorum: 3 });
    const [ana, bo, no] = [says(packet, 'ana'), says(packet, 'bo'), says(packet, 'mo', NO)];
    for (const decision of [ana, bo, no]) await send(packet, decision);
    await expect(ended(packet)).resolves.toMatchObject({ outcome: 'rejected' });
    return { packet, ana, bo, no };
  }

  test('the no is left out: what was said before it counts no more, though the third is new', async () => {
    const { packet, no } = await rejected();
    await resetTo(packet, no);
    expect(await env.until(packet.workflowId, ({ status }) => status === 'open')).toMatchObject({
      signatures: [{ reviewer: 'ana' }, { reviewer: 'bo' }],
    });
    await isVoid(packet, byPasskey(packet));
    // The record has both ways, one beside the other.
    const entries = await told(packet);
    expect(types(entries).filter((type) => type === 'closed')).toHaveLength(2);
    expect(entries.length).toBeGreaterThan(new Set(entries.map(({ seq }) => seq)).size);
  });

  test('all that was said is left out, and the approvals are sent once more: the same', async () => {
    const { packet, ana, bo } = await rejected();
    await resetTo(packet, ana);
    await isVoid(packet, ana, bo, byPasskey(packet));
  });

  test('the run in which the no was said is deleted besides: the store has it', async () => {
    const { packet, ana, bo } = await rejected();
    const { runId } = await env.client.workflow.getHandle(packet.workflowId).describe();
    await resetTo(packet, ana);
    const { workflowService } = env.connection;
    const workflowExecution = { workflowId: packet.workflowId, runId };
    await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
    await isVoid(packet, ana, bo, byPasskey(packet));
  });

  test('reset, and everybody is asked anew and signs after the no: that is people’s own word', async () => {
    const { packet, ana } = await rejected();
    await resetTo(packet, ana);
    for (const decision of [says(packet, 'ana'), says(packet, 'bo'), says(packet, 'mo')])
      await signal(packet, decision);
    await expect(ended(packet)).resolves.toMatchObject({ outcome: 'executed' });
  });

  test('a no that no worker has read before the reset stands in the history alone', async () => {
    const packet = await opened();
    const [ana, no, bo] = [says(packet, 'ana'), says(packet, 'mo', NO), says(packet, 'bo')];
    await send(packet, ana);
    await env.stopWorker();
    await signal(packet, no);
    await resetTo(packet, no);
    await env.startWorker();
    await isVoid(packet, bo);
    expect(JSON.stringify(await told(packet))).not.toContain(no.id);
  });
});

test('a no of two, whose one voice had approved before: that old approval, sent once more between them, lifts nothing', async () => {
  const packet = await opened({ rejections: 2 });
  const [mo, moNot, ana, boNot] = [
    says(packet, 'mo'),
    says(packet, 'mo', NO),
    says(packet, 'ana'),
    says(packet, 'bo', NO),
  ];
  for (const decision of [mo, moNot, ana]) await send(packet, decision);
  await signal(packet, mo);
  await send(packet, boNot);
  await expect(ended(packet)).resolves.toMatchObject({ outcome: 'rejected' });
  await resetTo(packet, mo);
  await isVoid(packet, ana, byPasskey(packet));
});

test('called off by the requester: what was approved before stays called off', async () => {
  const packet = await opened();
  const [ana, off, bo] = [
    says(packet, 'ana'),
    says(packet, 'rita', { verdict: 'cancel' }),
    says(packet, 'bo'),
  ];
  for (const decision of [ana, off]) await send(packet, decision);
  await expect(ended(packet)).resolves.toMatchObject({ outcome: 'cancelled' });
  await resetTo(packet, off);
  await isVoid(packet, bo);
});

describe('taken back by its signer', () => {
  test.each<[string, Partial<Decision>]>([
    ['a withdrawal', { verdict: 'withdraw' }],
    ['a rejection, which alone ends nothing', NO],
  ])('%s: the approval is void, and the other one alone is no quorum', async (_, back) => {
    const packet = await opened({ rejections: 2 });
    const [ana, not, bo] = [says(packet, 'ana'), says(packet, 'ana', back), says(packet, 'bo')];
    for (const decision of [ana, not, bo]) await send(packet, decision);
    expect(await env.countersign.show(packet.workflowId)).toMatchObject({
      status: 'open',
      signatures: [{ reviewer: 'bo' }],
    });
    await resetTo(packet, ana);
    await isVoid(packet, ana, bo);
  });

  /** One content and one signing of it, in other bytes: it is received anew, and is still what was said before. */
  test.each<[string, (packet: Packet) => readonly [Decision, Decision]]>([
    [
      'a passkey’s signature, turned into the other one that holds as well',
      (packet) => {
        const decision = byPasskey(packet);
        const { value } = decision.signature!;
        return [decision, { ...decision, signature: { ...decision.signature!, value: negated(value) } }];
      },
    ],
    [
      'a signature without the vouch that stood beside it',
      (packet) => {
        const plain = says(packet, 'ana');
        const { signature } = plain;
        const { vouch } = vouched(plain, placeOf(packet));
        return [{ ...plain, signature, vouch }, plain];
      },
    ],
  ])('%s', async (_, both) => {
    const packet = await opened();
    const [first, other] = both(packet);
    const back = { verdict: 'withdraw' } as const;
    const { reviewer } = first;
    const [not, bo] = [
      reviewer === 'cy' ? byPasskey(packet, back) : says(packet, reviewer, back),
      says(packet, 'bo'),
    ];
    for (const decision of [first, not, bo]) await send(packet, decision);
    await resetTo(packet, first);
    await isVoid(packet, other, bo);
  });
});

/** cy's, as a page has it made. */
function byPasskey(packet: Packet, more: Partial<Decision> = {}): Decision {
  const said = { ...saying(packet, 'cy', more), shown: packet.shown! };
  const now = Date.now();
  const times = {
    key: PHONE.entry.id,
    issued: new Date(now - 1_000).toISOString(),
    expires: new Date(now + 9 * MINUTE).toISOString(),
  };
  const text = decisionText(whereOf(placeOf(packet)), said, times);
  return { ...said, signature: { ...times, ...assertionOf(PHONE, text) } };
}

/** ECDSA's (r, n − s) holds wherever (r, s) does. In DER, as a passkey has it. */
function negated(value: string): string {
  const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const der = Buffer.from(value, 'base64');
  const r = der.subarray(2, 4 + der[3]!);
  const s = BigInt(`0x${der.subarray(r.length + 4).toString('hex')}`);
  const hex = (N - s).toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const number = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  const body = Buffer.concat([r, Buffer.from([2, number.length]), number]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64');
}

test('what is approved after a reset was said at its own level alone, and executes', async () => {
  env.configured.reviewers = undefined; // a signature would say the level itself
  const people = { approvers: { people: ['ana', 'bo'] }, respondWithin: '1 hour' };
  const packet = await env.opened({
    policy: {
      confirmation: 'CONFIRM',
      levels: [
        { name: 'HUMAN', ...people },
        { name: 'MANAGER', ...people },
      ],
    },
  });
  const comment = saying(packet, 'bo', { verdict: 'comment', comment: 'a look first' });
  await send(packet, comment);
  await resetTo(packet, comment);
  await signal(packet, saying(packet, 'ana'));
  await expect(ended(packet)).resolves.toMatchObject({ outcome: 'executed' });
}, 60_000);
