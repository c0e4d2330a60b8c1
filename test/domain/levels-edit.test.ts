/** An edit or a revision above closes the level with the new question, and its owner asks whom the new policy asks. */
import { repropose, type WaitingGate } from '../../src/domain/gate';
import { resume, resumeEdited } from '../../src/domain/gate/levels';
import { type Policy } from '../../src/domain/policy';
import {
  approve,
  askedAbove,
  assessed,
  delegate,
  edit,
  endOf,
  HOUR,
  ladder,
  LATER,
  policy,
  revise,
  through,
  waitingAbove,
  type Said,
  proposal,
  comment,
} from './given';

describe('an edit above closes the level, and its owner asks whom the new policy asks', () => {
  const above = (under: Policy, said: Said = edit('mia', 7, { id: 'e' })) => {
    const waiting = waitingAbove(under);
    const gate = askedAbove(waiting, [said]);
    return { waiting, gate, end: endOf(gate) };
  };
  const found = (under: Policy) => ({ policy: under, assessment: assessed({ order: 'A-4711', amount: 7 }) });
  const resumed = (under: Policy, next: Policy, said?: Said) => {
    const { waiting, end } = above(under, said);
    return resumeEdited(waiting, end, found(next), LATER);
  };
  const two = ladder({}, {}, { quorum: 2 });

  it('the level itself closes revised, with the signature of its editor', () => {
    const { gate, end } = above(two);
    expect(gate).toMatchObject({
      status: 'closed',
      outcome: 'revised',
      reason: 'mia edited it',
      revision: 1,
    });
    expect(end.edited).toMatchObject({ reviewer: 'mia', decision: 'e' });
  });

  it('the same policy, met by the editor: approved', () => {
    expect(resumed(ladder(), ladder())).toMatchObject({
      status: 'approved',
      rung: 1,
      revision: 2,
      proposal: { args: { amount: 7 } },
      signatures: [{ reviewer: 'mia', revision: 2 }],
    });
  });

  it('the same policy, one signature short: the level is asked again, with that signature', () => {
    const gate = resumed(two, two) as WaitingGate;
    expect(gate).toMatchObject({ status: 'waiting', rung: 1, revision: 2, before: [] });
    const again = resume(gate, endOf(askedAbove(gate, [approve('max', { id: 'm' })])), LATER);
    expect(again).toMatchObject({
      status: 'approved',
      signatures: [{ reviewer: 'mia' }, { reviewer: 'max' }],
    });
  });

  it('a policy without that level: its first level is asked here, and the editor has not signed for it', () => {
    expect(resumed(ladder(), policy())).toMatchObject({
      status: 'open',
      rung: 0,
      level: { name: 'HUMAN' },
      deadline: LATER + 4 * HOUR,
      signatures: [],
    });
  });

  it('a policy without that level, whose first level has the editor: the signature counts there', () => {
    const people = { approvers: { people: ['mia', 'bo'] } };
    expect(resumed(ladder(), policy({ ...people, quorum: 2 }))).toMatchObject({
      status: 'open',
      signatures: [{ reviewer: 'mia' }],
    });
    expect(resumed(ladder(), policy(people))).toMatchObject({ status: 'approved', rung: 0 });
  });

  it('a delegate there is none at another level: no signature, and the delegation is gone', () => {
    const waiting = waitingAbove(ladder());
    const gate = askedAbove(waiting, [delegate('mia', 'dan', { id: 'd' }), edit('dan', 7, { id: 'e' })]);
    expect(resumeEdited(waiting, endOf(gate), found(policy()), LATER)).toMatchObject({
      status: 'open',
      signatures: [],
      delegations: [],
    });
  });

  it('a delegation goes on at the level that it was made at, and at no other that asks the same person', () => {
    const both = ladder({}, { approvers: { people: ['mia', 'bo'] } }, { quorum: 2 });
    const waiting = waitingAbove(both);
    const gate = askedAbove(waiting, [delegate('mia', 'dan', { id: 'd' }), edit('dan', 7, { id: 'e' })]);
    const first = { ...policy({ approvers: { people: ['mia', 'bo'] }, quorum: 2 }) };
    expect(resumeEdited(waiting, endOf(gate), found(both), LATER)).toMatchObject({
      status: 'waiting',
      signatures: [{ reviewer: 'dan' }],
      delegations: [{ from: 'mia', to: 'dan' }],
    });
    expect(resumeEdited(waiting, endOf(gate), found(first), LATER)).toMatchObject({
      status: 'open',
      signatures: [],
      delegations: [],
    });
  });

  it('a policy whose first level it is now: it is asked here, with all of its time', () => {
    const alone = { ...two, levels: two.levels.slice(1) };
    const gate = resumed(two, alone);
    expect(gate).toMatchObject({
      status: 'open',
      rung: 0,
      level: { name: 'MANAGER' },
      deadline: LATER + 2 * HOUR,
    });
    expect(gate).not.toHaveProperty('waitingOn');
    expect(gate).toMatchObject({ signatures: [{ reviewer: 'mia' }] });
  });

  const verify = ladder({ confirmation: 'VERIFY' }, {}, { quorum: 2 });
  it('VERIFY, whose phrase changes with the digest: the editor types the new one', () => {
    const { phrase } = waitingAbove(verify);
    const gate = resumed(verify, verify, edit('mia', 7, { id: 'e', phrase: phrase! }));
    expect(gate).toMatchObject({ status: 'waiting', revision: 2, signatures: [] });
    expect(gate.phrase).toBe(`REFUND ${gate.digest.slice(0, 8)}`);
  });

  it('VERIFY, whose phrase stays: the signature counts', () => {
    const fixed = { ...verify, phrase: 'REFUND it' };
    expect(resumed(fixed, fixed, edit('mia', 7, { id: 'e', phrase: 'REFUND it' }))).toMatchObject({
      status: 'waiting',
      signatures: [{ reviewer: 'mia' }],
    });
  });

  it('VERIFY: what else was said there does not stand in for what the editor typed', () => {
    const fixed = { ...verify, phrase: 'REFUND it' };
    const waiting = waitingAbove(fixed);
    const end = endOf(
      askedAbove(waiting, [comment('mia'), edit('mia', 7, { id: 'e', phrase: 'REFUND it' })]),
    );
    expect(resumeEdited(waiting, end, found(fixed), LATER)).toMatchObject({
      signatures: [{ reviewer: 'mia' }],
    });
  });

  it('INFO: nobody is asked any more, and it is approved by notice', () => {
    const info = { ...ladder({}, {}, { quorum: 2 }), confirmation: 'INFO' as const };
    expect(resumed(ladder({}, {}, { quorum: 2 }), info)).toMatchObject({
      status: 'approved',
      basis: 'notice',
    });
  });

  it('an end that was not edited, or whose edit is not among its decisions, is resumed without it', () => {
    const { waiting, end } = above(two);
    const { edited: _, ...plain } = end;
    expect(resumeEdited(waiting, plain, found(two), LATER)).toMatchObject({
      status: 'proposing',
      revision: 1,
    });
    expect(resumeEdited(waiting, { ...end, decisions: [] }, found(two), LATER)).toMatchObject({
      status: 'proposing',
      revision: 1,
    });
  });

  it('what was sent back from above is proposed again to the same level', () => {
    const sent = through(waitingAbove(), [revise('mia')]);
    if (sent.status !== 'proposing') throw new Error(sent.status);
    const made = { ...proposal({ order: 'A-4711', amount: 9 }), title: 'Less' };
    const again = (under: Policy) =>
      repropose(sent, { proposal: made, policy: under, assessment: assessed(made.args), by: 'AGENT' }, LATER);
    expect(again(ladder())).toMatchObject({ status: 'waiting', rung: 1, waitingOn: 'refund-4711/MANAGER' });
    expect(again(policy())).toMatchObject({ status: 'open', rung: 0, deadline: LATER + 4 * HOUR });
    expect(again({ ...ladder(), confirmation: 'INFO' })).toMatchObject({
      status: 'approved',
      basis: 'notice',
    });
  });
});
