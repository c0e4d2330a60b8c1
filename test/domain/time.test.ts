/** Time: who is reminded and warned when, how far a deadline may be moved, and how long an approval is good for. */
import {
  startExecuting,
  decide,
  expire,
  lapse,
  type ApprovedGate,
  type Gate,
  type OpenGate,
} from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import type { Policy } from '../../src/domain/policy';
import { nudge, wakeOf } from '../../src/domain/gate/timers';
import { transitions } from '../../src/domain/transitions';
import {
  approve,
  assessed,
  at,
  DEADLINE,
  edit,
  extend,
  HOUR,
  open,
  OPENED,
  play,
  policy,
  says,
  UNKNOWN_DIGEST,
} from './given';

const MINUTE = 60_000;
const opened = (level: Parameters<typeof policy>[0], rest?: Parameters<typeof policy>[1]) =>
  open(policy(level, rest)) as OpenGate;

/** Every wake until the deadline, told as minutes after the opening. */
function timeline(gate: OpenGate, until = DEADLINE): string[] {
  const told: string[] = [];
  for (let now = gate; told.length < 50;) {
    const { at: when, what } = wakeOf(now);
    told.push(`${what} ${String((when - OPENED) / MINUTE)}`);
    if (what === 'deadline' || when > until) return told;
    now = nudge(now, when);
  }
  return told;
}

describe('what comes next', () => {
  it.each<[string, Parameters<typeof policy>[0], string[]]>([
    ['nothing is asked for: the deadline alone', {}, ['deadline 240']],
    [
      'every hour: three times before four hours are up',
      { remindEvery: '1 hour' },
      ['reminder 60', 'reminder 120', 'reminder 180', 'deadline 240'],
    ],
    ['every four hours: that would be the deadline', { remindEvery: '4 hours' }, ['deadline 240']],
    [
      'a millisecond under four hours: once',
      { remindEvery: `${4 * HOUR - 1}ms` },
      [`reminder ${(4 * HOUR - 1) / MINUTE}`, 'deadline 240'],
    ],
    ['a warning half an hour before', { warnBefore: '30 minutes' }, ['warning 210', 'deadline 240']],
    [
      'a warning of all the time there is: that would be the opening',
      { warnBefore: '4 hours' },
      ['deadline 240'],
    ],
    [
      'a warning of a millisecond less',
      { warnBefore: `${4 * HOUR - 1}ms` },
      [`warning ${1 / MINUTE}`, 'deadline 240'],
    ],
    ['a warning of more time than there is', { warnBefore: '9 hours' }, ['deadline 240']],
    [
      'both, in order',
      { remindEvery: '90 minutes', warnBefore: '2 hours' },
      ['reminder 90', 'warning 120', 'reminder 180', 'deadline 240'],
    ],
    [
      'both at once: one after the other',
      { remindEvery: '2 hours', warnBefore: '2 hours' },
      ['reminder 120', 'warning 120', 'deadline 240'],
    ],
  ])('%s', (_, level, told) => {
    expect(timeline(opened(level))).toEqual(told);
  });

  it('a reminder that is early does nothing; those that were missed meanwhile are one', () => {
    const gate = opened({ remindEvery: '1 hour' });
    expect(nudge(gate, OPENED + HOUR - 1)).toBe(gate);
    expect(nudge(gate, OPENED + HOUR).reminded).toBe(1);
    expect(nudge(gate, OPENED + 3.5 * HOUR).reminded).toBe(3);
    expect(timeline(nudge(gate, OPENED + 2.5 * HOUR))).toEqual(['reminder 180', 'deadline 240']);
  });

  it('a warning that is early does nothing; it is given once', () => {
    const gate = opened({ warnBefore: '30 minutes' });
    const due = DEADLINE - 30 * MINUTE;
    expect(nudge(gate, due - 1)).toBe(gate);
    const warned = nudge(gate, due);
    expect(warned.warned).toBe(DEADLINE);
    expect(nudge(warned, due)).toBe(warned);
  });

  it('a gate that only waits for its deadline is never nudged', () => {
    const gate = opened({});
    expect(nudge(gate, DEADLINE + HOUR)).toBe(gate);
  });

  it('each is on record with its number, and the deadline that was warned of', () => {
    const gate = opened({ remindEvery: '1 hour', warnBefore: '30 minutes' });
    const twice = nudge(nudge(gate, OPENED + HOUR), OPENED + 2 * HOUR);
    expect(transitions(gate, twice)).toEqual([{ type: 'reminded', gate: 'main', level: 'HUMAN', nth: 2 }]);
    const late = nudge({ ...twice, reminded: 3 }, DEADLINE - 30 * MINUTE);
    expect(transitions({ ...twice, reminded: 3 }, late)).toEqual([
      { type: 'warned', gate: 'main', level: 'HUMAN', deadline: '2026-03-02T13:00:00.000Z' },
    ]);
    expect(transitions(late, late)).toEqual([]);
  });
});

