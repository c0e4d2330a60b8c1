/** Plays a gate as the workflow does it, at its first level and in the gates of those after it: people, the clock, operators. */
import {
  startExecuting,
  cancel,
  expire,
  revertToApproved,
  lapse,
  openGate,
  repropose,
  closeAfterApproval,
  type ClosedGate,
  type Gate,
  type ProposingGate,
} from '../../src/domain/gate';
import { levelEnd, lost, openLevel, resume, resumeEdited } from '../../src/domain/gate/levels';
import { nudge, wakeOf } from '../../src/domain/gate/timers';
import { unproposed } from '../../src/domain/gate/no-proposal';
import { carried, consented, frozen, must } from './fuzz-holds';
import { say } from './fuzz-judge';
import { askedOf, otherPolicy, pick, questionOf, START } from './fuzz-scenes';
import { assesses, foundOf, move, noteAsking, type Scene, type Stage } from './fuzz-stage';
import type { Question } from './model';

/** One gate, until it has closed and been spoken to a little longer, or `most` was said; tells how much was. */
export function playOne(scene: Scene, most: number): number {
  const asked = frozen(askedOf(scene.dice, scene.big));
  const root = frozen(openGate(asked, START));
  const stage: Stage = {
    ...scene,
    root,
    now: START,
    nth: 0,
    sent: [],
    askings: [],
    heard: [],
    above: [],
    levels: 0,
  };
  noteAsking(stage);
  stage.witness?.begins(root);
  stage.witness?.did({ did: 'opened', now: START, question: questionAsked(root) });
  if (root.status === 'approved') consented(root, { ...stage, before: undefined });
  for (let after = 0; stage.nth < most && after < 4; after += Number(stage.root.status === 'closed')) {
    step(stage);
    stage.witness?.shown(stage.child ?? stage.root, stage.root);
  }
  if (stage.root.status === 'closed') stage.note(`closed ${stage.root.outcome}`);
  return stage.nth;
}

/** As the agent, or the requester, asked it. */
function questionAsked({ policy, by, proposal, assessment, failure }: Gate): Question {
  const { action, args } = proposal;
  return {
    policy,
    by,
    action,
    args,
    phrase: assessment.phrase,
    failed: failure !== undefined,
  };
}

function step(stage: Stage): void {
  const { dice, root } = stage;
  if (root.status === 'waiting' && stage.child === undefined) {
    if (dice(3) === 0) say(stage, 'root'); // before the child is there
    stage.child = frozen(openLevel(dice(2) === 0 ? root : carried(root), stage.now));
    stage.sent = [];
    stage.levels += 1;
    stage.witness?.did({ did: 'level asked', now: stage.now });
    return;
  }
  const still = root.status === 'open' || root.status === 'waiting' || root.status === 'closed';
  const roll = dice(100);
  if (roll < (still ? 90 : 50)) say(stage, stage.child === undefined || dice(25) === 0 ? 'root' : 'child');
  else if (roll < 97) (still ? clock : onward)(stage);
  else if (roll < 98) idle(root, stage.now);
  else fromOutside(stage);
  bringHome(stage);
}

/** The step that the workflow takes by itself, where it waits for nobody. */
function onward(stage: Stage): void {
  const { dice, root, now, witness } = stage;
  const roll = dice(3);
  if (root.status === 'proposing') {
    const again = reproposed(stage, root);
    move(stage, root, again);
    witness?.did({ did: 'proposed', now, question: questionAsked(stage.root) });
  }
  if (root.status === 'approved') {
    const acts = [(gate: typeof root) => startExecuting(gate), (gate: typeof root) => lapse(gate, now)];
    witness?.did(
      [{ did: 'began' } as const, { did: 'lapsed', now } as const][roll] ?? {
        did: 'ended',
        outcome: 'approved',
      },
    );
    move(stage, root, acts[roll] ?? ((gate) => closeAfterApproval(gate, 'approved')));
  }
  if (root.status === 'executing') {
    const outcome = (['executed', 'failed'] as const)[roll];
    witness?.did(outcome === undefined ? { did: 'held' } : { did: 'ended', outcome });
    move(stage, root, (gate) =>
      outcome === undefined ? revertToApproved(gate) : closeAfterApproval(gate, outcome),
    );
  }
}

