/** The whole of what a reviewer is given, status by status: each field where it means something, and nowhere else. */
import {
  startExecuting,
  cancel as callOff,
  openGate,
  closeAfterApproval,
  type ApprovedGate,
  type Gate,
} from '../../src/domain/gate';
import { PacketSchema } from '../../src/domain/answers';
import { openLevel } from '../../src/domain/gate/levels';
import { askedBelow, packetOf, Status, type Packet } from '../../src/domain/packet';
import { unproposed } from '../../src/domain/gate/no-proposal';
import {
  approve,
  assessed,
  delegate,
  edit,
  LATER,
  open,
  OPENED,
  play,
  policy,
  proposal,
  reject,
  revise,
  ROOT,
  waitingAbove,
  type Said,
  PLACE,
} from './given';

const FAILURE = { code: 'AGENT_FAILED', message: 'no idea' };
const after = (under: ReturnType<typeof policy>, ...saids: Said[]) => play(open(under), saids).gate;
const two = policy({ quorum: 2, rejections: 2 });
const signature = (reviewer: string, decision: string, second: number) => ({
  reviewer,
  decision,
  at: `2026-03-02T09:00:0${String(second)}.000Z`,
  revision: 1,
  authentication: 'open' as const,
});

const always = (gate: Gate): Packet => ({
  v: 1,
  workflowId: 'refund-4711',
  root: ROOT,
  gate: 'main',
  status: gate.status,
  requester: 'req',
  requesterProof: 'claimed',
  deployment: 'test',
  by: 'req',
  risk: 'medium',
  ...(gate.status === 'open' ? { shown: gate.shown } : {}),
  revision: 1,
  digest: gate.digest,
  proposal: proposal(),
  policy: gate.policy,
  level: 'HUMAN',
  signatures: [],
  verdicts: [],
  authentication: 'open',
});
const DEADLINE = '2026-03-02T13:00:00.000Z';