describe('extend', () => {
  const moved = (gate: Gate, until: number, id = 'x') => play(gate, [extend('ana', until, { id })]);
  it.each<[string, Policy, number, string]>([
    ['by a millisecond', policy(), DEADLINE + 1, 'admitted'],
    ['to where it is: refused', policy(), DEADLINE, 'EXTENSION_NOT_ALLOWED'],
    [
      'to earlier, which would be a way to expire it: refused',
      policy(),
      DEADLINE - 1,
      'EXTENSION_NOT_ALLOWED',
    ],
    ['by seven days, where the policy says nothing', policy(), DEADLINE + 168 * HOUR, 'admitted'],
    ['by a millisecond more', policy(), DEADLINE + 168 * HOUR + 1, 'EXTENSION_NOT_ALLOWED'],
    ['by all that the policy allows', policy({}, { maxExtension: '1 hour' }), DEADLINE + HOUR, 'admitted'],
    [
      'by a millisecond more than that',
      policy({}, { maxExtension: '1 hour' }),
      DEADLINE + HOUR + 1,
      'EXTENSION_NOT_ALLOWED',
    ],
  ])('%s', (_, under, until, code) => {
    const { gate, answers } = moved(open(under), until);
    expect({ answers, deadline: gate.deadline }).toEqual({
      answers: [code],
      deadline: code === 'admitted' ? until : DEADLINE,
    });
  });

  it('twice: the bound counts from the first deadline, so that nobody keeps a gate open for ever', () => {
    const once = moved(open(policy({}, { maxExtension: '2 hours' })), DEADLINE + HOUR).gate;
    expect(moved(once, DEADLINE + 3 * HOUR, 'y').answers).toEqual(['EXTENSION_NOT_ALLOWED']);
    expect(moved(once, DEADLINE + 2 * HOUR, 'y').gate.deadline).toBe(DEADLINE + 2 * HOUR);
  });

  it('on record, in the packet, and decisions count until then', () => {
    const before = open();
    const { gate } = moved(before, DEADLINE + HOUR);
    expect(transitions(before, gate)).toEqual([
      { type: 'extended', gate: 'main', level: 'HUMAN', deadline: '2026-03-02T14:00:00.000Z' },
    ]);
    expect(packetOf(gate).deadline).toBe('2026-03-02T14:00:00.000Z');
    expect(expire(gate, DEADLINE + HOUR - 1)).toBe(gate);
    expect(play(gate, [at(DEADLINE + HOUR - 1, approve('bo', { id: 'b' }))]).answers).toEqual(['admitted']);
    expect(play(gate, [at(DEADLINE + HOUR, approve('bo', { id: 'b' }))]).answers).toEqual([
      'DEADLINE_PASSED',
    ]);
  });

  it('reminders go on until then, and there is a new warning', () => {
    const gate = opened({ remindEvery: '2 hours', warnBefore: '30 minutes' });
    const warned = nudge(nudge(gate, OPENED + 2 * HOUR), DEADLINE - 30 * MINUTE);
    const { gate: longer } = play(warned, [at(DEADLINE - 1, extend('ana', DEADLINE + 3 * HOUR))]);
    expect(timeline(longer as OpenGate, DEADLINE + 3 * HOUR)).toEqual([
      'reminder 240',
      'reminder 360',
      'warning 390',
      'deadline 420',
    ]);
  });

  it('a time that is none, though it has the form of one, moves nothing', () => {
    const said = says('ana', 'extend', { until: '2026-02-30T00:00:00.000Z' });
    expect(play(open(), [said]).answers).toEqual(['EXTENSION_NOT_ALLOWED']);
  });
});

