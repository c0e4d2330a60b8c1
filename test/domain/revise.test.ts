/** Sending back, answering in place of the action, and what people may say where an agent had nothing to propose. */
import { admit } from '../../src/domain/gate/admit';
import { offeredVerdicts } from '../../src/domain/gate/offered';
import { canonical, digestOf } from '../../src/domain/digest';
import {
  cancel as callOff,
  expire,
  openGate,
  repropose,
  sentBack,
  type Gate,
  type ProposingGate,
} from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import { transitions } from '../../src/domain/transitions';
import { unproposed } from '../../src/domain/gate/no-proposal';
import {
  approve,
  ARGS,
  assessed,
  at,
  cancel,
  comment,
  DEADLINE,
  edit,
  HOUR,
  open,
  OPENED,
  play,
  policy,
  proposal,
  reject,
  ROOT,
  says,
  type Said,
  revise,
  PLACE,
} from './given';

const respond = (who: string, answer: unknown = 'it ships on Monday') =>
  says(who, 'respond', { answer: answer as string });
const FAILURE = { code: 'AGENT_FAILED', message: 'no idea' };

function after(saids: readonly Said[], gate = open()): Gate {
  return play(gate, saids).gate;
}

/** The agent's answer to what was sent back, an hour later. */
function again(gate: Gate, amount = 25, now = OPENED + HOUR): Gate {
  if (gate.status !== 'proposing') throw new Error(`it is ${gate.status}`);
  const made = { ...proposal({ ...ARGS, amount }), title: 'Refund a part' };
  return repropose(
    gate,
    { proposal: made, policy: gate.policy, assessment: assessed(made.args), by: 'AGENT (rules)' },
    now,
  );
}

function withoutProposal(under = policy()): Gate {
  return openGate(
    {
      root: ROOT,
      ...PLACE,
      gate: 'main',
      requester: 'req',
      ...unproposed('refund it', FAILURE, under, 'AGENT (rules)'),
    },
    OPENED,
  );
}

