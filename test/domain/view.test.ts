/** One view of a gate for every medium: each block where it means something and nowhere else, all that a packet says, and what is ours apart from what is not. */
import { packetOf, type Packet } from '../../src/domain/packet';
import { blockOf, isFact, type Block } from '../../src/domain/packet/blocks';
import { plainText } from '../../src/domain/packet/sentence';
import { gateView, type PacketInView, type Reader } from '../../src/domain/packet/view';
import type { PlanView } from '../../src/domain/plan-view';
import { HOSTILE } from '../support/hostile';
import { open, policy } from './given';

const { deployment: _, ...base } = packetOf(open());
const AT = '2026-03-02T09:10:00.000Z';
const signature = (reviewer: string) => ({
  ...{ reviewer, decision: `d-${reviewer}`, at: AT, revision: 1 },
  authentication: 'open' as const,
});
const plan = (name: string): PlanView => ({ onReject: 'stop', at: 0, steps: [{ name, about: 'Deploy it' }] });
const failure = { code: 'MODEL_REFUSED', message: 'no' };
const MANAGER = { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 day' };

/** What is left of a packet before there is a proposal. */
const unopened: Packet = {
  ...{ v: 1, workflowId: 'w', gate: 'main', status: 'proposing', requester: 'req', revision: 0 },
  ...{ signatures: [], verdicts: [], authentication: 'open' },
};

/** A block in a word: what it is headed, or its label. */
function named(block: Block): string {
  if (isFact(block)) return block.label;
  return 'heading' in block ? block.heading : block.kind;
}

const ASKED = ['asked', 'signed'];
const FROM = ['requester', 'proposed by', 'risk'];
const ACTION = ['What runs, if approved', "The agent's claim"];

const OUTLINES: readonly {
  said: string;
  packet: PacketInView;
  reader?: Reader;
  blocks: readonly string[];
}[] = [
  {
    said: 'people are asked',
    packet: base,
    blocks: [...ACTION, ...ASKED, 'missing', 'until', 'confirm', ...FROM, 'names', 'you may', 'hashes'],
  },
  {
    said: 'some have decided, some for others, and it was passed up and waits',
    packet: {
      ...base,
      rejections: [signature('bo')],
      delegations: [{ from: 'cy', to: 'dan', decision: 'd', at: AT }],
      escalations: [{ from: 'AGENT', to: 'HUMAN', reason: 'unsure', at: AT }],
      waitingFor: 'the store',
      callback: 'https://x.example',
    },
    reader: { trouble: 'its task fails' },
    blocks: [
      ...[
        'Waiting',
        'Trouble',
        ...ACTION,
        ...ASKED,
        'rejected',
        'missing',
        'delegated',
        'passed up',
        'until',
      ],
      ...['confirm', ...FROM, 'sent to', 'names', 'you may', 'hashes'],
    ],
  },
  {
    said: 'the agent had no proposal: there is a question and no claim',
    packet: { ...base, failure },
    blocks: [
      ...['The agent could not propose', 'What is asked instead', ...ASKED, 'missing', 'until', 'confirm'],
      ...[...FROM, 'names', 'you may', 'hashes'],
    ],
  },
  {
    said: 'a step with what takes it back, a preview and a plan',
    packet: {
      ...base,
      gate: 'deploy',
      plan: plan('deploy'),
      preview: null,
      undo: { action: 'ship', args: {} },
    },
    blocks: [
      ...[
        'What runs, if approved',
        'What runs, if it is taken back',
        'Preview',
        "The agent's claim",
        'The plan',
      ],
      ...[...ASKED, 'missing', 'until', 'confirm', ...FROM, 'names', 'you may', 'hashes'],
    ],
  },
  {
    said: 'a second revision, of which the reader saw an older one',
    packet: { ...base, revision: 3, diff: [] },
    reader: { seen: { revision: 1, diff: [], words: [] } },
    blocks: [
      ...[
        'What runs, if approved',
        'Changed since revision 2',
        'Changed since revision 1, which you saw last',
      ],
      ...[
        "The agent's claim",
        ...ASKED,
        'missing',
        'until',
        'confirm',
        ...FROM,
        'names',
        'you may',
        'hashes',
      ],
    ],
  },
  {
    said: 'sent back: nobody is missing while the agent is at work',
    packet: { ...base, status: 'proposing', verdicts: ['comment', 'cancel'] },
    blocks: [
      ...[
        'The action',
        "The agent's claim",
        ...ASKED,
        'until',
        'confirm',
        ...FROM,
        'names',
        'you may',
        'hashes',
      ],
    ],
  },
  {
    said: 'a level is asked elsewhere',
    packet: { ...base, status: 'waiting', waitingOn: 'w/HUMAN', verdicts: [], deadline: undefined as never },
    blocks: [...[...ACTION, 'asked', 'decide on', 'signed', 'confirm', ...FROM, 'names', 'hashes']],
  },
  {
    said: 'closed: nothing may be said, and nobody is missing',
    packet: { ...base, status: 'closed', outcome: 'rejected', reason: 'no', verdicts: [] },
    blocks: [
      ...[
        'Reason',
        'The action',
        "The agent's claim",
        ...ASKED,
        'until',
        'confirm',
        ...FROM,
        'names',
        'hashes',
      ],
    ],
  },
  {
    said: 'INFO: nobody signs',
    packet: {
      ...base,
      status: 'approved',
      policy: policy({}, { confirmation: 'INFO' }),
      verdicts: ['cancel'],
    },
    blocks: [
      ...[
        'The action',
        "The agent's claim",
        'asked',
        'until',
        'confirm',
        ...FROM,
        'names',
        'you may',
        'hashes',
      ],
    ],
  },
  { said: 'before anything is proposed', packet: unopened, blocks: ['asked', 'requester'] },
  {
    said: 'a step before anything is proposed',
    packet: { ...unopened, gate: 'deploy', plan: plan('deploy') },
    blocks: ['The plan', 'asked', 'requester'],
  },
  {
    said: 'an agent is asked elsewhere',
    packet: { ...unopened, status: 'waiting', level: 'AGENT', waitingOn: 'w/AGENT' },
    blocks: ['asked', 'requester'],
  },
  {
    said: 'it ended before anything was proposed',
    packet: { ...unopened, status: 'closed', outcome: 'failed', reason: 'INVALID_INPUT' },
    blocks: ['Reason', 'requester'],
  },
  {
    said: 'a plan’s own workflow asks nobody itself',
    packet: {
      ...unopened,
      root: { workflowId: 'w', firstRunId: 'r' },
      status: 'waiting',
      gate: 'deploy',
      plan: plan('deploy'),
      waitingOn: 'w/deploy',
    },
    blocks: ['The plan', 'decide on', 'requester'],
  },
];

it.each(OUTLINES)('$said', ({ packet, reader, blocks }) => {
  const [heading, ...rest] = gateView(packet, reader);
  expect(heading?.kind).toBe('heading');
  expect(rest.map(named)).toEqual(blocks);
});

describe('beside its sentence, what a form or a page needs', () => {
  const at = (more: Partial<Packet> = {}) => gateView({ ...base, ...more });

  it('the heading: whether decisions are taken, and of what', () => {
    expect(blockOf(at(), 'heading')).toMatchObject({ of: 'gate', revision: 1, open: true, state: ['open'] });
    const ended = { ...base, status: 'closed', closedBy: 'TIMED_OUT' } as const;
    const { state = [], open: isOpen } = blockOf(gateView(ended), 'heading') ?? {};
    expect([plainText(state), isOpen]).toEqual(['closed: timed out', false]);
  });

  it('the deadline as an instant, and what silence means while it means something', () => {
    const under = (onSilence: 'approve' | 'expire' | 'escalate', more: Partial<Packet> = {}) =>
      blockOf(at({ policy: policy({}, { onSilence }), ...more }), 'deadline');
    expect(under('expire')).toMatchObject({
      at: { reading: 'instant', raw: base.deadline },
      silence: 'expire',
    });
    expect(under('approve')).toMatchObject({ silence: 'approve' });
    // Above the last level it expires; an objection is no silence; what nobody proposed is not consented to.
    expect(under('escalate')).toMatchObject({ silence: 'expire' });
    expect(under('approve', { rejections: [signature('bo')] })).toMatchObject({ silence: 'expire' });
    expect(under('approve', { failure })).toMatchObject({ silence: 'expire' });
    const levels = [{ ...MANAGER, name: 'HUMAN' }, MANAGER];
    const two = policy({}, { levels, onSilence: 'approve' });
    expect(under('approve', { policy: two, failure })).toMatchObject({ silence: 'escalate' });
    expect(under('expire', { status: 'closed' })).not.toHaveProperty('silence');
  });

  it('the phrase, the grade, and what each verdict needs', () => {
    expect(blockOf(at({ phrase: 'DELETE x' }), 'confirmation')).toMatchObject({
      phrase: { raw: 'DELETE x' },
    });
    expect(blockOf(at({ authentication: 'vouched' }), 'grade')).toMatchObject({ grade: 'vouched' });
    const needs = (more: Partial<Packet>) =>
      (blockOf(at(more), 'verdicts')?.offered ?? []).map((one) => [one.verdict.raw, ...one.needs].join(' '));
    expect(needs({ verdicts: ['approve', 'edit', 'respond', 'withdraw'] })).toEqual([
      ...['approve', 'edit args', 'respond answer', 'withdraw'],
    ]);
    expect(needs({ verdicts: ['approve', 'edit', 'reject', 'delegate', 'extend'], phrase: 'X' })).toEqual([
      ...['approve phrase', 'edit phrase args', 'reject comment', 'delegate to', 'extend until'],
    ]);
  });

  it('people by name: also a delegate is missing, and nobody who has decided, nor anybody', () => {
    const missing = (more: Partial<Packet>) =>
      gateView({ ...base, ...more })
        .filter((block) => block.kind === 'people')
        .find(({ label }) => label === 'missing')
        ?.people.map(({ raw }) => raw);
    const delegations = [{ from: 'cy', to: 'dan', decision: 'd', at: AT }];
    expect(missing({ signatures: [signature('ana')], delegations })).toEqual(['bo', 'cy', 'dan']);
    expect(missing({ policy: policy({ approvers: { people: ['*', 'ana'], roles: ['qa'] } }) })).toEqual([
      'ana',
    ]);
  });

  it('the hashes, and the deployment that a signature counts in', () => {
    expect(blockOf(at({ deployment: 'prod' }), 'hashes')).toMatchObject({
      digest: { raw: base.digest },
      revision: 1,
      shown: { raw: base.shown },
      deployment: { raw: 'prod' },
    });
  });
});

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
  failure: { failure },
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
