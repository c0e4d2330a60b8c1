/** What must hold after every step of a gate, whatever was said; and the two ways in which state is tried: frozen, and carried. */
import { evidenceOf } from '../../src/domain/gate/evidence';
import { shortfall } from './judged';
import { canonical } from '../../src/domain/digest';
import { lapse, type ApprovedGate, type Gate } from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import { levelAt } from '../../src/domain/policy';
import { transitions } from '../../src/domain/transitions';
import type { Asking, Heard } from './authority';
import { unauthorised } from './authority-approval';
import { assessedAs } from './fuzz-scenes';

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** All of it, down to what was frozen before: a gate shares most of its parts with the one before it. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part in value) frozen(value[part]);
  return Object.freeze(value);
}

/** What is left of a state that has crossed continue-as-new, an activity or a child's start. */
export const carried = <T>(value: T): T => frozen(JSON.parse(JSON.stringify(value)) as T);

/** The step of a gate that was carried leads to the same gate, and tells and shows the same. */
export function same<G extends Gate>(before: G, next: Gate, step: (gate: G) => Gate): void {
  const old = carried(before);
  const again = step(old);
  must(canonical(again) === canonical(next), 'a gate that was carried went another way');
  must(canonical(packetOf(again)) === canonical(packetOf(next)), 'it shows something else');
  const facts = [transitions(old, again), transitions(before, next)].map((told) => canonical(told));
  must(facts[0] === facts[1], 'it tells something else');
}

/** A refusal leaves a receipt and a count; every other part is the very one it was. */
export function unchanged(before: Gate, after: Gate): void {
  must(after.refusals === before.refusals + 1, 'a refusal was not counted');
  for (const part in before)
    if (part !== 'answered' && part !== 'refusals')
      must(
        before[part as keyof Gate] === after[part as keyof Gate],
        'a refusal changed more than its receipt',
      );
}

/** What no step of the gate that people asked for may do. */
export function steady(before: Gate, next: Gate): void {
  const { status, revision } = next;
  must(before.status !== 'closed' || status === 'closed', 'a closed gate opened');
  must(
    before.status !== 'executing' || ['approved', 'closed', 'executing'].includes(status),
    'what ran is asked again',
  );
  must(next.place === 'root', 'it became a level');
  must(status !== 'open' || next.rung === 0, 'a level after the first is asked where the first is');
  must(status !== 'closed' || !['escalated', 'revised'].includes(next.outcome), 'it ended as a level does');
  must(revision === before.revision || revision === before.revision + 1, 'a revision was skipped');
  must(
    next.signatures.every((one) => one.revision === revision),
    'an older signature stayed',
  );
}

interface Told {
  readonly before: Gate | undefined;
  readonly now: number;
  readonly askings: readonly Asking[];
  readonly heard: readonly Heard[];
  note(what: string): void;
}

/** The heart of it: what is approved was signed as its policy asks, or the policy says in words that it need not be. */
export function consented(gate: ApprovedGate, { before, now: read, askings, heard, note }: Told): void {
  const { policy, basis, failure, requester, reviewers, revision, digest, proposal, signatures } = gate;
  const level = levelAt(policy, gate.rung);
  must(failure === undefined, 'what nobody proposed was approved');
  note(`approved by ${basis}`);
  if (basis === 'notice') must(policy.confirmation === 'INFO', 'approved by notice, not at INFO');
  if (basis === 'silence')
    must((level.onSilence ?? policy.onSilence) === 'approve', 'silence was taken for consent');
  if (basis !== 'signatures') return;
  must(before?.status === 'open' || before?.status === 'waiting', 'approved while nobody was asked');
  const taken = (args: typeof proposal.args) => assessedAs(args).args;
  const signers = signatures.map(({ reviewer }) => reviewer);
  const what = { revision, level: level.name, digest, args: proposal.args, action: proposal.action, signers };
  const wrong = unauthorised({ directory: reviewers, requester, askings, heard }, what, taken);
  must(wrong === undefined, `unauthorised: ${wrong ?? ''}`);
  const { root, gate: name } = gate;
  // One that was received before the others may be read after them; and what is read much later may have lapsed before it is approved.
  const now = Math.max(read, ...gate.decisions.map(({ at }) => Date.parse(at)));
  if (now >= (gate.executeBefore ?? Infinity))
    return must(lapse(gate, now).status === 'closed', 'what is too late is executed');
  const executor = { reviewers, now, verifies: () => true, normal: taken };
  const executed = { root, gate: name, digest, revision, args: proposal.args };
  const short = shortfall(evidenceOf(gate), executed, executor);
  must(short === undefined, `the executor does not follow: ${short?.message ?? ''}`);
  for (const kind of kindsOf(gate, askings)) note(`approved: ${kind}`);
}

function kindsOf(
  { policy, rung, reviewers, revision, delegations, signatures }: ApprovedGate,
  askings: readonly Asking[],
) {
  const level = levelAt(policy, rung);
  const { edit } = askings[revision - 1]!;
  const kinds = {
    VERIFY: policy.confirmation === 'VERIFY',
    signed: policy.authentication === 'signed',
    groups: level.groups !== undefined,
    roles: level.approvers.roles !== undefined,
    several: level.quorum > 1,
    above: rung > 0,
    revised: revision > 1,
    delegated: delegations.length > 0,
    'on behalf': signatures.some(({ onBehalfOf }) => onBehalfOf !== undefined),
    edited: edit !== undefined,
    'edited to another policy': edit !== undefined && askings[revision - 2]!.policy !== policy,
    'without a directory': reviewers === undefined,
    'by an alias': signatures.some(({ reviewer }) => reviewer.endsWith('lee')),
    'by the requester':
      !policy.separation.requester && signatures.some(({ reviewer }) => reviewer.startsWith('r')),
  };
  return Object.entries(kinds).flatMap(([kind, holds]) => (holds ? [kind] : []));
}
