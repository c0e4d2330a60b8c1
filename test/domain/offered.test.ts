/** Which verdicts a gate offers, which fields belong to which, and what is left where an agent had nothing to propose. */
import { unproposed } from '../../src/domain/gate/no-proposal';
import { offeredVerdicts } from '../../src/domain/gate/offered';
import type { Decision } from '../../src/domain/gate/decision';
import { openGate, type Gate } from '../../src/domain/gate';
import type { Policy, Verdict } from '../../src/domain/policy';
import { ALL_VERDICTS } from '../../src/domain/verdicts';
import {
  approve,
  cancel,
  comment,
  DEADLINE,
  delegate,
  edit,
  escalateTo,
  extend,
  HOUR,
  ladder,
  open,
  OPENED,
  play,
  policy,
  reject,
  respond,
  revise,
  ROOT,
  says,
  withdraw,
  type Said,
  PLACE,
} from './given';

const iso = (instant: number) => new Date(instant).toISOString();

describe('each field belongs to its verdicts, and is refused with any other', () => {
  const FIELDS = {
    args: ['edit'],
    answer: ['respond'],
    to: ['delegate'],
    until: ['extend'],
    phrase: ['approve', 'edit'],
  } as const;
  const VALUES: Required<Pick<Decision, keyof typeof FIELDS>> = {
    args: { amount: 1 },
    answer: 1,
    to: 'dan',
    until: iso(DEADLINE + HOUR),
    phrase: 'REFUND A-4711',
  };
  const verify = ladder({ confirmation: 'VERIFY', phrase: VALUES.phrase });
  const sender = (verdict: Verdict) => (verdict === 'cancel' ? 'req' : 'ana');
  const needed = (verdict: Verdict): Partial<Decision> => ({
    comment: 'because',
    ...Object.fromEntries(
      (Object.keys(FIELDS) as (keyof typeof FIELDS)[])
        .filter((field) => (FIELDS[field] as readonly Verdict[]).includes(verdict))
        .map((field) => [field, VALUES[field]]),
    ),
  });
  const rows = ALL_VERDICTS.flatMap((verdict) =>
    (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).map(
      (field) => [verdict, field, (FIELDS[field] as readonly Verdict[]).includes(verdict)] as const,
    ),
  );
  it.each(rows)('%s with %s: taken is %s', (verdict, field, taken) => {
    // Somebody has signed, so that there is something to take back.
    const { gate } = play(open({ ...verify, levels: ladder({}, { quorum: 2, rejections: 2 }).levels }), [
      ...(verdict === 'withdraw' ? [approve('ana', { id: 'a', phrase: VALUES.phrase })] : []),
    ]);
    const sent = says(sender(verdict), verdict, { ...needed(verdict), [field]: VALUES[field], id: 'x' });
    const { answers, sentences } = play(gate, [sent]);
    const hint = field === 'args' ? '; to change the arguments, edit' : '';
    expect([answers[0], sentences[0]]).toEqual(
      taken ? ['admitted', ''] : ['UNEXPECTED_FIELD', `${verdict} takes no ${field}${hint}`],
    );
  });

  it('a phrase where none is asked is refused, with the verdicts that could bring one, too', () => {
    expect(
      play(open(), [approve('ana', { phrase: 'X' }), edit('ana', 3, { phrase: 'X' })]).sentences,
    ).toEqual(['approve takes no phrase', 'edit takes no phrase']);
  });
});

describe('what is offered', () => {
  const of = (gate: Gate) => offeredVerdicts(gate).join(' ');
  it.each<[string, Gate, string]>([
    [
      'with a level above, all eleven, in the order of the contract',
      open(ladder()),
      'approve edit reject revise respond escalate delegate withdraw extend comment cancel',
    ],
    [
      'at the last level, no escalate',
      open(),
      'approve edit reject revise respond delegate withdraw extend comment cancel',
    ],
    [
      'with no revision left, no revise',
      open(policy({}, { maxRevisions: 0 })),
      'approve edit reject respond delegate withdraw extend comment cancel',
    ],
    [
      'what the policy names, and comment and cancel, which cannot be taken away',
      open(policy({}, { verdicts: ['reject', 'approve'] })),
      'approve reject comment cancel',
    ],
    [
      'escalate named at the last level is not offered all the same',
      open(policy({}, { verdicts: ['approve', 'escalate'] })),
      'approve comment cancel',
    ],
  ])('%s', (_, gate, offered) => {
    expect(of(gate)).toBe(offered);
  });

  it('what is not offered is refused, each by name', () => {
    const few = open(policy({}, { verdicts: ['approve'] }));
    const said = [edit('ana'), reject('ana'), revise('ana'), respond('ana'), delegate('ana', 'dan')];
    const { answers, sentences } = play(few, [...said, withdraw('ana'), extend('ana', DEADLINE + HOUR)]);
    expect(answers).toEqual(Array.from({ length: 7 }, () => 'VERDICT_NOT_OFFERED'));
    expect(sentences[4]).toBe('the policy does not offer delegate; it offers approve, comment, cancel');
  });
});

describe('after an agent has failed there is nothing to approve', () => {
  const failed = (under: Policy) =>
    openGate(
      {
        root: ROOT,
        ...PLACE,
        gate: 'main',
        requester: 'req',
        ...unproposed('refund it', { code: 'AGENT_FAILED', message: 'no idea' }, under, 'AGENT'),
      },
      OPENED,
    );

  it('only respond, revise, reject and escalate are offered, with comment and cancel', () => {
    expect(offeredVerdicts(failed(ladder()))).toEqual(
      'reject revise respond escalate comment cancel'.split(' '),
    );
    expect(offeredVerdicts(failed(policy({}, { maxRevisions: 0 })))).toEqual(
      'reject respond comment cancel'.split(' '),
    );
  });

  it.each<[string, Said, string, string]>([
    ['approve', approve('ana'), 'NOTHING_PROPOSED', 'open'],
    ['edit', edit('ana'), 'NOTHING_PROPOSED', 'open'],
    ['delegate', delegate('ana', 'dan'), 'VERDICT_NOT_OFFERED', 'open'],
    ['withdraw', withdraw('ana'), 'VERDICT_NOT_OFFERED', 'open'],
    ['extend', extend('ana', DEADLINE + HOUR), 'VERDICT_NOT_OFFERED', 'open'],
    ['reject', reject('ana'), 'admitted', 'closed'],
    ['revise', revise('ana'), 'admitted', 'proposing'],
    ['respond', respond('ana'), 'admitted', 'closed'],
    ['escalate', escalateTo('ana'), 'admitted', 'waiting'],
    ['comment', comment('ana'), 'admitted', 'open'],
    ['cancel', cancel('req'), 'admitted', 'closed'],
  ])('%s', (_, said, code, status) => {
    const { answers, gate } = play(failed(ladder()), [said]);
    expect([answers[0], gate.status]).toEqual([code, status]);
  });

  it('even INFO asks people, and silence that approves approves nothing', () => {
    expect(failed(policy({}, { confirmation: 'INFO' })).status).toBe('open');
  });
});
