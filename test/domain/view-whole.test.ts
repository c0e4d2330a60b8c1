/** One view of a gate loses nothing that a packet says, and holds apart what is ours and what others have written. */
import { packetOf, type Packet } from '../../src/domain/packet';
import { gateView, type PacketInView } from '../../src/domain/packet/view';
import type { PlanView } from '../../src/domain/plan-view';
import { HOSTILE } from '../support/hostile';
import { open, policy } from './given';

const { deployment: _, ...base } = packetOf(open());
const AT = '2026-03-02T09:10:00.000Z';
const MANAGER = { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 day' };
const signature = (reviewer: string) => ({
  ...{ reviewer, decision: `d-${reviewer}`, at: AT, revision: 1 },
  authentication: 'open' as const,
});
const plan = (name: string): PlanView => ({ onReject: 'stop', at: 0, steps: [{ name, about: 'Deploy it' }] });

/** One other value of each field, or why no view shows it. */
const FIELDS: { readonly [K in keyof Required<Packet>]: Partial<Packet> | string } = {
  v: 'the version of the wire',
  workflowId: { workflowId: 'other' },
  root: { root: { workflowId: 'release', firstRunId: 'r' }, plan: plan('main') },
  gate: { gate: 'other' },
  status: { status: 'approved' },
  outcome: { status: 'closed', outcome: 'released' },
  reason: { reason: 'because' },
  requester: { requester: 'somebody' },
  requesterProof: { requesterProof: 'signed' },
  deployment: { deployment: 'other' },
  by: { by: 'other' },
  risk: { risk: 'high' },
  callback: { callback: 'https://x.example' },
  revision: { revision: 7 },
  digest: { digest: 'f'.repeat(64) },
  proposal: { proposal: { ...base.proposal!, args: {} } },
  failure: { failure: { code: 'MODEL_REFUSED', message: 'no' } },
  lessons: { lessons: 3 },
  diff: { diff: [] },
  words: { diff: [], words: [{ path: '/args/x', changes: [] }] },
  preview: { preview: null },
  assessed: 'for programs: whoever shows it to a person checks it first',
  undo: { undo: { action: 'ship', args: {} } },
  plan: { plan: plan('main') },
  policy: { policy: policy({ quorum: 2 }) },
  level: { policy: policy({}, { levels: [{ ...MANAGER, name: 'HUMAN' }, MANAGER] }), level: 'MANAGER' },
  deadline: { deadline: AT },
  signatures: { signatures: [signature('ana')] },
  rejections: { rejections: [signature('ana')] },
  delegations: { delegations: [{ from: 'ana', to: 'dan', decision: 'd', at: AT }] },
  escalations: { escalations: [{ from: 'AGENT', to: 'HUMAN', reason: 'unsure', at: AT }] },
  verdicts: { verdicts: ['reject'] },
  phrase: { phrase: 'DELETE x' },
  waitingOn: { waitingOn: 'w/x' },
  authentication: { authentication: 'signed' },
  shown: { shown: 'f'.repeat(64) },
  waitingFor: { waitingFor: 'the store' },
};

it.each(Object.entries(FIELDS))('of what a packet says nothing is lost: %s', (field, other) => {
  const { [field as 'digest']: __, ...without } = { ...base, ...(typeof other === 'string' ? {} : other) };
  const set = typeof other === 'string' ? { ...without, [field]: 'anything' } : { ...without, ...other };
  const before = { ...without, ...(typeof other === 'string' ? {} : { [field]: base[field as 'digest'] }) };
  const [was, is] = [before, set].map((one) => JSON.stringify(gateView(one as unknown as Packet)));
  expect(was === is).toBe(typeof other === 'string');
});

/** Hostile wherever a server, an agent, a requester or a policy could make it so. */
function hostile(text: string): PacketInView {
  const level = {
    ...policy().levels[0]!,
    name: text,
    approvers: { people: [text, 'ana'], roles: [text] },
    groups: [{ role: text, quorum: 2, rejections: 2 }],
  };
  const about = text.replace(/‹U\+[0-9A-F]{4,6}›/g, '');
  const step = { name: text, about, outcome: text, reason: text, undo: text };
  const evidence = [{ label: text, value: text, href: text }];
  const proposal = { action: text, args: { [text]: text }, title: text, rationale: text, evidence };
  return {
    ...base,
    ...{
      workflowId: text,
      root: { workflowId: text, firstRunId: text },
      gate: text,
      requester: text,
      by: text,
    },
    ...{ requesterProof: text as 'claimed', risk: text as 'low', authentication: text as 'open' },
    ...{ outcome: text as 'failed', status: text as 'open', callback: text, deployment: text, digest: text },
    proposal: { ...proposal, confidence: text as never, sensitive: true },
    failure: { code: text, message: text },
    diff: [{ op: 'add', path: `/args/2${text}`, value: text }],
    words: [{ path: `/args/${text}`, changes: [{ op: 'added', text }] }],
    undo: { action: text, args: { [text]: text } },
    plan: { onReject: text as 'undo', at: 1, steps: [step, { name: `${text}2`, about }] },
    preview: { [text]: text },
    policy: { ...policy(), onSilence: text as 'expire', levels: [level, { ...level, name: `${text}2` }] },
    level: text,
    deadline: text,
    revision: text as never,
    signatures: [{ ...signature(text), onBehalfOf: text }],
    rejections: [signature(text)],
    delegations: [{ from: text, to: text, decision: text, at: text }],
    escalations: [{ from: text, to: text, reason: text, at: text }],
    verdicts: [text as 'approve'],
    ...{ phrase: text, reason: text, waitingFor: text, waitingOn: text, shown: text },
  };
}

/** Every string that is not held as somebody else's. */
function ours(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || 'raw' in value) return [];
  return Object.values(value).flatMap(ours);
}

it('300 hostile strings: whatever others have written is held apart from our words, which stay the same', () => {
  const seen = (text: string) => ({ revision: 1, diff: [], words: [{ path: text, changes: [] }] });
  const said = (text: string) => [
    ...ours(gateView(hostile(text), { trouble: text, seen: seen(text) })),
    ...ours(gateView({ ...hostile(text), status: 'open' })),
    ...ours(gateView({ ...hostile(text), status: 'closed', outcome: undefined as never, closedBy: text })),
    ...ours(gateView({ ...hostile(text), policy: undefined as never, plan: undefined as never })),
  ];
  const plain = said('x y');
  expect(plain.length).toBeGreaterThan(200);
  for (const text of HOSTILE) expect({ text, ours: said(text) }).toEqual({ text, ours: plain });
});
