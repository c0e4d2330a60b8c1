/** One view of a gate for every medium: each block where it means something and nowhere else, and in it what a form or a page needs. */
import { packetOf, type Packet } from '../../src/domain/packet';
import { blockOf, isFact, type Block } from '../../src/domain/packet/blocks';
import { plainText } from '../../src/domain/packet/sentence';
import { gateView, type PacketInView, type Reader } from '../../src/domain/packet/view';
import type { PlanView } from '../../src/domain/plan-view';
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
      ...['approve phrase', 'edit args phrase', 'reject comment', 'delegate to', 'extend until'],
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
