/** What a decision still lacks, and the decision once nothing is missing. */
import { prepare, type Draft, type Missing } from '../../../src/app/decide/prepare';
import type { Packet } from '../../../src/client';
import { packetOf } from '../../../src/domain/packet';
import { ALL_VERDICTS, type Verdict } from '../../../src/domain/verdicts';
import { policy } from '../../domain/given';
import { fakeTemporal } from '../../support/fake-temporal';

const ports = { identity: { name: 'ana' } };
const gate = (more: Parameters<ReturnType<typeof fakeTemporal>['open']>[1] = {}): Packet =>
  packetOf(fakeTemporal().open('pay-1', more));
const VERIFY = { policy: policy({}, { confirmation: 'VERIFY', phrase: 'REFUND A-4711' }) };
const FAILED = { failure: { code: 'NOTHING', message: 'no idea' } } as const;

const needs = (packet: Packet | undefined, draft: Draft): string[] => {
  const prepared = prepare(ports, { packet }, draft);
  return prepared.ready ? [] : prepared.missing.map(({ need }) => need);
};

describe('what each verdict needs where the gate was not read yet', () => {
  const NEEDED: Readonly<Record<Verdict, Missing['need'][]>> = {
    approve: [],
    edit: ['args'],
    reject: ['comment'],
    revise: ['comment'],
    respond: ['answer'],
    escalate: ['comment'],
    delegate: ['to'],
    withdraw: [],
    extend: ['until'],
    comment: ['comment'],
    cancel: [],
  };

  it.each(ALL_VERDICTS)('%s', (verdict) => {
    expect(needs(gate(), { verdict })).toEqual(['reading', ...NEEDED[verdict], 'confirmation']);
    const signs = verdict === 'approve' || verdict === 'edit';
    expect(needs(gate(VERIFY), { verdict })).toEqual([
      'reading',
      ...NEEDED[verdict],
      ...(signs ? ['phrase'] : []),
      'confirmation',
    ]);
  });
});

it.each<{ said: string; draft: Draft; packet?: Packet; missing: Missing[] }>([
  {
    said: 'who has read it here is asked once more',
    draft: { verdict: 'approve', readHere: true },
    missing: [{ need: 'confirmation', revision: 1 }],
  },
  {
    said: 'who names its digest has read it elsewhere: that is the yes',
    draft: { verdict: 'reject', digest: 'a'.repeat(64) },
    missing: [{ need: 'comment' }],
  },
  {
    said: 'the phrase is the gate’s own',
    packet: gate(VERIFY),
    draft: { verdict: 'approve', readHere: true, confirmed: true },
    missing: [{ need: 'phrase', phrase: 'REFUND A-4711' }],
  },
  {
    said: 'where decisions are signed, a proof',
    packet: { ...gate(), authentication: 'signed' },
    draft: { verdict: 'withdraw', digest: 'a'.repeat(64) },
    missing: [{ need: 'proof', grade: 'signed' }],
  },
  {
    said: 'where a door vouches, a proof of one kind or the other',
    packet: { ...gate(), authentication: 'vouched' },
    draft: { verdict: 'withdraw', digest: 'a'.repeat(64) },
    missing: [{ need: 'proof', grade: 'vouched' }],
  },
])('$said', ({ draft, packet = gate(), missing }) => {
  expect(prepare(ports, { packet }, draft)).toEqual({ ready: false, missing });
});

describe('nothing is missing', () => {
  const packet = gate();
  const { digest = '', shown } = packet;

  it.each<{ said: string; draft: Draft; packet?: Packet | undefined; sent: object }>([
    {
      said: 'read here: the digest and the hash of all that was shown',
      draft: { verdict: 'approve', readHere: true, confirmed: true },
      sent: { digest, shown, verdict: 'approve' },
    },
    {
      said: 'read elsewhere: what was named, and nothing more',
      draft: { verdict: 'approve', digest },
      sent: { digest, verdict: 'approve' },
    },
    {
      said: 'by the beginning of its digest',
      draft: { verdict: 'approve', digest: digest.slice(0, 12), shown: 'e'.repeat(64) },
      sent: { digest, shown: 'e'.repeat(64), verdict: 'approve' },
    },
    {
      said: 'by the beginning of another digest, which is stale at the gate',
      draft: { verdict: 'approve', digest: 'f'.repeat(12) },
      sent: { digest: 'f'.repeat(12).padEnd(64, '0'), verdict: 'approve' },
    },
    {
      said: 'a gate that could not be read',
      packet: undefined,
      draft: { verdict: 'approve', digest },
      sent: { digest, verdict: 'approve' },
    },
    {
      said: 'a proven one, where that is needed',
      packet: { ...packet, authentication: 'signed' },
      draft: { verdict: 'approve', digest, proven: true },
      sent: { digest, verdict: 'approve' },
    },
    {
      said: 'a closed one is not asked for a proof: the gate says that it is closed',
      packet: { ...packet, authentication: 'signed', status: 'closed' },
      draft: { verdict: 'approve', digest },
      sent: { digest, verdict: 'approve' },
    },
    {
      said: 'an answer that is null',
      draft: { verdict: 'respond', digest, answer: null },
      sent: { digest, verdict: 'respond', answer: null },
    },
  ])('$said', ({ draft, sent, ...more }) => {
    const read = 'packet' in more ? more.packet : packet;
    expect(prepare(ports, { packet: read }, draft)).toEqual({
      ready: true,
      decision: { reviewer: 'ana', ...sent },
    });
  });
});

it.each<{ said: string; packet: Packet; draft: Draft; code: string; message: RegExp }>([
  {
    said: 'nothing is there to be read',
    packet: (({ digest: _, ...rest }) => ({ ...rest, status: 'proposing' as const }))(gate()),
    draft: { verdict: 'approve' },
    code: 'GATE_CLOSED',
    message: /^nothing is open to decide yet: proposing$/,
  },
  {
    said: 'what was read here does not offer it',
    packet: { ...gate(), verdicts: ['approve', 'reject'] },
    draft: { verdict: 'edit', readHere: true },
    code: 'VERDICT_NOT_OFFERED',
    message: /^the gate does not offer edit; you may approve, reject$/,
  },
  {
    said: 'nothing was proposed',
    packet: { ...gate(), ...FAILED, verdicts: ['respond'] },
    draft: { verdict: 'approve', readHere: true },
    code: 'NOTHING_PROPOSED',
    message: /^there is nothing to approve: the agent could not propose; you may respond$/,
  },
  {
    said: 'eleven characters',
    packet: gate(),
    draft: { verdict: 'approve', digest: 'a'.repeat(11) },
    code: 'INVALID_INPUT',
    message: /at least its first 12 characters$/,
  },
  {
    said: 'capitals',
    packet: gate(),
    draft: { verdict: 'approve', digest: 'A'.repeat(12) },
    code: 'INVALID_INPUT',
    message: /^digest: /,
  },
])('$said: $code', ({ packet, draft, code, message }) => {
  expect(() => prepare(ports, { packet }, draft)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
  );
});
