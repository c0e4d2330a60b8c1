/** Evidence that is good, one of each kind, for the tables in which one thing of it is changed at a time. */
import { admit } from '../../src/domain/gate/admit';
import type { Examiner } from './judged';
import { decide, expire, type ApprovedGate, type Gate } from '../../src/domain/gate';
import type { Policy } from '../../src/domain/policy';
import {
  approve,
  assessed,
  DEADLINE,
  delegate,
  DIRECTORY,
  edit,
  OPENED,
  openAmong,
  play,
  policy,
  signedBy,
  through,
  verifies,
  waitingAbove,
  ladder,
  type Said,
} from './given';

export const NOW = OPENED + 30 * 60_000;

export function approved(under: Policy, saids: readonly Said[]): ApprovedGate {
  const { gate, answers } = play(openAmong(under), saids);
  if (gate.status !== 'approved') throw new Error(`${gate.status}: ${answers.join()}`);
  return gate;
}

export const executed = ({ root, gate, digest, revision, proposal: { args } }: Gate) => ({
  root,
  gate,
  digest,
  revision,
  args,
});

export const examiner = (change: Partial<Examiner> = {}): Examiner => ({
  reviewers: DIRECTORY,
  now: NOW,
  verifies: (where, decision) => verifies(change.reviewers ?? DIRECTORY, where, decision),
  normal: (args) => args,
  ...change,
});

export const asks = { approvers: { people: ['ana', 'bo', 'cy'] } };
export const open2 = policy({ ...asks, quorum: 2 }, { executeWithin: '1 hour' });
export const signed2: Policy = { ...open2, authentication: 'signed' };
export const verify2: Policy = { ...open2, confirmation: 'VERIFY', phrase: 'REFUND it' };
export const typed = { phrase: 'REFUND it' };

export const inOpen = approved(open2, [approve('ana'), approve('bo')]);
export const inSigned = approved(signed2, [signedBy(approve('ana')), signedBy(approve('bo'))]);
export const byEdit = approved(signed2, [signedBy(edit('ana', 7)), signedBy(approve('bo'))]);
export const byDelegate = approved(signed2, [
  signedBy(delegate('ana', 'dan')),
  signedBy(approve('dan')),
  signedBy(approve('bo')),
]);
export const typing = approved(verify2, [approve('ana', typed), approve('bo', typed)]);
export const edited = approved(verify2, [edit('ana', 7, typed), approve('bo', typed)]);
export const info = openAmong(policy({}, { confirmation: 'INFO' })) as ApprovedGate;
export const silent = expire(openAmong(policy({}, { onSilence: 'approve' })), DEADLINE) as ApprovedGate;
export const above = through(waitingAbove(ladder({}, { quorum: 2 }), [approve('ana')]), [
  approve('mia'),
]) as ApprovedGate;

/** The edit is admitted, and meets another policy. */
export function changed(gate: Gate, said: Said, next: Policy): Gate {
  const { decision, at } = said(gate, 1);
  if (admit(gate, decision, at) !== undefined) throw new Error('it is not admitted');
  return decide(gate, decision, at, { policy: next, assessment: assessed(decision.args ?? {}) });
}
