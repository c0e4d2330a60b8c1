/** What stands behind an approval, and that a signature is for one decision, on one gate, of one workflow. */
import { resumeEdited } from '../../src/domain/gate/levels';
import { evidenceHash, evidenceOf, type Evidence } from '../../src/domain/gate/evidence';
import { shortfall } from './judged';
import { type ApprovedGate } from '../../src/domain/gate';
import {
  approve,
  ARGS,
  askedAbove,
  assessed,
  at,
  delegate,
  edit,
  endOf,
  ladder,
  LATER,
  open,
  openAmong,
  OPENED,
  play,
  policy,
  proposal,
  ROOT,
  signedBy,
  waitingAbove,
} from './given';
import {
  above,
  approved,
  asks,
  byDelegate,
  byEdit,
  changed,
  edited,
  examiner,
  executed,
  info,
  inOpen,
  inSigned,
  open2,
  signed2,
  silent,
  typing,
} from './evidence';

const waiting = waitingAbove(ladder());
const comeDown = resumeEdited(
  waiting,
  endOf(askedAbove(waiting, [edit('mia', 7)])),
  { policy: policy({ approvers: { people: ['mia'] } }), assessment: assessed({ ...ARGS, amount: 7 }) },
  LATER,
) as ApprovedGate;
const verifying = policy({}, { confirmation: 'VERIFY', phrase: 'REFUND it' });
const delegatedTyping = approved(verifying, [
  delegate('ana', 'dan'),
  approve('dan', { phrase: 'REFUND it' }),
]);
const typedBefore = changed(
  openAmong(verifying),
  edit('ana', 7, { phrase: 'REFUND it' }),
  policy(),
) as ApprovedGate;

describe('good evidence carries the effect', () => {
  it.each<[string, ApprovedGate]>([
    ['names that are believed', inOpen],
    ['signatures', inSigned],
    ['an edit, and one who signed what it made', byEdit],
    ['a delegate, and whom the delegator is not', byDelegate],
    ['a phrase that everybody typed', typing],
    ['a phrase that the editor typed', edited],
    ['notice, where the policy asks for no more', info],
    ['silence, where the policy says so in words', silent],
    ['a level above, with decisions from below on record', above],
    ['an edit above, under a policy without that level', comeDown],
    ['a delegation, which needs no phrase, where signers type one', delegatedTyping],
    ['a phrase that was asked for before the edit, and is not any more', typedBefore],
  ])('%s', (_, gate) => {
    expect(shortfall(evidenceOf(gate), executed(gate), examiner())).toBeUndefined();
  });

  it('holds the decisions that signatures and delegations name, and no others', () => {
    const gate = approved(open2, [approve('cy'), edit('ana', 7), approve('bo')]);
    expect(evidenceOf(gate).decisions.map(({ id }) => id)).toEqual(['d2', 'd3']);
    expect(evidenceOf(byDelegate).decisions.map(({ verdict }) => verdict)).toEqual([
      'delegate',
      'approve',
      'approve',
    ]);
  });

  it('is plain, and has nothing where there is nothing', () => {
    expect(Object.keys(evidenceOf(info)).sort()).toEqual(
      'basis before by decisions delegations owners policy requester requesterProof reviewers risk rung signatures words'.split(
        ' ',
      ),
    );
    expect(evidenceOf(typing)).toMatchObject({
      phrase: 'REFUND it',
      executeBefore: '2026-03-02T10:00:02.000Z',
    });
    expect(
      Object.keys(evidenceOf(play(open(open2), [approve('ana'), approve('bo')]).gate as ApprovedGate)),
    ).not.toContain('reviewers');
    const { reviewers: _, ...without } = evidenceOf(inOpen);
    expect(
      evidenceOf(
        play(openAmong(open2, { reviewers: undefined }), [approve('ana'), approve('bo')])
          .gate as ApprovedGate,
      ),
    ).toEqual(without);
  });

  it('has one hash, which changes with anything in it', () => {
    const evidence = evidenceOf(inSigned);
    expect(evidenceHash(evidence)).toMatch(/^[0-9a-f]{64}$/);
    expect(evidenceHash(JSON.parse(JSON.stringify(evidence)) as Evidence)).toBe(evidenceHash(evidence));
    expect(evidenceHash({ ...evidence, requester: 'x' })).not.toBe(evidenceHash(evidence));
  });
});

