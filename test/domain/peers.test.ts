/** Faults that others shipped, each by its name, and what is done here instead, as far as it can be told without a server. */
import { admit } from '../../src/domain/gate/admit';
import { evidenceOf } from '../../src/domain/gate/evidence';
import { shortfall } from './judged';
import { transitions } from '../../src/domain/transitions';
import { parseDecision, type Decision } from '../../src/domain/gate/decision';
import { digestOf, effectKey } from '../../src/domain/digest';
import {
  startExecuting,
  decide,
  expire,
  openGate,
  receiptFor,
  refuse,
  repropose,
  closeAfterApproval,
  type ApprovedGate,
  type Gate,
  type WaitingGate,
} from '../../src/domain/gate';
import { openLevel } from '../../src/domain/gate/levels';
import { packetOf } from '../../src/domain/packet';
import { refusal } from '../../src/domain/gate/refusals';
import {
  approve,
  ARGS,
  assessed,
  at,
  cancel,
  comment,
  DEADLINE,
  DIRECTORY,
  delegate,
  edit,
  escalateTo,
  extend,
  HOUR,
  open,
  OPENED,
  openAmong,
  PLACE,
  play,
  policy,
  proposal,
  reject,
  respond,
  revise,
  ROOT,
  signedBy,
  waitingAbove,
  withdraw,
  type Said,
} from './given';

const two = policy({ quorum: 2 });
const after = (saids: readonly Said[], gate = open()): Gate => play(gate, saids).gate;
const approved = () => after([approve('ana')]) as ApprovedGate;
const executed = ({ root, gate, digest, revision, proposal: { args } }: Gate) => ({
  root,
  gate,
  digest,
  revision,
  args,
});
const by = { reviewers: DIRECTORY, now: OPENED, verifies: () => true, normal: (args: typeof ARGS) => args };

it('Mastra 19633: an approval was applied to whatever was pending instead of the request it named', () => {
  const first = open(two).digest;
  const next = after([edit('bo', 4_000)], open(two));
  const { answers, gate } = play(next, [approve('ana', { id: 'x', digest: first })]);
  expect({ answers, signed: gate.signatures.map(({ reviewer }) => reviewer) }).toEqual({
    answers: ['STALE_REVISION'],
    signed: ['bo'],
  });
});

it('extra 139: the value approved was not the value executed after a replay re-ran the model', () => {
  const gate = approved();
  const { workflowId, firstRunId } = ROOT;
  const question = { workflowId, firstRunId, gate: 'main', revision: 1, action: 'refund', args: ARGS };
  expect(gate.digest).toBe(digestOf(question));
  const rerun = { ...executed(gate), args: { ...ARGS, amount: 41 } };
  expect(digestOf({ ...question, args: rerun.args })).not.toBe(gate.digest);
  // What a model says anew is another revision, and nobody has signed it.
  const sent = after([approve('ana'), revise('bo')], open(two));
  if (sent.status !== 'proposing') throw new Error(sent.status);
  const again = { proposal: proposal(), policy: two, assessment: assessed(ARGS), by: 'AGENT' };
  expect(repropose(sent, again, OPENED)).toMatchObject({ status: 'open', revision: 2, signatures: [] });
});

it('Mastra 20487: a declined tool executed', () => {
  const gate = after([reject('ana')]);
  expect(gate).toMatchObject({ status: 'closed', outcome: 'rejected' });
  expect(play(gate, [approve('bo', { id: 'late' })]).answers).toEqual(['GATE_CLOSED']);
  expect(transitions(open(), gate).map(({ type }) => type)).toEqual(['closed']);
});

it('agent-framework 6851: an approved tool re-ran on a later turn', () => {
  const gate = approved();
  const done = closeAfterApproval(startExecuting(gate), 'executed');
  expect(effectKey(done.root, done.gate, done.digest)).toBe(effectKey(gate.root, gate.gate, gate.digest));
  const { decision } = approve('ana')(open(), 1);
  expect(decide(done, decision, DEADLINE)).toBe(done);
  expect(transitions(done, done).filter(({ type }) => type === 'approved')).toEqual([]);
});

