/** What a step asks people: its proposal together with what takes it back, or, where it is taken back, nothing that was approved before. */
import type { Assessed } from '../../activities/types';
import type { Asked } from '../../domain/gate';
import type { PlanUndo } from '../../domain/plan-start';
import type { Policy } from '../../domain/policy';
import type { Proposal } from '../../domain/proposal';
import type { StepStart } from '../../domain/step-start';
import { noteProposed } from '../gate/agent';
import { assessProposal, learnFrom, notAskable } from '../gate/assessment';
import type { Asking, QuestionSource } from '../gate/question';
import { callerOrAgent, headOf } from '../gate/question-source';

export function stepSource(asking: Asking, start: StepStart): QuestionSource {
  return start.undoing === undefined ? withUndo(asking, start.step.undo) : takingBack(asking, start);
}

/** @param home the step's own workflow */
export function askingStep(start: StepStart, home: string): Asking {
  const { step, requester, callback, undoing, context, root, plan } = start;
  const placement: Pick<Asking, 'root' | 'setUp'> = { root, setUp: { home, plan } };
  if (undoing !== undefined) return { start: undoOf(start), ...placement };
  const { task = step.name, proposal, policy } = step;
  return { start: { task, requester, proposal, policy, callback }, plan: context, ...placement };
}

/** What would take it back is assessed with the step: nobody signs an undo that could not run. */
function withUndo(asking: Asking, undo: PlanUndo | undefined): QuestionSource {
  const source = callerOrAgent(asking);
  if (undo === undefined) return source;
  return {
    again: source.again,
    async first(runtime, cancellable) {
      const question = await source.first(runtime, cancellable);
      if ('failed' in question) return question;
      const found = await cancellable.run(() => assessUndo(question, undo));
      if (!found.ok) return notAskable({ ...found, message: `undo: ${found.message}` });
      const { args } = found.assessment;
      return { ...question, setUp: { ...question.setUp, undo: { action: undo.action, args } } };
    },
  };
}

async function assessUndo(
  { root, proposal, requester, by, policy }: Asked,
  undo: PlanUndo,
): Promise<Assessed> {
  const taking = { ...proposal, action: undo.action, args: undo.args };
  const under = (own: Policy | string | undefined) =>
    assessProposal({ start: { task: '', requester, policy: own }, root }, taking, by);
  const found = await under(undo.policy ?? policy);
  // The rules ask for more than the step's own policy gives: it will be asked about when it comes to it.
  if (!found.ok && found.code === 'POLICY_TOO_WEAK' && undo.policy === undefined) return under(undefined);
  return found;
}

/** Nobody is asked again about what was shown and approved with its step, unless the undo has a policy, or the rules want it. */
function takingBack(asking: Asking, { step, undoing }: StepStart): QuestionSource {
  const source = callerOrAgent(asking);
  if (step.undo?.policy !== undefined || undoing === undefined) return source;
  const { record, seq, hash, question, policy } = undoing;
  return {
    again: source.again,
    async first(runtime, cancellable) {
      const { proposal, requester } = asking.start;
      if (proposal === undefined) return source.first(runtime, cancellable);
      const head = headOf(runtime, asking);
      const start = { ...asking.start, policy };
      const found = await assessProposal({ start, root: head.root }, proposal, requester, head);
      runtime.ledger.seeded(found.seed);
      if (!found.ok && found.code === 'POLICY_TOO_WEAK') return source.first(runtime, cancellable);
      noteProposed(runtime, asking, { ok: true, proposal, by: requester });
      if (!found.ok) return notAskable(found);
      return {
        ...head,
        proposal,
        by: requester,
        setUp: { ...asking.setUp, undoes: { record, seq, hash, question } },
        ...learnFrom(runtime, found),
        policy,
      };
    },
  };
}

/** What takes a step back, as a proposal; where its undo has a policy, people are asked about it. */
function undoOf({ step, requester, callback }: StepStart): Asking['start'] {
  const { name, undo, proposal: done } = step;
  const { action = '', args = {}, policy } = undo ?? {};
  const proposal: Proposal = {
    action,
    args,
    title: `Take back ${name}${done === undefined ? '' : `: ${done.title}`}`.slice(0, 1_000),
    rationale: `A later step was not approved, and the plan says that ${name} is taken back then.`,
    confidence: 1,
    sensitive: done?.sensitive ?? false,
  };
  return { task: proposal.title, requester, proposal, callback, ...(policy === undefined ? {} : { policy }) };
}
