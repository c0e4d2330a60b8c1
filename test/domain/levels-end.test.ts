/** What a level of its own brings back to its owner; and that losing one is never an approval. */
import { cancel as callOff, expire, type ClosedGate, type WaitingGate } from '../../src/domain/gate';
import { approve as approvedBy } from '../../src/domain/gate/status';
import { levelEnd, lost, openLevel, resume, type LevelEnd, parseLevel } from '../../src/domain/gate/levels';
import { type Policy, levelAt } from '../../src/domain/policy';
import {
  approve,
  askedAbove,
  cancel,
  comment,
  DEADLINE,
  delegate,
  endOf,
  escalateTo,
  HOUR,
  ladder,
  LATER,
  reject,
  respond,
  revise,
  through,
  waitingAbove,
  type Said,
  ROOT,
  edit,
} from './given';

describe('the argument of a level', () => {
  const gate = { ...waitingAbove(), more: 1 };
  it('is the gate of its owner, who is told by it', () => {
    expect(parseLevel({ v: 1, gate, setting: { policy: 'x' } })).toEqual({ ok: true, owner: 'refund-4711' });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected object, received undefined'],
    ['no gate', { v: 1, setting: {} }, 'gate: expected object, received undefined'],
    [
      'a gate that waits for nobody',
      { v: 1, gate: { ...gate, status: 'open' }, setting: {} },
      'gate.status: expected "waiting"',
    ],
    [
      'a root without its run',
      { v: 1, gate: { ...gate, root: { workflowId: 'x' } }, setting: {} },
      'gate.root.firstRunId: expected string, received undefined',
    ],
    [
      'a root with more than its ids',
      { v: 1, gate: { ...gate, root: { ...ROOT, runId: 'x' } }, setting: {} },
      'gate.root.runId: unknown key',
    ],
    ['no setting', { v: 1, gate }, 'setting: expected object, received undefined'],
    ['another version', { v: 2, gate, setting: {} }, 'v: expected 1'],
    ['an unknown key', { v: 1, gate, setting: {}, level: 'x' }, 'level: unknown key'],
  ])('%s is named', (_, argument, problem) => {
    expect(parseLevel(argument)).toEqual({ ok: false, problem });
  });
});

describe('what a level brings back', () => {
  it('has a field only where it means something', () => {
    const always = 'decisions delegations outcome rejections revision signatures'.split(' ');
    const keys = (saids: readonly Said[], level = askedAbove(waitingAbove(), saids)) =>
      Object.keys(endOf(level)).filter((key) => !always.includes(key));
    expect([
      keys([approve('mia')]),
      keys([reject('mia')]),
      keys([respond('mia')]),
      keys([edit('mia', 7)]),
      keys([comment('mia'), cancel('req')]),
    ]).toEqual([['basis'], ['reason'], ['reason', 'answer'], ['reason', 'edited'], ['reason', 'calledOff']]);
  });

  it('sent back there says by whom and why', () => {
    expect(endOf(askedAbove(waitingAbove(), [revise('mia')])).reason).toBe('mia sent it back: ask for less');
  });

  it('expired below is expired here, and nobody answered', () => {
    const { reason: _, ...end } = endOf(askedAbove(waitingAbove(), [reject('mia')]));
    const gate = resume(waitingAbove(), { ...end, outcome: 'expired' }, LATER);
    expect(gate).toMatchObject({ status: 'closed', outcome: 'expired', reason: '' });
    expect(gate).not.toHaveProperty('answer');
  });

  const three = (): Policy => {
    const { levels, ...rest } = ladder();
    return { ...rest, levels: [...levels, { ...levelAt(ladder(), 1), name: 'CEO' }] };
  };
  it.each<[string, Policy, readonly Said[], object]>([
    [
      'approved: so is its owner',
      ladder(),
      [approve('mia')],
      { status: 'approved', basis: 'signatures', rung: 1, signatures: [{ reviewer: 'mia' }] },
    ],
    [
      'rejected, with who and why',
      ladder(),
      [reject('mia')],
      { status: 'closed', outcome: 'rejected', reason: 'mia rejected it: no' },
    ],
    [
      'answered, with the answer',
      ladder(),
      [respond('mia')],
      {
        status: 'closed',
        outcome: 'answered',
        answer: 'it ships on Monday',
        reason: 'mia answered in its place',
      },
    ],
    [
      'answered with null',
      ladder(),
      [respond('mia', { answer: null })],
      { outcome: 'answered', answer: null },
    ],
    [
      'cancelled by the requester: called off',
      ladder(),
      [cancel('req')],
      { status: 'closed', outcome: 'cancelled', reason: 'req called it off' },
    ],
    [
      'sent back: the agent is at work',
      ladder(),
      [revise('mia')],
      { status: 'proposing', sentBack: 1, rung: 1 },
    ],
    [
      'passed up: the next level is asked',
      three(),
      [escalateTo('mia')],
      { status: 'waiting', rung: 2, waitingOn: 'refund-4711/CEO' },
    ],
  ])('%s', (_, under, saids, left) => {
    const gate = through(waitingAbove(under), saids);
    expect(gate).toMatchObject(left);
    expect(gate.decisions.map(({ reviewer, level }) => [reviewer, level])).toEqual([
      [gate.decisions[0]?.reviewer, 'MANAGER'],
    ]);
  });

  it.each<[string, Partial<Policy>, object]>([
    [
      'escalates to nobody: expired',
      {},
      { outcome: 'expired', reason: 'MANAGER did not decide by 2026-03-02T15:00:00.000Z: 0 of 1 signatures' },
    ],
    ['expires', { onSilence: 'expire' }, { outcome: 'expired' }],
  ])('silence at the last level %s', (_, rest, left) => {
    const waiting = waitingAbove({
      ...ladder(),
      ...rest,
      levels: ladder({}, { onSilence: 'escalate' }).levels,
    });
    const silent = expire(openLevel(waiting, DEADLINE), DEADLINE + 2 * HOUR);
    expect(resume(waiting, endOf(silent), LATER)).toMatchObject({ status: 'closed', ...left });
  });

  it("the level's own silence is told apart: its gate closes escalated, for the owner to ask the next", () => {
    expect(expire(openLevel(waitingAbove(), DEADLINE), DEADLINE + 2 * HOUR)).toMatchObject({
      status: 'closed',
      outcome: 'escalated',
    });
  });

  it('silence that approves is told as silence, not as signatures', () => {
    const waiting = waitingAbove(ladder({}, {}, { onSilence: 'approve' }));
    const silent = expire(openLevel(waiting, DEADLINE), DEADLINE + 2 * HOUR);
    expect(resume(waiting, endOf(silent), LATER)).toMatchObject({ status: 'approved', basis: 'silence' });
  });

  it('an approval above is acted on within the time that the policy gives, from when it came', () => {
    const waiting = waitingAbove(ladder({ executeWithin: '1 hour' }));
    expect(through(waiting, [approve('mia')])).toMatchObject({ executeBefore: LATER + HOUR });
    expect(approvedBy(waiting, 'signatures', LATER)).not.toHaveProperty('waitingOn');
  });

  it('delegations and what was said above come down with it, behind what was said below', () => {
    const waiting = waitingAbove(ladder(), [comment('ana', { id: 'below' })]);
    const gate = through(waiting, [delegate('mia', 'dan', { id: 'd' }), approve('dan', { id: 'a' })]);
    expect(gate).toMatchObject({
      status: 'approved',
      signatures: [{ reviewer: 'dan', onBehalfOf: 'mia' }],
      delegations: [{ from: 'mia', to: 'dan' }],
    });
    expect(gate.decisions.map(({ id, level }) => [id, level])).toEqual([
      ['below', 'HUMAN'],
      ['d', 'MANAGER'],
      ['a', 'MANAGER'],
    ]);
  });

  it('what was said above weighs on its owner as well: levels are no way around the bound', () => {
    const waiting = waitingAbove();
    const { decision } = comment('mia', { comment: 'x'.repeat(10_000) })(openLevel(waiting, DEADLINE), 1);
    const above = askedAbove(waiting, [comment('mia', { comment: 'x'.repeat(10_000) })]);
    const end = levelEnd(callOff(above, 'off') as ClosedGate, undefined);
    expect(resume(waiting, end, LATER).weight).toBe(above.weight);
    expect(above.weight).toBeGreaterThan(JSON.stringify(decision).length - 1);
  });
});

