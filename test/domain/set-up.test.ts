/** Gates that are a plan's step, what takes one back, or a ladder: where they live, what is hashed with them, who is asked. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { evidenceOf } from '../../src/domain/gate/evidence';
import { digestOf, undoHash } from '../../src/domain/digest';
import {
  startExecuting,
  cancel as callOff,
  expire,
  lapse,
  openGate,
  repropose,
  type ApprovedGate,
  type Asked,
  type Gate,
  type WaitingGate,
} from '../../src/domain/gate';
import { openLevel, parseLevel, resume } from '../../src/domain/gate/levels';
import { packetOf } from '../../src/domain/packet';
import { transitions } from '../../src/domain/transitions';
import {
  approve,
  ARGS,
  assessed,
  at,
  DEADLINE,
  edit,
  endOf,
  HOUR,
  ladder,
  LATER,
  OPENED,
  play,
  policy,
  proposal,
  reject,
  revise,
  type Said,
  PLACE,
} from './given';

const ROOT = { workflowId: 'release', firstRunId: 'run-1' };
const UNDO = { action: 'charge', args: { order: 'A-4711', amount: 40 } };
const HOME = { home: 'release/refund' };
const UNDOES = {
  record: { workflowId: 'release/refund', firstRunId: 'run-2' },
  seq: 7,
  hash: 'b'.repeat(64),
  question: { revision: 1, action: 'refund', args: { amount: 40 } },
};

function gateOf(setUp: Asked['setUp'], under = policy(), change: Partial<Asked> = {}): Gate {
  const question = {
    root: ROOT,
    ...PLACE,
    gate: 'refund',
    requester: 'req',
    proposal: proposal(),
    by: 'req',
  };
  const asked = {
    ...question,
    policy: under,
    assessment: assessed(ARGS),
    ...(setUp && { setUp }),
    ...change,
  };
  return openGate(asked, OPENED);
}

/** As the design tells it, with another's hash. */
function documented(revision: number, args: object, undo?: object): string {
  const question = { ...ROOT, gate: 'refund', revision, action: 'refund', args, ...(undo && { undo }) };
  return createHash('sha256').update(canonicalize(question)!, 'utf8').digest('hex');
}

describe('what takes a step back is hashed with it', () => {
  it('the digest is the documented one, with the undo and without', () => {
    expect(gateOf({ ...HOME, undo: UNDO }).digest).toBe(documented(1, ARGS, UNDO));
    expect(gateOf(HOME).digest).toBe(documented(1, ARGS));
    expect(gateOf(undefined).digest).toBe(documented(1, ARGS));
  });

  it.each<[string, typeof UNDO | undefined]>([
    ['none', undefined],
    ['another action', { ...UNDO, action: 'refund' }],
    ['other args', { ...UNDO, args: { ...UNDO.args, amount: 41 } }],
  ])('an undo that is %s makes another question', (_, undo) => {
    const question = { ...ROOT, gate: 'refund', revision: 1, action: 'refund', args: ARGS };
    expect(digestOf({ ...question, undo })).not.toBe(digestOf({ ...question, undo: UNDO }));
  });

  it('its action and its args are, and nothing that is passed along with them', () => {
    const question = { ...ROOT, gate: 'refund', revision: 1, action: 'refund', args: ARGS };
    const more = { ...UNDO, policy: 'strict' };
    expect(digestOf({ ...question, undo: more })).toBe(digestOf({ ...question, undo: UNDO }));
    expect(undoHash(more)).toBe(createHash('sha256').update(canonicalize(UNDO)!).digest('hex'));
  });

  it('an edit and a revision keep it, each under a digest of its own', () => {
    const first = gateOf({ ...HOME, undo: UNDO }, policy({ quorum: 2 }));
    const edited = play(first, [edit('ana', 30)]).gate;
    const sent = play(edited, [revise('bo', 'less', { id: 'r' })]).gate;
    if (sent.status !== 'proposing') throw new Error(sent.status);
    const args = { ...ARGS, amount: 25 };
    const made = { proposal: proposal(args), policy: first.policy, assessment: assessed(args), by: 'AGENT' };
    const again = repropose(sent, made, OPENED + HOUR);
    expect(edited.digest).toBe(documented(2, { ...ARGS, amount: 30 }, UNDO));
    expect(again.digest).toBe(documented(3, args, UNDO));
    for (const gate of [edited, sent, again]) {
      expect(gate.setUp).toEqual({ ...HOME, undo: UNDO });
      expect(packetOf(gate).undo).toEqual(UNDO);
    }
  });

  it('it is shown with the step, and on record once that is approved', () => {
    const before = gateOf({ ...HOME, undo: UNDO });
    const { gate } = play(before, [approve('ana')]);
    expect(packetOf(before).undo).toStrictEqual(UNDO);
    expect(packetOf(gateOf(HOME))).not.toHaveProperty('undo');
    expect(transitions(before, gate)).toMatchObject([{ type: 'approved', undo: undoHash(UNDO) }]);
    const plain = gateOf(HOME);
    expect(transitions(plain, play(plain, [approve('ana')]).gate)[0]).not.toHaveProperty('undo');
  });
});