describe('a signature is for one decision, on one gate, of one workflow', () => {
  const forged = (forgery: Parameters<typeof signedBy>[1]) => {
    const { gate, answers } = play(openAmong(signed2), [
      signedBy(approve('ana'), forgery),
      signedBy(approve('bo')),
    ]);
    if (gate.status !== 'approved') return answers[0];
    return shortfall(evidenceOf(gate), executed(gate), examiner())?.code;
  };
  it.each<[string, Parameters<typeof signedBy>[1], string | undefined]>([
    ["ana's own", {}, undefined],
    ["with bo's key, in ana's name", { secret: 'bo' }, 'BAD_SIGNATURE'],
    ["with bo's key, by its own id", { secret: 'bo', key: 'bo-1' }, 'UNKNOWN_KEY'],
    ['of another workflow', { root: { ...ROOT, workflowId: 'refund-4712' } }, 'BAD_SIGNATURE'],
    ['of another first run', { root: { ...ROOT, firstRunId: 'run-2' } }, 'BAD_SIGNATURE'],
    ['of another level', { level: 'MANAGER' }, 'BAD_SIGNATURE'],
    ['of another verdict', { after: { verdict: 'reject', comment: 'no' } }, 'admitted'],
    ['of another comment', { after: { comment: 'added' } }, 'BAD_SIGNATURE'],
    ['of another id', { after: { id: 'other' } }, 'BAD_SIGNATURE'],
    ["in bo's name", { after: { reviewer: 'bo' } }, 'UNKNOWN_KEY'],
  ])('%s', (_, forgery, code) => {
    expect(forged(forgery)).toBe(code);
  });

  it('args that were edited after it was signed', () => {
    const { gate } = play(openAmong(signed2), [
      signedBy(edit('ana', 7), { after: { args: { ...ARGS, amount: 7_000 } } }),
      signedBy(approve('bo')),
    ]);
    expect(shortfall(evidenceOf(gate as ApprovedGate), executed(gate), examiner())?.code).toBe(
      'BAD_SIGNATURE',
    );
  });

  it('two who are not asked cannot make each other delegates', () => {
    const links = [
      signedBy(delegate('dan', 'eve')),
      signedBy(delegate('eve', 'dan')),
      signedBy(approve('dan')),
      signedBy(approve('eve')),
    ];
    const lax = policy({ approvers: { people: ['dan', 'eve'] }, quorum: 1 }, { authentication: 'signed' });
    const gate = approved(lax, links.slice(0, 3));
    const evidence = { ...evidenceOf(gate), policy: { ...gate.policy, levels: policy(asks).levels } };
    expect(shortfall(evidence, executed(gate), examiner())?.code).toBe('NOT_AN_APPROVER');
  });

  it('what was approved is what runs: other args have another digest', () => {
    const other = approved(open2, [edit('ana', 7), approve('bo')]);
    expect(shortfall(evidenceOf(inOpen), executed(other), examiner())?.code).toBe('NOT_SIGNED');
    expect(executed(inOpen).args).toEqual(proposal().args);
  });

  it('decisions are gone through as they were received, not as late as they are executed', () => {
    const short = approved(signed2, [
      at(OPENED + 1_000, signedBy(approve('ana'), { expires: OPENED + 2_000 })),
      signedBy(approve('bo')),
    ]);
    expect(shortfall(evidenceOf(short), executed(short), examiner())).toBeUndefined();
  });
});
