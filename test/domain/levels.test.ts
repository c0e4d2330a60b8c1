/** The ladder: what passes a question up, what is said while a level is asked, and that nobody counts at two of them. */
import { unproposed } from '../../src/domain/gate/no-proposal';
import { admit } from '../../src/domain/gate/admit';
import {
  startExecuting,
  cancel as callOff,
  decide,
  escalate,
  expire,
  revertToApproved,
  openGate,
  repropose,
  type Gate,
  type OpenGate,
  type WaitingGate,
} from '../../src/domain/gate';
import { openLevel } from '../../src/domain/gate/levels';
import { packetOf } from '../../src/domain/packet';
import { type Policy } from '../../src/domain/policy';
import { transitions } from '../../src/domain/transitions';
import {
  approve,
  assessed,
  at,
  cancel,
  comment,
  DEADLINE,
  delegate,
  edit,
  escalateTo,
  HOUR,
  ladder,
  LATER,
  leaves,
  open,
  OPENED,
  play,
  policy,
  proposal,
  reject,
  revise,
  ROOT,
  through,
  waitingAbove,
  type Said,
  PLACE,
} from './given';

const SILENT = 'HUMAN did not decide by 2026-03-02T13:00:00.000Z: 0 of 1 signatures';

describe('what passes it up', () => {
  const up = { from: 'HUMAN', to: 'MANAGER', at: '2026-03-02T13:00:00.000Z' };

  it('a verdict, with who and why', () => {
    const { gate } = play(open(ladder()), [escalateTo('ana')]);
    expect(gate).toMatchObject({
      status: 'waiting',
      rung: 1,
      level: { name: 'MANAGER' },
      waitingOn: 'refund-4711/MANAGER',
      escalations: [{ ...up, reason: 'ana passed it up: above my pay', at: '2026-03-02T09:00:01.000Z' }],
    });
  });

  const silence = (policyMeans?: Policy['onSilence'], levelMeans?: Policy['onSilence']) =>
    ladder(
      policyMeans === undefined ? {} : { onSilence: policyMeans },
      levelMeans === undefined ? {} : { onSilence: levelMeans },
    );
  it.each<[string, Policy, Partial<Gate>]>([
    [
      'where nobody says otherwise: the next level',
      silence(),
      { status: 'waiting', escalations: [{ ...up, reason: SILENT }] },
    ],
    [
      'the policy says escalate',
      silence('escalate'),
      { status: 'waiting', escalations: [{ ...up, reason: SILENT }] },
    ],
    [
      'the level says escalate, the policy expire',
      silence('expire', 'escalate'),
      { status: 'waiting', rung: 1 },
    ],
    ['the policy says expire', silence('expire'), { status: 'closed', outcome: 'expired', reason: SILENT }],
    [
      'the level says expire, the policy approve',
      silence('approve', 'expire'),
      { status: 'closed', outcome: 'expired' },
    ],
    ['the policy says approve, in words', silence('approve'), { status: 'approved', basis: 'silence' }],
    [
      'the level says approve, in words',
      silence('escalate', 'approve'),
      { status: 'approved', basis: 'silence' },
    ],
  ])('silence: %s', (_, under, left) => {
    expect(expire(open(under), DEADLINE)).toMatchObject(left);
    expect(expire(open(under), DEADLINE - 1)).toEqual(open(under));
  });

  it('silence at the last level expires, and says how many had signed', () => {
    const { gate } = play(open(policy({ quorum: 2 })), [approve('ana')]);
    expect(expire(gate, DEADLINE)).toMatchObject({
      status: 'closed',
      outcome: 'expired',
      reason: 'HUMAN did not decide by 2026-03-02T13:00:00.000Z: 1 of 2 signatures',
    });
  });

  it('of groups it tells how many signatures all of them need', () => {
    const groups = [
      { role: 'security', quorum: 2 },
      { role: 'qa', quorum: 1 },
    ];
    expect(expire(open(policy({ groups })), DEADLINE)).toMatchObject({
      reason: 'HUMAN did not decide by 2026-03-02T13:00:00.000Z: 0 of 3 signatures',
    });
  });

  it('silence never approves what an agent could not propose', () => {
    const failure = { code: 'AGENT_FAILED', message: 'no idea' };
    const under = policy({}, { onSilence: 'approve' });
    const gate = openGate(
      { root: ROOT, ...PLACE, gate: 'main', requester: 'req', ...unproposed('t', failure, under, 'AGENT') },
      OPENED,
    );
    expect(expire(gate, DEADLINE)).toMatchObject({ status: 'closed', outcome: 'expired' });
  });

  it('whoever signed or rejected below has spoken, and starts with nothing above', () => {
    const under = ladder({}, { quorum: 3, rejections: 3 });
    const { gate } = play(open(under), [
      approve('ana'),
      reject('bo'),
      delegate('cy', 'dan'),
      escalateTo('cy'),
    ]);
    expect(gate).toMatchObject({ signatures: [], rejections: [], delegations: [], before: ['ana', 'bo'] });
  });

  it('goes on record', () => {
    const before = open(ladder());
    expect(transitions(before, expire(before, DEADLINE))).toEqual([
      { type: 'escalated', gate: 'main', revision: 1, from: 'HUMAN', to: 'MANAGER', reason: SILENT },
    ]);
  });
});