/** An operator cancels the workflow, or cancels a level's, which still answers, or terminates it. */
function fromOutside(stage: Stage): void {
  const { dice, root, child, now, witness } = stage;
  if (child === undefined || root.status !== 'waiting') {
    if (dice(3) > 0) return;
    witness?.did({ did: 'cancelled' });
    move(stage, root, (gate) => cancel(gate, 'workflow cancelled'));
  } else if (dice(2) === 0) {
    witness?.did({ did: 'level cancelled', now });
    stage.child = frozen(cancel(child, 'workflow cancelled'));
  } else {
    witness?.did({ did: 'level lost', now });
    move(stage, root, (gate) => lost(gate, 'was terminated', now));
    [stage.child, stage.above] = [undefined, []];
  }
}

/** Whatever is called in a state that it does not belong to changes nothing. */
function idle(gate: Gate, now: number): void {
  if (gate.status !== 'open' || now < gate.deadline) must(expire(gate, now) === gate, 'it expired early');
  if (gate.status === 'executing' || gate.status === 'closed')
    must(cancel(gate, 'x') === gate, 'what is under way or over was called off');
  if (gate.status === 'approved' && now < (gate.executeBefore ?? Infinity))
    must(lapse(gate, now) === gate, 'an approval lapsed early');
}

function clock(stage: Stage): void {
  const { dice } = stage;
  const target = stage.child ?? stage.root;
  if (target.status === 'open' && dice(3) > 0) stage.now = Math.max(stage.now, wakeOf(target).at);
  else stage.now += dice(3_600_000);
  if (target.status !== 'open') return;
  const { now } = stage;
  const { at, what } = wakeOf(target);
  if (now < at) must(nudge(target, now) === target && expire(target, now) === target, 'it rang early');
  else if (what === 'deadline') {
    stage.witness?.did({ did: 'rang', now });
    move(stage, target, (gate) => expire(gate, now));
  } else {
    const next = wakeOf(nudge(target, now));
    must(next.at > at || next.what !== what, 'the same reminder twice');
    stage.note(what);
    move(stage, target, (gate) => nudge(gate, now));
  }
}

function reproposed({ dice, now }: Stage, { policy: had, reviewers }: ProposingGate) {
  const policy = otherPolicy(dice, had, reviewers);
  const by = pick(dice, ['AGENT (rules)', 'OTHER (rules)']);
  const failure = { code: 'AGENT_FAILED', message: 'no idea' };
  const asked =
    dice(4) === 0
      ? unproposed('refund it', failure, policy, by)
      : { ...questionOf({ amount: dice(100) }), policy, by };
  return (gate: ProposingGate) => repropose(gate, asked, now);
}

/** A level's gate is over: what it brings back moves its owner's on. */
function bringHome(stage: Stage): void {
  const { child, root, dice, now, note } = stage;
  if (child === undefined || child.status === 'open') return;
  if (root.status !== 'waiting') {
    [stage.child, stage.above] = [undefined, []]; // called off meanwhile
    return;
  }
  must(child.status === 'approved' || child.status === 'closed', 'a level is neither open nor over');
  const basis = child.status === 'approved' ? child.basis : undefined;
  const closed = child.status === 'approved' ? closeAfterApproval(child, 'approved') : (child as ClosedGate);
  const end = frozen(dice(2) === 0 ? levelEnd(closed, basis) : carried(levelEnd(closed, basis)));
  note(`level ${end.outcome}`);
  const edit = stage.above.find(({ decision }) => decision.id === end.edited?.decision);
  const unfit = edit !== undefined && dice(10) === 0;
  const found = edit === undefined ? undefined : foundOf(dice, root, edit.decision);
  if (!unfit) stage.heard.push(...stage.above);
  [stage.child, stage.above, stage.sent] = [undefined, [], []];
  if (unfit) stage.witness?.did({ did: 'level lost', now });
  else if (found !== undefined) assesses(stage, found, now);
  if (unfit) move(stage, root, (gate) => lost(gate, 'edited it to what cannot be asked', now));
  else if (found === undefined) move(stage, root, (gate) => resume(gate, end, now));
  else move(stage, root, (gate) => resumeEdited(gate, end, found, now), edit);
}