describe('the packet', () => {
  const failing = (under = policy()) =>
    openGate(
      { root: ROOT, ...PLACE, gate: 'main', requester: 'req', ...unproposed('t', FAILURE, under, 'AGENT') },
      OPENED,
    );
  const approved = after(policy(), approve('ana')) as ApprovedGate;
  const info = open(policy({}, { confirmation: 'INFO' }));
  const all = 'approve edit reject revise respond delegate withdraw extend comment cancel'.split(' ');
  const waiting = waitingAbove();
  const level = openLevel(waiting, LATER);
  const said = after(two, approve('ana'), reject('bo'), delegate('cy', 'dan'));
  const verify = policy({}, { confirmation: 'VERIFY', phrase: 'REFUND it' });
  const previewed = openGate(
    {
      root: ROOT,
      ...PLACE,
      gate: 'main',
      requester: 'req',
      proposal: proposal(),
      policy: policy(),
      by: 'req',
      assessment: { ...assessed(proposal().args), preview: null },
    },
    OPENED,
  );

  it.each<[string, Gate, object]>([
    ['open', open(), { deadline: DEADLINE, verdicts: all }],
    [
      'open, half said',
      said,
      {
        deadline: DEADLINE,
        verdicts: all,
        signatures: [signature('ana', 'd1', 1)],
        rejections: [signature('bo', 'd2', 2)],
        delegations: [{ from: 'cy', to: 'dan', decision: 'd3', at: '2026-03-02T09:00:03.000Z' }],
      },
    ],
    ['at VERIFY, with the phrase', open(verify), { deadline: DEADLINE, verdicts: all, phrase: 'REFUND it' }],
    ['with a preview of nothing', previewed, { deadline: DEADLINE, verdicts: all, preview: null }],
    ['sent back', after(policy(), revise('ana')), { deadline: DEADLINE, verdicts: ['comment', 'cancel'] }],
    [
      'approved',
      approved,
      { deadline: DEADLINE, verdicts: ['cancel'], signatures: [signature('ana', 'd1', 1)] },
    ],
    ['executing', startExecuting(approved), { deadline: DEADLINE, signatures: [signature('ana', 'd1', 1)] }],
    [
      'executed',
      closeAfterApproval(startExecuting(approved), 'executed'),
      { deadline: DEADLINE, outcome: 'executed', signatures: [signature('ana', 'd1', 1)] },
    ],
    [
      'called off, with why',
      callOff(open(), 'off'),
      { deadline: DEADLINE, outcome: 'cancelled', reason: 'off' },
    ],
    ['notified of: nobody is waited for', info, { verdicts: ['cancel'] }],
    [
      'waiting on a level',
      waiting,
      { level: 'MANAGER', waitingOn: 'refund-4711/MANAGER', escalations: waiting.escalations },
    ],
    [
      'that level',
      level,
      {
        workflowId: 'refund-4711/MANAGER',
        level: 'MANAGER',
        deadline: '2026-03-02T16:00:00.000Z',
        verdicts: all,
        escalations: waiting.escalations,
      },
    ],
    [
      'called off while it waits',
      callOff(waiting, 'off'),
      { level: 'MANAGER', outcome: 'cancelled', reason: 'off', escalations: waiting.escalations },
    ],
  ])('%s', (_, gate, more) => {
    expect(packetOf(gate)).toStrictEqual({ ...always(gate), ...more });
  });

  it('of what an agent could not propose tells why, and no phrase, though one is asked for; at INFO it has a deadline', () => {
    const question = {
      proposal: failing().proposal,
      failure: FAILURE,
      by: 'AGENT',
      risk: failing().assessment.risk,
      deadline: DEADLINE,
      verdicts: 'reject revise respond comment cancel'.split(' '),
    };
    for (const gate of [failing(), failing(verify), failing(policy({}, { confirmation: 'INFO' }))])
      expect(packetOf(gate)).toStrictEqual({ ...always(gate), ...question });
  });

  it('shows the difference to the revision before', () => {
    const gate = after(two, edit('ana', 7));
    expect(packetOf(gate)).toStrictEqual({
      ...always(gate),
      by: 'ana',
      revision: 2,
      proposal: proposal({ order: 'A-4711', amount: 7 }),
      diff: [{ op: 'replace', path: '/args/amount', value: 7 }],
      deadline: DEADLINE,
      verdicts: all,
      signatures: [{ ...signature('ana', 'd1', 1), revision: 2 }],
    });
  });

  it('says of a gate whose decisions are signed that they are', () => {
    expect(packetOf(open(policy({}, { authentication: 'signed' }))).authentication).toBe('signed');
  });

  it('has one of six statuses', () => {
    expect(Status.options).toEqual('proposing open waiting approved executing closed'.split(' '));
  });
});

it.each([
  { level: 'MANAGER', gate: 'main', said: 'level MANAGER' },
  { level: undefined, gate: 'migrate', said: 'step migrate' },
])('what is asked in a workflow of its own: $said', ({ level, gate, said }) => {
  expect(askedBelow({ gate, ...(level === undefined ? {} : { level }) })).toBe(said);
});

/** Of the type: one that is new does not compile here before it is listed. */
const KEYS: Record<keyof Required<Packet>, true> = {
  v: true,
  workflowId: true,
  root: true,
  gate: true,
  status: true,
  outcome: true,
  reason: true,
  requester: true,
  requesterProof: true,
  deployment: true,
  by: true,
  risk: true,
  callback: true,
  revision: true,
  digest: true,
  proposal: true,
  failure: true,
  lessons: true,
  diff: true,
  words: true,
  preview: true,
  undo: true,
  plan: true,
  policy: true,
  level: true,
  deadline: true,
  signatures: true,
  rejections: true,
  delegations: true,
  escalations: true,
  verdicts: true,
  phrase: true,
  waitingOn: true,
  authentication: true,
  shown: true,
  assessed: true,
  waitingFor: true,
};
it('its schema has every key that a packet may have, and no other', () => {
  expect(Object.keys(PacketSchema.shape).sort()).toEqual(Object.keys(KEYS).sort());
});
