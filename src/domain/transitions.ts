/** What goes on record when a gate passes from one state to the next: derived from the states, so none can be forgotten. */
import { defined } from './defined';
import { evidenceHash, evidenceOf } from './gate/evidence';
import type { Fact } from './audit';
import { canonical, effectKey, sha256Hex, undoHash } from './digest';
import { instant, type ApprovedGate, type Gate } from './gate';
import { shownBy } from './gate/shown';
import { levelAt } from './policy';

/** What became true between two states of the gate. */
export function transitions(before: Gate | undefined, next: Gate): Fact[] {
  return [
    ...(before === undefined ? [opened(next)] : revised(before, next)),
    ...escalated(before, next),
    ...extended(before, next),
    ...nudged(before, next),
    ...(next.status === 'approved' && before?.status !== 'approved' && before?.status !== 'executing'
      ? [approved(next)]
      : []),
    ...closed(next),
  ];
}

function opened(next: Gate): Fact {
  const { gate, revision, digest, policy, reviewers } = next;
  return {
    type: 'opened',
    gate,
    revision,
    digest,
    policy,
    level: levelAt(policy, next.rung).name,
    shown: shownBy(next),
    ...defined({
      deadline: next.status === 'open' ? instant(next.deadline) : undefined,
      reviewers: reviewers && sha256Hex(canonical(reviewers)),
    }),
  };
}

function revised(before: Gate, next: Gate): Fact[] {
  const { gate, revision, digest, by, proposal, policy, rung } = next;
  if (before.revision === revision) return [];
  const level = levelAt(policy, rung).name;
  const other = canonical(policy) !== canonical(before.policy);
  const moved = next.status === 'open' && next.deadline !== before.deadline;
  return [
    {
      type: 'revised',
      gate,
      revision,
      digest,
      by,
      args: proposal.args,
      shown: shownBy(next),
      ...defined({
        policy: other ? policy : undefined,
        level: level === levelAt(before.policy, before.rung).name ? undefined : level,
        deadline: moved ? instant(next.deadline) : undefined,
      }),
    },
  ];
}

/** What a level's own gate was opened with is its owner's to tell. */
function escalated(before: Gate | undefined, { gate, revision, escalations }: Gate): Fact[] {
  return escalations
    .slice(before?.escalations.length ?? escalations.length)
    .map(({ from, to, reason }) => ({ type: 'escalated', gate, revision, from, to, reason }));
}

function extended(before: Gate | undefined, next: Gate): Fact[] {
  const { gate, policy, rung, revision, deadline } = next;
  const moved =
    next.status === 'open' &&
    before?.status === 'open' &&
    before.revision === revision &&
    before.deadline !== deadline;
  return moved
    ? [{ type: 'extended', gate, level: levelAt(policy, rung).name, deadline: instant(deadline) }]
    : [];
}

function nudged(before: Gate | undefined, next: Gate): Fact[] {
  if (next.status !== 'open' || before?.status !== 'open') return [];
  const { gate, level, reminded, warned, deadline } = next;
  return [
    ...(reminded > before.reminded
      ? [{ type: 'reminded' as const, gate, level: level.name, nth: reminded }]
      : []),
    ...(warned !== undefined && warned !== before.warned
      ? [{ type: 'warned' as const, gate, level: level.name, deadline: instant(deadline) }]
      : []),
  ];
}

function approved(next: ApprovedGate): Fact {
  const { gate, revision, digest, root, proposal, policy, rung, basis } = next;
  return {
    type: 'approved',
    gate,
    revision,
    digest,
    level: levelAt(policy, rung).name,
    signers: next.signatures.map((one) => one.reviewer),
    action: proposal.action,
    key: effectKey(root, gate, digest),
    basis,
    evidence: evidenceHash(evidenceOf(next)),
    ...defined({ undo: next.setUp?.undo && undoHash(next.setUp.undo) }),
  };
}

function closed(next: Gate): Fact[] {
  if (next.status !== 'closed') return [];
  const { outcome, reason } = next;
  return [{ type: 'closed', outcome, ...defined({ reason }) }];
}
