/** One step of a plan, or what takes one back: a gate of its own under the plan's root, so that one digest is one question. */
import { workflowInfo } from '@temporalio/workflow';
import type { Assessed } from '../../activities/types';
import type { Asked } from '../../domain/gate';
import type { AuditHead, Result } from '../../domain/packet';
import type { PlanUndo } from '../../domain/plan-start';
import type { Policy } from '../../domain/policy';
import type { Proposal } from '../../domain/proposal';
import { gateOf, parseStep, type StepStart } from '../../domain/step-start';
import {
  assessed,
  callerOrAgent,
  headOf,
  note,
  opening,
  unopened,
  type Asking,
  type Source,
  type Unasked,
} from '../gate/question-source';
import { countersigned, storyOf } from '../gate/run-gate';
import { invalid } from '../runtime/invalid-input';
import type { Carried } from '../gate/context';

export interface StepResult extends Result {
  /** Where its approval stands in its record, and the policy that it was given under: what its undo goes by. */
  readonly approval?: AuditHead & { readonly policy: Policy; readonly revision: number };
}

export async function reviewStep(argument: unknown, carried?: Carried): Promise<StepResult> {
  const start = checked(argument);
  const { workflowId } = workflowInfo();
  const { step, requester, callback, undoing, context } = start;
  const { task = step.name, proposal, policy } = step;
  const asking: Asking =
    undoing === undefined
      ? {
          start: { task, requester, proposal, policy, callback },
          plan: context,
          ...placed(start, workflowId),
        }
      : { start: undoOf(start), ...placed(start, workflowId) };
  const story = storyOf(asking, gateOf(start), { carried, argument });
  const source = undoing === undefined ? withUndo(asking, step.undo) : takingBack(asking, start);
  const { result, desk } = await countersigned({ ...story, plan: start.plan, source });
  const approved = desk.ledger.last('approved');
  const gate = desk.gate();
  if (approved === undefined || gate === undefined) return result;
  return { ...result, approval: { ...approved, policy: gate.policy, revision: gate.revision } };
}

function placed({ root, plan }: StepStart, home: string): Pick<Asking, 'root' | 'setUp'> {
  return { root, setUp: { home, plan } };
}

/** @throws ApplicationFailure INVALID_INPUT: it was started by hand, or by another plan's workflow */
function checked(argument: unknown): StepStart {
  const { workflowId, namespace, parent } = workflowInfo();
  const alone = 'a step is asked by the plan that it is of; start multiStepApproval';
  // Whoever starts one by hand is told of plans before anything of its argument.
  if (parent === undefined) throw invalid(alone);
  const parsed = parseStep(argument);
  if (!parsed.ok) throw invalid(parsed.problem);
  const started = parent.workflowId === parsed.owner && parent.namespace === namespace;
  if (!started || workflowId !== parsed.workflowId) throw invalid(alone);
  return parsed.start;
}

/** What would take it back is assessed with the step: nobody signs an undo that could not run. */
function withUndo(asking: Asking, undo: PlanUndo | undefined): Source {
  const source = callerOrAgent(asking);
  if (undo === undefined) return source;
  return {
    again: source.again,
    async first(desk, cancellable) {
      const asked = await source.first(desk, cancellable);
      if ('failed' in asked) return asked;
      const found = await cancellable.run(() => assessedUndo(asked, undo));
      if (!found.ok) return unopened({ ...found, message: `undo: ${found.message}` });
      const { args } = found.assessment;
      return { ...asked, setUp: { ...asked.setUp, undo: { action: undo.action, args } } };
    },
  };
}

async function assessedUndo(
  { root, proposal, requester, by, policy }: Asked,
  undo: PlanUndo,
): Promise<Assessed> {
  const taking = { ...proposal, action: undo.action, args: undo.args };
  const under = (own: Policy | string | undefined) =>
    assessed({ start: { task: '', requester, policy: own }, root }, taking, by);
  const found = await under(undo.policy ?? policy);
  // The rules ask for more than the step's own policy gives: it will be asked about when it comes to it.
  if (!found.ok && found.code === 'POLICY_TOO_WEAK' && undo.policy === undefined) return under(undefined);
  return found;
}

/** Nobody is asked again about what was shown and approved with its step, unless the undo has a policy, or the rules want it. */
function takingBack(asking: Asking, { step, undoing }: StepStart): Source {
  const source = callerOrAgent(asking);
  if (step.undo?.policy !== undefined || undoing === undefined) return source;
  const { record, seq, hash, question, policy } = undoing;
  return {
    again: source.again,
    async first(desk, cancellable): Promise<Asked | Unasked> {
      const { proposal } = asking.start;
      const { requester } = asking.start;
      if (proposal === undefined) return source.first(desk, cancellable);
      const head = headOf(desk, asking);
      const start = { ...asking.start, policy };
      const found = await assessed({ start, root: head.root }, proposal, requester, head);
      desk.ledger.seeded(found.seed);
      if (!found.ok && found.code === 'POLICY_TOO_WEAK') return source.first(desk, cancellable);
      note(desk, asking, { ok: true, proposal, by: requester });
      if (!found.ok) return unopened(found);
      return {
        ...head,
        proposal,
        by: requester,
        setUp: { ...asking.setUp, undoes: { record, seq, hash, question } },
        ...opening(desk, found),
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