describe('while a level is asked', () => {
  it('decisions on its owner are refused, and told where to go', () => {
    const { answers, sentences, gate } = play(waitingAbove(), [
      approve('mia'),
      reject('mia'),
      comment('ana'),
      cancel('req'),
    ]);
    expect(answers).toEqual(['ASK_CHILD', 'ASK_CHILD', 'ASK_CHILD', 'ASK_CHILD']);
    expect(new Set(sentences)).toEqual(
      new Set(['the level MANAGER is asked; decide on the workflow refund-4711/MANAGER']),
    );
    expect(leaves(gate)).toEqual(leaves(waitingAbove()));
  });

  it('the owner shows whom it waits on, and no deadline of its own', () => {
    const packet = packetOf(waitingAbove());
    expect(packet).toMatchObject({
      status: 'waiting',
      level: 'MANAGER',
      waitingOn: 'refund-4711/MANAGER',
      verdicts: [],
      escalations: [{ from: 'HUMAN', to: 'MANAGER', reason: SILENT }],
    });
    expect(packet).not.toHaveProperty('deadline');
  });

  it("the level's gate is the same question: one digest in root and child, with that level's whole time", () => {
    const waiting = waitingAbove();
    const gate = openLevel(waiting, LATER);
    expect(gate).toMatchObject({
      status: 'open',
      place: 'level',
      root: ROOT,
      digest: open(ladder()).digest,
      level: { name: 'MANAGER' },
      deadline: LATER + 2 * HOUR,
      firstDeadline: LATER + 2 * HOUR,
      decisions: [],
      answered: [],
      refusals: 0,
    });
    expect(packetOf(gate)).toMatchObject({
      workflowId: 'refund-4711/MANAGER',
      root: ROOT,
      deadline: new Date(LATER + 2 * HOUR).toISOString(),
      level: 'MANAGER',
    });
    expect(gate).not.toHaveProperty('waitingOn');
  });

  it('may be called off from outside', () => {
    expect(callOff(waitingAbove(), 'workflow cancelled')).toMatchObject({
      status: 'closed',
      outcome: 'cancelled',
      reason: 'workflow cancelled',
    });
  });
});

describe('one person counts once, across levels', () => {
  const both = (rest: Partial<Parameters<typeof ladder>[0]> = {}) =>
    ladder(rest, { quorum: 2 }, { approvers: { people: ['ana', 'mia'] } });
  const answers = (under: Policy, saids: readonly Said[]) =>
    play(
      openLevel(waitingAbove(under, [approve('ana', { id: 'below' })]), DEADLINE),
      saids.map((one) => at(LATER, one)),
    );

  it('whoever signed below neither approves, edits nor rejects above, and may say why', () => {
    const { answers: codes, sentences } = answers(both(), [
      approve('ana'),
      edit('ana'),
      reject('ana'),
      comment('ana'),
    ]);
    expect(codes).toEqual([...Array.from({ length: 3 }, () => 'SIGNED_AT_ANOTHER_LEVEL'), 'admitted']);
    expect(sentences[0]).toBe(
      'ana has signed at an earlier level already; one person counts once, across levels',
    );
  });

  it('nor has somebody sign on her behalf', () => {
    expect(answers(both(), [delegate('ana', 'zed'), approve('zed')]).answers).toEqual([
      'SIGNED_AT_ANOTHER_LEVEL',
      'NOT_AN_APPROVER',
    ]);
  });

  it('where the policy gives that up in words, she may', () => {
    const lax = both({ separation: { acrossLevels: false } });
    expect(answers(lax, [approve('ana')]).answers).toEqual(['admitted']);
  });

  it('a new revision is a new question: who signed the old one may sign the new one', () => {
    const waiting = waitingAbove(both(), [approve('ana', { id: 'below' })]);
    const sent = through(waiting, [revise('mia')]);
    if (sent.status !== 'proposing') throw new Error(sent.status);
    const made = { proposal: proposal(), policy: both(), assessment: assessed({ amount: 1 }), by: 'AGENT' };
    const again = repropose(sent, made, LATER) as WaitingGate;
    expect(play(openLevel(again, LATER), [at(LATER, approve('ana', { id: 'x' }))]).answers).toEqual([
      'admitted',
    ]);
  });
});

describe('what has begun', () => {
  it('an execution that is held up is approved again, and may be called off', () => {
    const { gate } = play(open(), [approve('ana')]);
    if (gate.status !== 'approved') throw new Error(gate.status);
    expect(revertToApproved(startExecuting(gate))).toEqual(gate);
    expect(transitions(startExecuting(gate), revertToApproved(startExecuting(gate)))).toEqual([]);
    expect(callOff(revertToApproved(startExecuting(gate)), 'off')).toMatchObject({ outcome: 'cancelled' });
  });

  it('passing up from outside a level says why, and what is left where there is nothing above', () => {
    expect(escalate(open() as OpenGate, 'why', LATER)).toMatchObject({ outcome: 'expired', reason: 'why' });
    expect(escalate(open() as OpenGate, 'why', LATER, 'failed')).toMatchObject({ outcome: 'failed' });
  });

  it('a decision that the level took is a repeat there, and unknown to its owner', () => {
    const waiting = waitingAbove();
    const { decision } = comment('mia', { id: 'c' })(openLevel(waiting, DEADLINE), 1);
    const level = decide(openLevel(waiting, DEADLINE), decision, LATER);
    expect(admit(level, decision, LATER)).toBeUndefined();
    expect(decide(level, decision, LATER)).toBe(level);
    expect(admit(waiting, decision, LATER)?.code).toBe('ASK_CHILD');
  });
});