describe('revise', () => {
  it('sends it back: nobody is asked until the agent has proposed again', () => {
    const gate = after([revise('ana')]);
    expect(gate.status).toBe('proposing');
    expect(packetOf(gate)).toMatchObject({
      status: 'proposing',
      revision: 1,
      verdicts: ['comment', 'cancel'],
    });
  });

  it('the next revision is a new question: digest, args, claim, author and whole time to answer', () => {
    const gate = again(after([approve('ana'), revise('bo')], open(policy({ quorum: 2 }))));
    expect(gate).toMatchObject({
      status: 'open',
      revision: 2,
      signatures: [],
      rejections: [],
      by: 'AGENT (rules)',
      deadline: OPENED + 5 * HOUR,
      proposal: { title: 'Refund a part', args: { amount: 25 } },
    });
    expect(gate.digest).not.toBe(open().digest);
    expect(packetOf(gate).diff).toContainEqual({ op: 'replace', path: '/args/amount', value: 25 });
  });

  it('an approval of the revision that was sent back is stale', () => {
    const before = open();
    const gate = again(after([revise('bo')], before));
    expect(play(gate, [approve('ana', { id: 'x', digest: before.digest })]).answers).toEqual([
      'STALE_REVISION',
    ]);
  });

  it('the same proposal again is another question all the same', () => {
    const before = open();
    const gate = again(after([revise('bo')], before), ARGS.amount);
    expect(canonical(gate.proposal.args)).toBe(canonical(before.proposal.args));
    expect(gate.digest).not.toBe(before.digest);
  });

  it('needs a comment, an approver, and not the requester', () => {
    expect(play(open(), [says('ana', 'revise'), revise('eve'), revise('req')]).answers).toEqual([
      'COMMENT_REQUIRED',
      'NOT_AN_APPROVER',
      'REQUESTER_CANNOT_DECIDE',
    ]);
  });

  it('while the agent is at work nothing is signed, and the requester may still call it off', () => {
    const { answers, sentences, gate } = play(after([revise('ana')]), [
      at(OPENED, approve('bo', { id: 'a' })),
      at(OPENED, edit('bo', 5, { id: 'b' })),
      at(OPENED, reject('bo', { id: 'c' })),
      at(OPENED, comment('bo', { id: 'd' })),
      at(OPENED, cancel('req', { id: 'e' })),
    ]);
    expect(answers).toEqual(['BEING_REVISED', 'BEING_REVISED', 'BEING_REVISED', 'admitted', 'admitted']);
    expect(sentences[0]).toBe(
      'it was sent back: the agent is at work on revision 2; read that one and decide then',
    );
    expect(gate).toMatchObject({ status: 'closed', outcome: 'cancelled' });
  });

  it('is bounded by maxRevisions, three where the policy does not say', () => {
    const send = (gate: Gate, nth: number) =>
      again(after([says('ana', 'revise', { comment: 'x', id: `r${nth}` })], gate), nth);
    const thrice = [1, 2, 3].reduce(send, open());
    expect(offeredVerdicts(thrice)).not.toContain('revise');
    expect(play(thrice, [revise('bo')]).answers).toEqual(['REVISIONS_EXHAUSTED']);
    expect(play(open(policy({}, { maxRevisions: 0 })), [revise('bo')]).sentences).toEqual([
      'it was sent back 0 times, as often as the policy allows; approve, edit or reject it',
    ]);
    expect(send(open(policy({}, { maxRevisions: 1 })), 1).status).toBe('open');
  });

  it('the agent is told each revision that came back, with what was said, oldest first', () => {
    const once = again(after([revise('ana', 'less')]), 30);
    const twice = after([says('bo', 'revise', { comment: 'still less', id: 'again' })], once);
    expect(sentBack(twice)).toEqual([
      { proposal: open().proposal, comment: 'less' },
      { proposal: once.proposal, comment: 'still less' },
    ]);
  });

  it('an edit after it changes the args alone, and its editor is the author', () => {
    const gate = after(
      [edit('ana', 7, { id: 'e' })],
      again(after([revise('bo')], open(policy({ quorum: 2 })))),
    );
    expect(gate).toMatchObject({
      revision: 3,
      by: 'ana',
      proposal: { title: 'Refund a part', args: { amount: 7 } },
    });
  });

  it('where none may be sent back any more, everything else is as it was', () => {
    const once = open(policy({}, { maxRevisions: 0 }));
    expect(play(once, [comment('ana'), revise('ana'), approve('ana')]).answers).toEqual([
      'admitted',
      'REVISIONS_EXHAUSTED',
      'admitted',
    ]);
  });

  it('the agent is told what was sent back, and nothing else that was said', () => {
    const gate = after(
      [comment('bo'), edit('bo', 30), comment('cy'), revise('ana', 'less')],
      open(policy({ quorum: 2 })),
    );
    expect(sentBack(gate)).toStrictEqual([
      { proposal: { ...proposal({ ...ARGS, amount: 30 }) }, comment: 'less' },
    ]);
  });

  it('of a revision that is too long ago to be kept the agent is told the comment alone', () => {
    const twice = policy({ quorum: 2 });
    let gate = again(after([revise('ana', 'long ago')], open(twice)));
    for (let nth = 0; nth < 60; nth += 1) gate = after([edit('bo', nth, { id: `e${nth}` })], gate);
    expect(sentBack(gate)).toStrictEqual([{ comment: 'long ago' }]);
  });

  it('its digest is that of the whole question, at its own revision', () => {
    const first = after([edit('ana', 7)], open(policy({ quorum: 2 })));
    const question = { ...ROOT, gate: 'main', action: 'refund' };
    expect(first.digest).toBe(digestOf({ ...question, revision: 2, args: { ...ARGS, amount: 7 } }));
    const second = again(after([revise('bo', 'x', { id: 'r' })], first), 9);
    expect(second.digest).toBe(digestOf({ ...question, revision: 3, args: { ...ARGS, amount: 9 } }));
    expect(second.revisions.map((one) => [one.revision, one.digest, one.proposal?.args['amount']])).toEqual([
      [1, open().digest, 40],
      [2, first.digest, 7],
      [3, second.digest, undefined],
    ]);
  });

  it('is no deadline: what was sent back does not expire while the agent is at work', () => {
    const gate = after([revise('ana')]);
    expect(expire(gate, DEADLINE + HOUR)).toBe(gate);
    expect(callOff(gate, 'cancelled')).toMatchObject({ status: 'closed', outcome: 'cancelled' });
  });

  it('goes on record with who made the revision', () => {
    const before = after([revise('ana')]) as ProposingGate;
    expect(transitions(before, again(before))).toMatchObject([
      { type: 'revised', revision: 2, by: 'AGENT (rules)' },
    ]);
  });
});

