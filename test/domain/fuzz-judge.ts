/** Says something to a gate and has it judged, as a handler does: parse, admit, and then decide or refuse. */
import { admit } from '../../src/domain/gate/admit';
import { parseDecision, type Decision } from '../../src/domain/gate/decision';
import { decide, receiptFor, refuse, type Gate } from '../../src/domain/gate';
import { levelAt } from '../../src/domain/policy';
import { refusal } from '../../src/domain/gate/refusals';
import { carried, frozen, must, same, unchanged } from './fuzz-holds';
import { decisionOf, hostile } from './fuzz-says';
import { pick } from './fuzz-scenes';
import { assesses, foundOf, move, type Stage, type Where } from './fuzz-stage';
import { contentOf } from './model-reasons';

export function say(stage: Stage, where: Where): void {
  const { dice, sent, big = false } = stage;
  const gate = where === 'root' ? stage.root : stage.child!;
  stage.nth += 1;
  stage.now += dice(60_000);
  const at = receivedAt(stage, gate);
  const again = sent.length > 0 && dice(16) === 0 ? pick(dice, sent) : undefined;
  const id = again?.id ?? `n${String(stage.nth)}`;
  const decision = again !== undefined && dice(2) === 0 ? again : decisionOf({ dice, gate, at, id, big });
  const read = dice(12) === 0 ? readAs(stage, where, gate, decision) : decision;
  if (read === undefined) return;
  sent.push(read);
  judge(stage, where, gate, frozen(read), at);
}

/** While a gate is open, what is judged was received before its deadline, or just about then. */
function receivedAt({ dice, now }: Stage, gate: Gate): number {
  if (gate.status !== 'open') return now;
  return dice(30) === 0 ? gate.deadline + dice(3) - 1 : Math.min(now, gate.deadline - 1);
}

/** As a handler reads a payload. What is no decision leaves a receipt where its id can be read. */
function readAs(stage: Stage, where: Where, gate: Gate, decision: Decision): Decision | undefined {
  const { dice, note } = stage;
  const parsed = parseDecision(dice(2) === 0 ? decision : hostile(dice, decision));
  note(parsed.ok ? 'parsed' : 'MALFORMED_DECISION');
  if (parsed.ok) return parsed.decision;
  const { problem, id } = parsed;
  must(problem !== '', 'a problem without words');
  if (id !== undefined) {
    stage.witness?.did({
      did: 'turned away',
      to: toOf(stage, where),
      id,
      content: contentOf({ id, problem }),
    });
    turnAway(stage, where, gate, { id, problem }, refusal('MALFORMED_DECISION', { problem }));
  }
  return undefined;
}

const toOf = ({ levels }: Stage, where: Where) => (where === 'root' ? where : `level ${String(levels)}`);

function turnAway(
  stage: Stage,
  where: Where,
  gate: Gate,
  sent: { readonly id: string; readonly problem?: string },
  why: ReturnType<typeof refusal>,
) {
  const next = refuse(gate, sent, why);
  unchanged(gate, next);
  if (stage.twice === true) same(gate, next, (one) => refuse(one, sent, why));
  stage[where] = frozen(next);
}

function judge(stage: Stage, where: Where, gate: Gate, decision: Decision, at: number): void {
  const { dice, note, twice = false } = stage;
  const repeated = receiptFor(gate, decision.id).status;
  const refused = admit(gate, decision, at);
  stage.witness?.said({ did: 'said', now: stage.now, at, to: toOf(stage, where), decision }, refused?.code);
  if (twice)
    must(admit(carried(gate), decision, at)?.message === refused?.message, 'carried, it is judged otherwise');
  if (refused !== undefined) {
    note(refused.code);
    must(repeated !== 'admitted' || refused.code === 'ID_REUSED', 'a repeat was refused');
    turnAway(stage, where, gate, decision, refused);
    return;
  }
  if (repeated !== 'unknown') {
    must(decide(gate, decision, at) === gate, 'a repeat counted');
    note('repeated');
    return;
  }
  must(decision.digest === gate.digest, 'a decision on another digest counted');
  must(gate.status !== 'open' || at < gate.deadline, 'a late decision counted');
  must(gate.status !== 'waiting' && gate.status !== 'closed', 'a decision counted where none is taken');
  note(`counted ${decision.verdict}`);
  const heard = { decision, at, revision: gate.revision, level: levelAt(gate.policy, gate.rung).name };
  (where === 'root' ? stage.heard : stage.above).push(heard);
  const found = decision.verdict === 'edit' ? foundOf(dice, gate, decision) : undefined;
  if (where === 'root' && found !== undefined) assesses(stage, found, at);
  move(stage, gate, (one) => decide(one, decision, at, found), heard);
  must(receiptFor(stage[where] ?? gate, decision.id).status === 'admitted', 'it has no such receipt');
}