it("langchain 40266: an edit to another tool bypassed that tool's policy", () => {
  const { decision } = edit('ana')(open(), 1);
  expect(parseDecision({ ...decision, action: 'drop_table' })).toEqual({
    ok: false,
    problem: 'action: unknown key',
    id: 'd1',
  });
  expect(after([edit('ana', 7)]).proposal.action).toBe('refund');
  // And an edit that asks more than its editor is asked for more.
  const stricter = policy({ approvers: { people: ['cy', 'bo'] }, quorum: 2 });
  const gate = decide(open(), decision, OPENED, { policy: stricter, assessment: assessed({ amount: 9 }) });
  expect(gate).toMatchObject({ status: 'open', signatures: [], policy: stricter });
});

it('isms 197: an approval survived a rewrite of the content', () => {
  expect(after([approve('ana'), edit('bo', 1)], open(two)).signatures).toMatchObject([
    { reviewer: 'bo', revision: 2 },
  ]);
  const evidence = { ...evidenceOf(approved()), basis: 'signatures' as const };
  const rewritten = after([edit('bo', 1)]);
  expect(shortfall(evidence, executed(rewritten), by)?.code).toBe('NOT_SIGNED');
});

it('mcp-hangar 673: a stored hash was compared with nothing', () => {
  const wrong = [...open().digest].reverse().join('');
  const said = [approve, reject, comment, cancel, revise, respond, withdraw, escalateTo].map((one, nth) =>
    one === cancel
      ? cancel('req', { digest: wrong, id: `w${nth}` })
      : with_(one('ana'), { digest: wrong, id: `w${nth}` }),
  );
  const others = [
    edit('ana', 1, { digest: wrong, id: 'e' }),
    delegate('ana', 'dan', { digest: wrong, id: 'g' }),
    extend('ana', DEADLINE + 1, { digest: wrong, id: 'x' }),
  ];
  expect(new Set(play(open(), [...said, ...others]).answers)).toEqual(new Set(['STALE_REVISION']));
});

function with_(said: Said, rest: Partial<Decision>): Said {
  return (gate, nth) => {
    const sent = said(gate, nth);
    return { ...sent, decision: { ...sent.decision, ...rest } };
  };
}

it('airflow 55054: an answer at the deadline failed the task', () => {
  const { answers, gate } = play(open(), [at(DEADLINE, approve('ana'))]);
  expect([answers, gate.status]).toEqual([['DEADLINE_PASSED'], 'open']);
  expect(expire(gate, DEADLINE)).toMatchObject({ status: 'closed', outcome: 'expired' });
  expect(play(open(), [at(DEADLINE - 1, approve('ana'))]).answers).toEqual(['admitted']);
});

it("airflow 55866: the deadline ran from the task's start, not the question's", () => {
  const sent = after([revise('ana')]);
  if (sent.status !== 'proposing') throw new Error(sent.status);
  const again = { proposal: proposal(), policy: policy(), assessment: assessed(ARGS), by: 'AGENT' };
  expect(repropose(sent, again, DEADLINE + 9 * HOUR)).toMatchObject({ deadline: DEADLINE + 13 * HOUR });
  expect(openLevel(waitingAbove(), DEADLINE + HOUR).deadline).toBe(DEADLINE + 3 * HOUR);
});

it("agent-os 1564: a timeout was logged as a human's rejection", () => {
  const gate = expire(open(), DEADLINE);
  expect(transitions(open(), gate)).toEqual([
    {
      type: 'closed',
      outcome: 'expired',
      reason: 'HUMAN did not decide by 2026-03-02T13:00:00.000Z: 0 of 1 signatures',
    },
  ]);
  expect(gate.rejections).toEqual([]);
});

it('ai-cookbook: the CLI printed "Sent" for a decision that was dropped', () => {
  expect(receiptFor(open(), 'never')).toMatchObject({ status: 'unknown' });
  const { gate } = play(open(), [approve('eve', { id: 'e' })]);
  expect(receiptFor(gate, 'e')).toMatchObject({ status: 'refused', code: 'NOT_AN_APPROVER' });
  const malformed = refuse(open(), { id: 'm' }, refusal('MALFORMED_DECISION', { problem: 'verdict' }));
  expect(receiptFor(malformed, 'm')).toMatchObject({ status: 'refused', code: 'MALFORMED_DECISION' });
});