describe('a step lives in a workflow of its own', () => {
  const inStep = (saids: readonly Said[] = []) =>
    expire(play(gateOf(HOME, ladder()), saids).gate, DEADLINE) as WaitingGate;

  it.each<[string, Gate, object]>([
    ['its gate', gateOf(HOME, ladder()), { workflowId: 'release/refund', root: ROOT, gate: 'refund' }],
    [
      'its owner, while a level is asked',
      inStep(),
      { workflowId: 'release/refund', waitingOn: 'release/refund/MANAGER' },
    ],
    ['its level', openLevel(inStep(), LATER), { workflowId: 'release/refund/MANAGER', root: ROOT }],
    ['without a home: in its root', gateOf(undefined), { workflowId: 'release' }],
  ])('%s', (_, gate, packet) => {
    expect(packetOf(gate)).toMatchObject(packet);
  });

  it.each<[string, Asked['setUp'], string]>([
    ['the step', HOME, 'release/refund'],
    ['its root, where it has no home', undefined, 'release'],
    ['the ladder', { ladder: true }, 'release'],
  ])('whoever owns its level is %s', (_, setUp, owner) => {
    const gate = expire(gateOf(setUp, ladder()), DEADLINE);
    expect(parseLevel({ v: 1, gate, setting: {} })).toEqual({ ok: true, owner });
  });
});

describe('an undo that was approved with its step', () => {
  const undoing = (under = policy(), change: Partial<Asked> = {}) =>
    gateOf({ home: 'release/undo/refund', undoes: UNDOES }, under, change) as ApprovedGate;

  it.each<[string, ReturnType<typeof policy>]>([
    ['CONFIRM', policy()],
    ['INFO', policy({}, { confirmation: 'INFO' })],
    ['a quorum', policy({ quorum: 3 })],
    ['a ladder', ladder()],
  ])('opens approved, on the approval of the step, whatever its policy asks: %s', (_, under) => {
    expect(undoing(under)).toMatchObject({
      status: 'approved',
      basis: 'step',
      signatures: [],
      escalations: [],
    });
  });

  it('waits for nobody: no deadline, and only its being called off is offered', () => {
    const packet = packetOf(undoing());
    expect(packet).not.toHaveProperty('deadline');
    expect(packet).toMatchObject({
      status: 'approved',
      verdicts: ['cancel'],
      workflowId: 'release/undo/refund',
    });
  });

  it('names the approval that it stands on, on record and in its evidence', () => {
    expect(evidenceOf(undoing())).toMatchObject({ basis: 'step', undoes: UNDOES, signatures: [] });
    expect(transitions(undefined, undoing())).toMatchObject([
      { type: 'opened' },
      { type: 'approved', basis: 'step', signers: [] },
    ]);
    const signed = play(gateOf(HOME), [approve('ana')]).gate as ApprovedGate;
    expect(evidenceOf(signed)).not.toHaveProperty('undoes');
  });

  it('is void where it was called off, or not executed in its time', () => {
    const timed = undoing(policy({}, { executeWithin: '1 hour' }));
    expect(lapse(timed, OPENED + HOUR - 1)).toBe(timed);
    expect(lapse(timed, OPENED + HOUR)).toMatchObject({ status: 'closed', outcome: 'expired' });
    expect(callOff(undoing(), 'off')).toMatchObject({ status: 'closed', outcome: 'cancelled' });
    expect(callOff(startExecuting(undoing()), 'off').status).toBe('executing');
  });
});

describe('a ladder asks every level in a child workflow', () => {
  const first = (under = ladder()) => gateOf({ ladder: true }, under) as WaitingGate;

  it('the first one, too: nobody decides on its own gate, which has no deadline', () => {
    expect(first()).toMatchObject({
      status: 'waiting',
      rung: 0,
      level: { name: 'HUMAN' },
      waitingOn: 'release/HUMAN',
      escalations: [],
    });
    expect(packetOf(first())).toMatchObject({ status: 'waiting', waitingOn: 'release/HUMAN', verdicts: [] });
    expect(packetOf(first())).not.toHaveProperty('deadline');
    expect(packetOf(callOff(first(), 'off'))).not.toHaveProperty('deadline');
    expect(play(first(), [approve('ana')]).answers).toEqual(['ASK_CHILD']);
  });

  it('at INFO nobody is asked', () => {
    expect(first(ladder({ confirmation: 'INFO' }))).toMatchObject({ status: 'approved', basis: 'notice' });
  });

  it('what agents handed up is told before what people do', () => {
    const handed = {
      from: 'AGENT',
      to: 'HUMAN',
      reason: 'confidence 0.41 < 0.7',
      at: '2026-03-02T09:00:00.000Z',
    };
    const gate = gateOf({ ladder: true }, ladder(), { escalations: [handed] }) as WaitingGate;
    const level = openLevel(gate, OPENED);
    expect(packetOf(level)).toMatchObject({ workflowId: 'release/HUMAN', escalations: [handed] });
    const up = resume(gate, endOf(expire(level, DEADLINE)), DEADLINE);
    expect(up).toMatchObject({
      status: 'waiting',
      waitingOn: 'release/MANAGER',
      escalations: [handed, { from: 'HUMAN', to: 'MANAGER' }],
    });
  });

  it.each<[string, Said, object]>([
    ['approved there', approve('ana'), { status: 'approved', basis: 'signatures' }],
    ['rejected there', reject('ana'), { status: 'closed', outcome: 'rejected' }],
    ['sent back there', revise('ana'), { status: 'proposing', sentBack: 1 }],
  ])('%s', (_, said, after) => {
    const level = play(openLevel(first(), OPENED), [at(OPENED + 1, said)]).gate;
    expect(resume(first(), endOf(level), OPENED + 1)).toMatchObject(after);
  });

  it('what the agent proposes again is asked in a child once more', () => {
    const level = play(openLevel(first(), OPENED), [at(OPENED + 1, revise('ana'))]).gate;
    const sent = resume(first(), endOf(level), OPENED + 1);
    if (sent.status !== 'proposing') throw new Error(sent.status);
    const made = { proposal: proposal(), policy: ladder(), assessment: assessed(ARGS), by: 'AGENT' };
    expect(repropose(sent, made, LATER)).toMatchObject({
      status: 'waiting',
      waitingOn: 'release/HUMAN',
      revision: 2,
    });
  });
});