describe('respond', () => {
  it.each([
    ['words', 'it ships on Monday'],
    ['an object', { order: 1 }],
    ['false', false],
    ['null', null],
  ])('ends it with the answer in place of the action: %s', (_, answer) => {
    const gate = after([respond('ana', answer)]);
    expect(gate).toMatchObject({
      status: 'closed',
      outcome: 'answered',
      answer,
      reason: 'ana answered in its place',
    });
  });

  it('needs an answer, and takes no args; nothing else takes an answer', () => {
    expect(
      play(open(), [
        says('ana', 'respond'),
        says('ana', 'respond', { answer: 1, args: {} }),
        reject('ana', { answer: 1 }),
      ]).answers,
    ).toEqual(['ANSWER_REQUIRED', 'UNEXPECTED_FIELD', 'UNEXPECTED_FIELD']);
  });

  it('is not the requester’s', () => {
    expect(play(open(), [respond('req')]).answers).toEqual(['REQUESTER_CANNOT_DECIDE']);
  });
});

describe('where the agent had nothing to propose', () => {
  it('says why, offers no approval, and asks about the task', () => {
    const packet = packetOf(withoutProposal());
    expect(packet).toMatchObject({
      status: 'open',
      failure: FAILURE,
      verdicts: ['reject', 'revise', 'respond', 'comment', 'cancel'],
      proposal: { action: 'confirm', args: { details: { task: 'refund it', ...FAILURE } } },
    });
  });

  it('approve and edit are refused, and what may be said is named', () => {
    const { answers, sentences } = play(withoutProposal(), [approve('ana'), edit('ana')]);
    expect(answers).toEqual(['NOTHING_PROPOSED', 'NOTHING_PROPOSED']);
    expect(sentences[0]).toBe(
      'there is nothing to approve: the agent had no proposal; you may reject, revise, respond, comment, cancel',
    );
  });

  it.each([
    ['respond', respond('ana'), 'answered'],
    ['reject', reject('ana'), 'rejected'],
    ['cancel by the requester', cancel('req'), 'cancelled'],
  ])('%s ends it', (_, said, outcome) => {
    expect(after([said], withoutProposal())).toMatchObject({ status: 'closed', outcome });
  });

  it('revise brings a proposal that can be approved; the failure is gone', () => {
    const gate = again(after([revise('ana', 'the order is A-1')], withoutProposal()));
    expect('failure' in gate).toBe(false);
    expect(offeredVerdicts(gate)).toContain('approve');
    expect(sentBack(gate)).toEqual([{ comment: 'the order is A-1' }]);
    expect(after([approve('bo', { id: 'yes' })], gate).status).toBe('approved');
  });

  it('an agent that fails on what was sent back leaves nothing to approve either', () => {
    const before = after([revise('ana')]) as ProposingGate;
    const gate = repropose(before, unproposed('t', FAILURE, before.policy, 'AGENT'), OPENED + HOUR);
    expect(
      admit(gate, { v: 1, id: 'a', digest: gate.digest, verdict: 'approve', reviewer: 'bo' }, OPENED)?.code,
    ).toBe('NOTHING_PROPOSED');
  });

  it('a policy that offers approve alone still lets people reject it', () => {
    expect(offeredVerdicts(withoutProposal(policy({}, { verdicts: ['approve'] })))).toEqual([
      'reject',
      'comment',
      'cancel',
    ]);
  });

  it('the question is effect-free, and says what may be done', () => {
    expect(unproposed('refund it 😀', FAILURE, policy(), 'AGENT')).toStrictEqual({
      proposal: {
        action: 'confirm',
        args: { question: 'What is to become of this task?', details: { task: 'refund it 😀', ...FAILURE } },
        title: 'The agent had nothing to propose',
        rationale: 'Answer in its place, send it back with what the agent should know, or reject it.',
        confidence: 0,
        sensitive: false,
      },
      policy: policy(),
      assessment: {
        args: { question: 'What is to become of this task?', details: { task: 'refund it 😀', ...FAILURE } },
        risk: 'medium',
        runs: { in: 'nowhere' },
      },
      by: 'AGENT',
      failure: FAILURE,
    });
  });

  it('a long task is cut in the question, and says so', () => {
    const { args } = unproposed('x'.repeat(30_000), FAILURE, policy(), 'AGENT').proposal;
    const { task } = args['details'] as { task: string };
    expect(task).toHaveLength(20_000 + ' … (10000 more characters)'.length);
    expect(task).toMatch(/ … \(10000 more characters\)$/);
  });
});