describe('a level that is lost is never an approval', () => {
  const reason = (how: string) => `LEVEL_TERMINATED: the level MANAGER ${how}`;
  const signed = { ...ladder({}, {}, { quorum: 2 }) };
  const three = { ...signed, levels: [...signed.levels, { ...levelAt(signed, 1), name: 'CEO' }] };

  it.each(['was terminated', 'was cancelled', 'failed: out of memory'])(
    '%s: the next level is asked, with the reason',
    (how) => {
      expect(lost(waitingAbove(three), how, LATER)).toMatchObject({
        status: 'waiting',
        rung: 2,
        signatures: [],
        escalations: [{ from: 'HUMAN' }, { from: 'MANAGER', to: 'CEO', reason: reason(how) }],
      });
    },
  );

  it('with no level left it has failed', () => {
    expect(lost(waitingAbove(), 'was terminated', LATER)).toMatchObject({
      status: 'closed',
      outcome: 'failed',
      reason: reason('was terminated'),
    });
  });

  it.each<[string, (waiting: WaitingGate) => LevelEnd, string]>([
    [
      'cancelled by an operator, though somebody had signed',
      (waiting) => endOf(callOff(askedAbove(waiting, [approve('mia')]), 'x')),
      'was cancelled',
    ],
    [
      'failed',
      (waiting) => ({ ...endOf(callOff(askedAbove(waiting, []), 'x')), outcome: 'failed' }),
      'ended failed: x',
    ],
    [
      'says that it executed',
      (waiting) => ({ ...endOf(callOff(askedAbove(waiting, []), 'x')), outcome: 'executed' }),
      'ended executed: x',
    ],
  ])('%s', (_, end, how) => {
    const waiting = waitingAbove(three);
    expect(resume(waiting, end(waiting), LATER)).toMatchObject({
      status: 'waiting',
      rung: 2,
      escalations: [{}, { reason: reason(how) }],
    });
    const last = waitingAbove(signed);
    expect(resume(last, end(last), LATER)).toMatchObject({ status: 'closed', outcome: 'failed' });
  });

  it('a level that says nothing of how it was approved is taken for signatures, which the executor counts', () => {
    const waiting = waitingAbove();
    const { basis: _, ...end } = endOf(askedAbove(waiting, [approve('mia')]));
    expect(resume(waiting, end, LATER)).toMatchObject({ status: 'approved', basis: 'signatures' });
  });
});
