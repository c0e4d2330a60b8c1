/** What goes on record between two states: each fact whole, and nothing that did not become true. */
import { evidenceHash, evidenceOf } from '../../src/domain/gate/evidence';
import { canonical, effectKey, sha256Hex } from '../../src/domain/digest';
import {
  startExecuting,
  cancel as callOff,
  expire,
  closeAfterApproval,
  type ApprovedGate,
  type Gate,
  type OpenGate,
} from '../../src/domain/gate';
import { openLevel } from '../../src/domain/gate/levels';
import { packetOf, shownOfPacket } from '../../src/domain/packet';
import { nudge } from '../../src/domain/gate/timers';
import { transitions } from '../../src/domain/transitions';
import {
  approve,
  comment,
  DEADLINE,
  DIRECTORY,
  edit,
  extend,
  HOUR,
  LATER,
  open,
  openAmong,
  OPENED,
  play,
  policy,
  reject,
  ROOT,
  through,
  waitingAbove,
} from './given';
import { changed } from './evidence';

const two = policy({ quorum: 2, remindEvery: '1 hour', warnBefore: '30 minutes' });
const shown = (gate: Gate) => shownOfPacket(packetOf(gate));
const played = (gate: Gate, ...saids: Parameters<typeof play>[1]) => play(gate, saids).gate;

describe('opened', () => {
  const opened = (gate: Gate) => ({
    type: 'opened',
    gate: 'main',
    revision: 1,
    digest: gate.digest,
    policy: gate.policy,
    level: 'HUMAN',
    shown: shown(gate),
  });

  it('with what was shown, and until when', () => {
    expect(transitions(undefined, open())).toStrictEqual([
      { ...opened(open()), deadline: '2026-03-02T13:00:00.000Z' },
    ]);
  });

  it('with the directory that it goes by', () => {
    const gate = openAmong(policy());
    expect(transitions(undefined, gate)).toStrictEqual([
      { ...opened(gate), deadline: '2026-03-02T13:00:00.000Z', reviewers: sha256Hex(canonical(DIRECTORY)) },
    ]);
  });

  it('at INFO, without a deadline, and approved with it', () => {
    const gate = open(policy({}, { confirmation: 'INFO' }));
    const [one, other, ...more] = transitions(undefined, gate);
    expect([one, more]).toStrictEqual([opened(gate), []]);
    expect(other).toMatchObject({ type: 'approved', basis: 'notice', signers: [] });
  });

  it("a level's own gate: what passed it up is its owner's to tell", () => {
    const level = openLevel(waitingAbove(), LATER);
    expect(transitions(undefined, level).map(({ type }) => type)).toEqual(['opened']);
    expect(transitions(undefined, level)[0]).toMatchObject({
      level: 'MANAGER',
      deadline: '2026-03-02T16:00:00.000Z',
    });
  });
});

describe('revised', () => {
  it('with the args, the editor, and what was shown; nothing else where nothing else changed', () => {
    const before = open(two);
    const gate = played(before, edit('ana', 7));
    expect(transitions(before, gate)).toStrictEqual([
      {
        type: 'revised',
        gate: 'main',
        revision: 2,
        digest: gate.digest,
        by: 'ana',
        args: { order: 'A-4711', amount: 7 },
        shown: shown(gate),
      },
    ]);
  });

  it('with the policy, the level and the deadline that are other ones now', () => {
    const before = open(two);
    const next = policy({ name: 'BOARD', quorum: 2, respondWithin: '1 hour' });
    const gate = changed(before, edit('ana', 7), next);
    expect(transitions(before, gate)).toMatchObject([
      { type: 'revised', policy: next, level: 'BOARD', deadline: '2026-03-02T10:00:01.000Z' },
    ]);
  });

  it('with no deadline where it is asked no more, but approved', () => {
    const before = open();
    const facts = transitions(before, { ...played(before, edit('ana', 7)), deadline: LATER });
    expect(facts.map(({ type }) => type)).toEqual(['revised', 'approved']);
    expect(facts[0]).not.toHaveProperty('deadline');
  });
});

describe('approved', () => {
  const gate = played(open(two), approve('ana'), approve('bo')) as ApprovedGate;
  it('with signers, key and the hash of what stands behind it', () => {
    expect(transitions(played(open(two), approve('ana')), gate)).toStrictEqual([
      {
        type: 'approved',
        gate: 'main',
        revision: 1,
        digest: gate.digest,
        level: 'HUMAN',
        signers: ['ana', 'bo'],
        action: 'refund',
        key: effectKey(ROOT, 'main', gate.digest),
        basis: 'signatures',
        evidence: evidenceHash(evidenceOf(gate)),
      },
    ]);
  });

  it('once: not when it executes, nor when it is held up again', () => {
    expect(transitions(gate, startExecuting(gate))).toEqual([]);
    expect(transitions(gate, gate)).toEqual([]);
    expect(transitions(startExecuting(gate), gate)).toEqual([]);
  });

  it('a level above: at the level that signed', () => {
    const waiting = waitingAbove();
    expect(transitions(waiting, through(waiting, [approve('mia')]))).toMatchObject([
      { type: 'approved', level: 'MANAGER', signers: ['mia'] },
    ]);
  });
});

describe('closed, extended, reminded, warned', () => {
  it('closed, with the reason where there is one', () => {
    const gate = played(open(), approve('ana')) as ApprovedGate;
    expect(
      transitions(startExecuting(gate), closeAfterApproval(startExecuting(gate), 'executed')),
    ).toStrictEqual([{ type: 'closed', outcome: 'executed' }]);
    expect(transitions(open(), played(open(), reject('ana')))).toStrictEqual([
      { type: 'closed', outcome: 'rejected', reason: 'ana rejected it: no' },
    ]);
  });

  it('a comment and a signature leave the decision alone on record', () => {
    expect(transitions(open(two), played(open(two), comment('ana'), approve('ana')))).toEqual([]);
  });

  it('a deadline that another status carries is no extension', () => {
    const before = open(two) as OpenGate;
    const moved = played(before, extend('ana', LATER)) as OpenGate;
    expect(transitions(before, moved).map(({ type }) => type)).toEqual(['extended']);
    expect(transitions(before, callOff(moved, 'off')).map(({ type }) => type)).toEqual(['closed']);
    expect(transitions(waitingAbove(), openLevel(waitingAbove(), LATER))).toEqual([]);
    expect(transitions(before, expire(moved, LATER)).map(({ type }) => type)).toEqual(['closed']);
  });

  it('reminders and warnings are of one open gate: opened with them, or closed, there is none to tell', () => {
    const before = open(two) as OpenGate;
    const nudged = nudge(nudge(before, OPENED + HOUR), DEADLINE - 1);
    const warned = nudge({ ...nudged, reminded: 3 }, DEADLINE - 1);
    expect(transitions(before, nudged).map(({ type }) => type)).toEqual(['reminded']);
    expect(transitions({ ...nudged, reminded: 3 }, warned).map(({ type }) => type)).toEqual(['warned']);
    expect(transitions(undefined, warned).map(({ type }) => type)).toEqual(['opened']);
    expect(transitions(before, callOff(warned, 'off')).map(({ type }) => type)).toEqual(['closed']);
    expect(transitions(waitingAbove(), { ...warned, revision: 1 })).toEqual([]);
    // The deadline was moved, which takes the warning back: a new one is to come.
    expect(transitions(warned, { ...warned, warned: undefined })).toEqual([]);
  });
});
