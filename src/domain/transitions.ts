/** What goes on record when a gate passes from one state to the next: derived from the states, so none can be forgotten. */
import type { Fact } from './audit';
import { canonical, effectKey, sha256Hex } from './digest';
import { instant, type Gate } from './gate';
import { packetOf } from './packet';
import { firstLevel } from './policy';

/** What became true between two states of the gate. */
export function transitions(before: Gate | undefined, next: Gate): Fact[] {
  const { gate, revision, digest } = next;
  const shown = sha256Hex(canonical(packetOf(next)));
  const facts: Fact[] = [];
  if (before === undefined) {
    const level = firstLevel(next.policy).name;
    facts.push({
      type: 'opened',
      gate,
      revision,
      digest,
      policy: next.policy,
      level,
      deadline: instant(next.deadline),
      shown,
    });
  } else if (before.revision !== revision) {
    const { by, proposal } = next;
    facts.push({ type: 'revised', gate, revision, digest, by, args: proposal.args, shown });
  }
  if (next.status === 'approved' && before?.status !== 'approved' && before?.status !== 'executing')
    facts.push({
      type: 'approved',
      gate,
      revision,
      digest,
      signers: next.signatures.map((one) => one.reviewer),
      action: next.proposal.action,
      key: effectKey(next.root, gate, digest),
    });
  if (next.status === 'closed') {
    const { outcome, reason } = next;
    facts.push({ type: 'closed', outcome, ...(reason === undefined ? {} : { reason }) });
  }
  return facts;
}