describe('an edit and the deadline', () => {
  const under = policy({ quorum: 2 });
  const editedTo = (next: Policy) => {
    const gate = open(under);
    const { decision } = edit('ana', 7)(gate, 1);
    return decide(gate, decision, OPENED + HOUR, { policy: next, assessment: assessed(decision.args!) });
  };

  it('under the same level it stays where it was, extended or not', () => {
    expect(editedTo(under)).toMatchObject({ deadline: DEADLINE, firstDeadline: DEADLINE });
    const { gate } = play(open(under), [extend('bo', DEADLINE + HOUR), edit('ana', 7)]);
    expect(gate).toMatchObject({ deadline: DEADLINE + HOUR, firstDeadline: DEADLINE });
  });

  it('a level that is another one now has its whole time', () => {
    const next = editedTo(policy({ quorum: 2, respondWithin: '1 hour' }));
    expect(next).toMatchObject({
      deadline: OPENED + 2 * HOUR,
      firstDeadline: OPENED + 2 * HOUR,
      reminded: 0,
    });
    expect(transitions(open(under), next)).toMatchObject([
      { type: 'revised', policy: next.policy, deadline: '2026-03-02T11:00:00.000Z' },
    ]);
  });

  it('what did not change is not put on record again', () => {
    const [fact] = transitions(open(under), editedTo(under));
    expect(Object.keys(fact!).sort()).toEqual('args by digest gate revision shown type'.split(' '));
  });
});

describe('an approval is good for executeWithin', () => {
  const approved = (rest: Parameters<typeof policy>[1] = { executeWithin: '1 day' }) =>
    play(open(policy({}, rest)), [at(OPENED + HOUR, approve('ana'))]).gate as ApprovedGate;
  const LAST = OPENED + 25 * HOUR;

  it('counted from the approval; where the policy says nothing, for as long as it takes', () => {
    expect(approved().executeBefore).toBe(LAST);
    expect(approved({})).not.toHaveProperty('executeBefore');
    expect(lapse(approved({}), LAST + 1_000 * HOUR)).toEqual(approved({}));
  });

  it('a millisecond before its end it stands, at its end it is void', () => {
    const gate = approved();
    expect(lapse(gate, LAST - 1)).toBe(gate);
    expect(lapse(gate, LAST)).toMatchObject({
      status: 'closed',
      outcome: 'expired',
      reason: 'approved, but not executed by 2026-03-03T10:00:00.000Z',
    });
    expect(lapse(gate, LAST)).not.toHaveProperty('executeBefore');
    expect(transitions(gate, lapse(gate, LAST))).toEqual([
      {
        type: 'closed',
        outcome: 'expired',
        reason: 'approved, but not executed by 2026-03-03T10:00:00.000Z',
      },
    ]);
  });

  it('INFO and silence are bound by it, too', () => {
    const info = open(policy({}, { confirmation: 'INFO', executeWithin: '1 hour' }));
    expect(info).toMatchObject({ status: 'approved', basis: 'notice', executeBefore: OPENED + HOUR });
    const silent = expire(open(policy({}, { onSilence: 'approve', executeWithin: '1 hour' })), DEADLINE);
    expect(silent).toMatchObject({ basis: 'silence', executeBefore: DEADLINE + HOUR });
  });

  it('it is kept while the execution is under way', () => {
    expect(startExecuting(approved()).executeBefore).toBe(LAST);
  });
});

describe('the exact moments of a gate', () => {
  it('opened for four hours: open at the last millisecond, expired at the next', () => {
    const gate = open();
    expect(gate).toMatchObject({ deadline: DEADLINE, firstDeadline: DEADLINE, reminded: 0 });
    expect(expire(gate, DEADLINE - 1)).toBe(gate);
    expect(expire(gate, DEADLINE)).toMatchObject({ outcome: 'expired' });
  });

  it('a stale decision is told so, whatever the time', () => {
    expect(play(open(), [at(DEADLINE, approve('ana', { digest: UNKNOWN_DIGEST }))]).answers).toEqual([
      'STALE_REVISION',
    ]);
  });
});
