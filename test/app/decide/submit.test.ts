/** Where a decision belongs, how it is made whole and signed, and what becomes of it once it is sent. */
import { wholeDecision } from '../../../src/app/decide/decision';
import { deadlineIn } from '../../../src/app/decide/deadline';
import { locate } from '../../../src/app/decide/locate';
import { toSign } from '../../../src/app/decide/signable';
import { submit } from '../../../src/app/decide/submit';
import { CountersignError, type DecideInput } from '../../../src/client';
import { packetOf } from '../../../src/domain/packet';
import { ladder } from '../../domain/given';
import { fakeTemporal, type FakeTemporal } from '../../support/fake-temporal';

let fake: FakeTemporal;
const ports = () => ({ gates: fake.countersign });
beforeEach(() => {
  fake = fakeTemporal();
  fake.open('pay-1', { policy: ladder() });
});
const digest = (id = 'pay-1') => fake.gates.get(id)?.digest ?? '';

describe('locate', () => {
  it('the gate that was named', async () => {
    expect(await locate(ports(), { workflowId: 'pay-1' })).toMatchObject({
      at: 'gate',
      workflowId: 'pay-1',
      packet: { status: 'open' },
    });
  });

  it('a level that it waits for, which is followed where that is asked for', async () => {
    fake.say('pay-1', 'ana', 'escalate', { comment: 'above my limit' });
    expect(await locate(ports(), { workflowId: 'pay-1' })).toEqual({
      at: 'child',
      child: 'pay-1/MANAGER',
      code: 'ASK_CHILD',
      message: 'the level MANAGER is asked; decide on the workflow pay-1/MANAGER',
    });
    expect(await locate(ports(), { workflowId: 'pay-1', follow: true })).toMatchObject({
      at: 'gate',
      workflowId: 'pay-1/MANAGER',
    });
  });

  it.each([
    { said: 'one that may stay unread, while nobody answers', unread: true, error: 'client', found: true },
    { said: 'one that has to be read', unread: false, error: 'client', found: false },
    { said: 'trouble of another kind', unread: true, error: 'other', found: false },
  ])('$said', async ({ unread, error, found }) => {
    const thrown = error === 'client' ? new CountersignError('NO_WORKER', 'nobody') : new Error('broken');
    fake.countersign.show = () => Promise.reject(thrown);
    const located = locate(ports(), { workflowId: 'pay-1', unread });
    if (found) expect(await located).toEqual({ at: 'gate', workflowId: 'pay-1', packet: undefined });
    else await expect(located).rejects.toBe(thrown);
  });
});

describe('submit', () => {
  const approve = (more: Partial<DecideInput> = {}) =>
    wholeDecision({ digest: digest(), verdict: 'approve', reviewer: 'ana', ...more });
  const send = (more: Partial<DecideInput> = {}, how: { ownId?: boolean; dryRun?: boolean } = {}) =>
    submit(ports(), { workflowId: 'pay-1', decision: approve(more), within: 1_000, ...how });

  it.each([
    { said: 'admitted', more: {}, receipt: { status: 'admitted', revision: 1 } },
    {
      said: 'refused',
      more: { reviewer: 'req' },
      receipt: { status: 'refused', code: 'REQUESTER_CANNOT_DECIDE' },
    },
  ])('$said', async ({ more, receipt }) => {
    expect(await send(more)).toMatchObject(receipt);
  });

  it('delivered, where nobody answers in time', async () => {
    fake.countersign.confirmed = () => Promise.resolve(undefined);
    expect(await send({ id: 'd-1' })).toEqual({ id: 'd-1', status: 'delivered' });
  });

  it('a dry run sends nothing', async () => {
    expect(await send({}, { dryRun: true })).toMatchObject({ status: 'admitted' });
    expect(fake.gates.get('pay-1')?.decisions).toEqual([]);
  });

  it('the same under the same id is a repeat; something else under it is not sent', async () => {
    const first = await send({ id: 'd-1' }, { ownId: true });
    expect(await send({ id: 'd-1' }, { ownId: true })).toEqual(first);
    const reused = { id: 'd-1', status: 'refused', code: 'ID_REUSED', gate: 'main', revision: 1 } as const;
    fake.countersign.dryRun = () => Promise.resolve(reused);
    await expect(send({ id: 'd-1', comment: 'and more' }, { ownId: true })).rejects.toMatchObject({
      code: 'ID_REUSED',
    });
    expect(fake.gates.get('pay-1')?.decisions).toHaveLength(1);
  });
});

it('a decision is made whole, or refused by field', () => {
  const whole = wholeDecision({ digest: digest(), verdict: 'approve', reviewer: 'ana' });
  expect(whole).toMatchObject({ v: 1, id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
  const none = { digest: 'a', verdict: 'approve', reviewer: 'ana' } as const;
  expect(() => wholeDecision(none)).toThrow(expect.objectContaining({ code: 'MALFORMED_DECISION' }) as Error);
});

it('what is signed is recomputed from what was read, and nothing else is', () => {
  const packet = packetOf(fake.gates.get('pay-1')!);
  const decision = wholeDecision({ digest: digest(), verdict: 'approve', reviewer: 'ana' });
  const signed = toSign(packet, decision, { asked: 'pay-1' });
  expect(signed.where).toMatchObject({ root: { workflowId: 'pay-1' }, gate: 'main' });
  expect(signed.decision).toEqual({ ...decision, shown: packet.shown });
  const other = { ...packet, proposal: { ...packet.proposal!, args: { amount: 4_000 } } };
  expect(() => toSign(other, decision)).toThrow(
    expect.objectContaining({
      code: 'DIGEST_MISMATCH',
      message: expect.stringMatching(/; nothing was signed$/) as string,
    }) as Error,
  );
});

it.each([
  ['2030-05-01T09:00Z', '2030-05-01T09:00:00.000Z'],
  ['2030-05-01 11:00+02:00', '2030-05-01T09:00:00.000Z'],
  [' 2 hours ', '1970-01-01T02:00:00.000Z'],
  ['soon', undefined],
  ['5', undefined],
  ['2030-05-01', undefined],
  ['2030-13-01T09:00Z', undefined],
  ['', undefined],
])('a deadline as %j is %s', (written, deadline) => {
  expect(deadlineIn(written, 0)).toBe(deadline);
});
