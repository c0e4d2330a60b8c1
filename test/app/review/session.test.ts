/** Whether a gate is this person's to decide, what they may say there, and what a receipt means for what they have read. */
import { meaningOf, turn } from '../../../src/app/review/session';
import type { Submitted } from '../../../src/app/decide/submit';
import type { Packet } from '../../../src/client';
import { policy } from '../../domain/given';
import { fakeTemporal, type FakeTemporal } from '../../support/fake-temporal';

const TWO = { policy: policy({ approvers: { people: ['ana', 'bo'] }, quorum: 2 }) };

interface Case {
  readonly said: string;
  readonly given: (fake: FakeTemporal) => void;
  readonly signedToo?: boolean;
  readonly status: string;
  readonly withdraw?: boolean;
}

it.each<Case>([
  { said: 'theirs', given: (fake) => fake.open('pay-1', TWO), status: 'asked', withdraw: false },
  {
    said: 'at VERIFY, where nothing is typed to find out',
    given: (fake) =>
      fake.open('pay-1', {
        policy: policy({ approvers: { people: ['ana'] } }, { confirmation: 'VERIFY', phrase: 'DELETE x' }),
      }),
    status: 'asked',
    withdraw: false,
  },
  {
    said: 'theirs, and nothing to approve is offered',
    given: (fake) =>
      fake.open('pay-1', {
        policy: policy({ approvers: { people: ['ana'] } }, { verdicts: ['reject', 'comment', 'edit'] }),
      }),
    status: 'asked',
    withdraw: false,
  },
  {
    said: 'their own request',
    given: (fake) => fake.open('pay-1', { ...TWO, requester: 'ana' }),
    status: 'barred',
  },
  {
    said: 'somebody else’s',
    given: (fake) => fake.open('pay-1', { policy: policy({ approvers: { people: ['bo'] } }) }),
    status: 'barred',
  },
  {
    said: 'signed already',
    given: (fake) => {
      fake.open('pay-1', TWO);
      fake.say('pay-1', 'ana', 'approve');
    },
    status: 'signed',
  },
  {
    said: 'signed already, to be taken back',
    given: (fake) => {
      fake.open('pay-1', TWO);
      fake.say('pay-1', 'ana', 'approve');
    },
    signedToo: true,
    status: 'asked',
    withdraw: true,
  },
  {
    said: 'decided meanwhile',
    given: (fake) => {
      fake.open('pay-1');
      fake.say('pay-1', 'bo', 'approve');
    },
    status: 'moved',
  },
])('$said: $status', async ({ given, signedToo = false, status, withdraw }) => {
  const fake = fakeTemporal();
  given(fake);
  const before = fake.gates.get('pay-1');
  const ports = { gates: fake.countersign, identity: { name: 'ana' } };
  const next: { status: string; verdicts?: readonly string[]; packet?: Packet } = await turn(ports, {
    workflowId: 'pay-1',
    signedToo,
  });
  expect(next.status).toBe(status);
  expect(next.verdicts?.includes('withdraw')).toBe(withdraw);
  expect(fake.gates.get('pay-1')).toBe(before);
});

it.each([
  { status: 'admitted', meaning: 'decided' },
  { status: 'pending', meaning: 'decided' },
  { status: 'delivered', meaning: 'decided' },
  { status: 'refused', code: 'STALE_REVISION', meaning: 'changed' },
  { status: 'refused', code: 'GATE_CLOSED', meaning: 'changed' },
  { status: 'refused', code: 'ASK_CHILD', meaning: 'changed' },
  { status: 'refused', code: 'DELEGATE_NOT_ALLOWED', meaning: 'refused' },
] as const)('$status $code means $meaning', ({ meaning, ...receipt }) => {
  expect(meaningOf({ id: '1', gate: 'main', revision: 1, ...receipt } as Submitted)).toBe(meaning);
});