it('Trigger.dev: the loser of a double decision was told it won', () => {
  const { gate } = play(open(), [approve('ana', { id: 'won' }), approve('bo', { id: 'lost' })]);
  expect([receiptFor(gate, 'won').status, receiptFor(gate, 'lost')]).toEqual([
    'admitted',
    {
      id: 'lost',
      status: 'refused',
      code: 'GATE_CLOSED',
      message: 'the gate takes no more decisions: it is approved',
      gate: 'main',
      revision: 1,
    },
  ]);
});

it('LangGraph, measured: two approvals at once executed the action twice', () => {
  const gate = after([approve('ana'), approve('bo')]);
  expect(gate.decisions).toHaveLength(1);
  const facts = [transitions(open(), gate), transitions(gate, gate)].flat();
  expect(facts.filter(({ type }) => type === 'approved')).toHaveLength(1);
});

it('curie 1939: a caller-supplied approver name went into the audit', () => {
  const gate = openAmong(policy({}, { authentication: 'signed' }));
  const forged = signedBy(approve('ana'), { secret: 'eve', key: 'eve-1' });
  expect(play(gate, [approve('ana'), forged])).toMatchObject({ answers: ['UNAUTHENTICATED', 'UNKNOWN_KEY'] });
  // Where names are believed, every signature says so.
  expect(approved().signatures).toMatchObject([{ reviewer: 'ana', authentication: 'open' }]);
});

it('windmill 10262: self-approval was barred on one endpoint only', () => {
  const said = [approve('req'), edit('req'), reject('req'), revise('req'), respond('req'), escalateTo('req')];
  const others = [
    delegate('req', 'ana'),
    withdraw('req'),
    extend('req', DEADLINE + HOUR),
    delegate('ana', 'req'),
  ];
  const under = policy();
  const gate = openAmong({ ...under, levels: [...under.levels, { ...under.levels[0]!, name: 'NEXT' }] });
  const { answers } = play(gate, [...said, ...others]);
  expect(answers).toEqual([
    ...Array.from({ length: 9 }, () => 'REQUESTER_CANNOT_DECIDE'),
    'DELEGATE_NOT_ALLOWED',
  ]);
  expect(play(gate, [with_(approve('req'), { reviewer: 'r.quest' })]).answers).toEqual([
    'REQUESTER_CANNOT_DECIDE',
  ]);
  expect(play(openLevel(waitingAbove(), DEADLINE), [at(DEADLINE, approve('req'))]).answers).toEqual([
    'REQUESTER_CANNOT_DECIDE',
  ]);
});

it('langchainjs 10176: one rejection in a batch discarded the rest', () => {
  const gates = ['a', 'b', 'c'].map((name) =>
    openGate(
      {
        root: ROOT,
        ...PLACE,
        gate: name,
        requester: 'req',
        proposal: proposal(),
        policy: policy(),
        assessment: assessed(ARGS),
        by: 'req',
      },
      OPENED,
    ),
  );
  const decided = gates.map((gate, nth) => after([nth === 1 ? reject('ana') : approve('ana')], gate).status);
  expect(decided).toEqual(['approved', 'closed', 'approved']);
});

it('langgraph 6626: parallel pauses had the same id', () => {
  const digest = (gate: string) =>
    openGate(
      {
        root: ROOT,
        ...PLACE,
        gate,
        requester: 'req',
        proposal: proposal(),
        policy: policy(),
        assessment: assessed(ARGS),
        by: 'req',
      },
      OPENED,
    ).digest;
  expect(digest('a')).not.toBe(digest('b'));
  // One question asked at another level is the same one, and where it is decided is told.
  const waiting: WaitingGate = waitingAbove();
  expect(openLevel(waiting, DEADLINE).digest).toBe(waiting.digest);
  expect(packetOf(openLevel(waiting, DEADLINE)).workflowId).toBe(`${ROOT.workflowId}/MANAGER`);
});

it('DBOS, measured: both of two contrary decisions were accepted silently', () => {
  const { answers } = play(open(), [approve('ana'), reject('bo')]);
  expect(answers).toEqual(['admitted', 'GATE_CLOSED']);
});

it('agno: a double decision got 409 naming the existing one; here its id gets the first receipt', () => {
  const said = approve('ana', { id: 'one' });
  const gate = after([said]);
  const { decision } = said(open(), 1);
  expect(admit(gate, decision, DEADLINE)).toBeUndefined();
  expect(admit(gate, { ...decision, comment: 'other' }, DEADLINE)?.code).toBe('ID_REUSED');
});
