/**
 * A plan: steps that are proposed, reviewed, executed and recorded one after the other. Pure: `nextOf` says what is to be done, and
 * `ended` and `undone` take in how it ended. The workflow in between only does it.
 */
import { defined } from './defined';
import type { Admitted, Escalation, Outcome, Undone } from './gate';
import { utf8Length, type Json } from './json';
import { cut } from './cut';
import { canonical } from './digest';
import type { PlanStart, PlanStep } from './plan-start';
import type { PlanView } from './plan-view';
import type { Policy } from './policy';
import { visibleLine } from './visible';

/** How one step ended, as its workflow answers and as the plan's result tells. */
export interface StepEnd {
  readonly name: string;
  readonly workflowId: string;
  readonly outcome: Outcome;
  readonly result?: Json;
  readonly digest?: string;
  readonly reason?: string;
  /** How taking it back ended. */
  readonly undo?: { readonly outcome: Outcome; readonly reason?: string; readonly workflowId: string };
}

/** A step as the plan keeps it: with what its undo needs. */
export interface StepDone {
  readonly end: StepEnd;
  /** Its approval, in its own record. */
  readonly approval?: StepApproval;
}

export interface StepApproval extends Undone {
  /** That it was given under. */
  readonly policy: Policy;
}

/** Plain JSON, since it crosses continue-as-new. The steps themselves are in the argument. */
export interface Plan {
  readonly done: readonly StepDone[];
  readonly decisions: readonly Admitted[];
  readonly escalations: readonly Escalation[];
  /** The workflow was cancelled: nothing further is begun. */
  readonly cancelled?: true;
}

export type Next =
  | { readonly do: 'step'; readonly index: number; readonly step: PlanStep }
  | { readonly do: 'undo'; readonly index: number; readonly step: PlanStep; readonly approval: StepApproval }
  | { readonly do: 'end' };

/** Bytes of results, and of decisions, that a plan keeps; the steps' own workflows have all of them. */
const KEPT = {
  results: 256 * 1024,
  reasons: 64 * 1024,
  decisions: 256 * 1024,
  escalations: 64 * 1024,
} as const;

/** Characters that are left of a reason. */
const SHORT = 200;

export const NEW_PLAN: Plan = { done: [], decisions: [], escalations: [] };

/** What was said in a step's workflow. */
export type Said = Pick<Plan, 'decisions' | 'escalations'>;

/** What comes next: the first step that is not over, the last effect that is to be taken back, or the end. */
export function nextOf(start: PlanStart, plan: Plan): Next {
  const index = plan.done.length;
  const step = start.steps[index];
  if (stoppedAt(start, plan) === undefined) {
    // Called off after its last step, there is nothing left to call off.
    if (step === undefined) return { do: 'end' };
    if (plan.cancelled !== true) return { do: 'step', index, step };
  }
  return start.onReject === 'undo' ? undoNext(start, plan) : { do: 'end' };
}

/** Last first, and no further than an undo that did not come off: what was done before stands on what is still there. */
function undoNext({ steps }: PlanStart, { done }: Plan): Next {
  for (let index = done.length - 1; index >= 0; index -= 1) {
    const [one, step] = [done[index], steps[index]];
    if (one === undefined || step?.undo === undefined || one.end.outcome !== 'executed') continue;
    if (one.end.undo !== undefined && !passed(one.end.undo.outcome)) return { do: 'end' };
    if (one.end.undo !== undefined || one.approval === undefined) continue;
    return { do: 'undo', index, step, approval: one.approval };
  }
  return { do: 'end' };
}

/** An answer in a step's place lets the plan go on: somebody has seen to it. */
const GOES_ON: readonly Outcome[] = ['executed', 'approved', 'answered'];

function passed(outcome: Outcome): boolean {
  return GOES_ON.includes(outcome);
}

/** The step that the plan did not get past. A rejection is skipped where the plan says so; silence and failure never are. */
function stoppedAt({ onReject }: PlanStart, { done }: Plan): StepEnd | undefined {
  return done
    .map(({ end }) => end)
    .find(({ outcome }) => !passed(outcome) && !(outcome === 'rejected' && onReject === 'skip'));
}

/** A step is over. */
export function ended(plan: Plan, end: StepEnd, said: Said, approval: StepApproval | undefined): Plan {
  const done = [...plan.done, { end, ...defined({ approval }) }];
  return { ...plan, done: lightened(done), ...withSaid(plan, said) };
}

/** A step was taken back, or could not be. */
export function undone(plan: Plan, index: number, undo: NonNullable<StepEnd['undo']>, said: Said): Plan {
  const done = plan.done.map((one, at) => (at === index ? { ...one, end: { ...one.end, undo } } : one));
  return { ...plan, done: lightened(done), ...withSaid(plan, said) };
}

/** The results of the earliest steps are let go of first, and their reasons are cut: later steps are proposed with what came last. */
function lightened(done: readonly StepDone[]): StepDone[] {
  const room: Record<'results' | 'reasons', number> = { ...KEPT };
  const kept = (text: string | undefined) => {
    if (text === undefined) return undefined;
    room.reasons -= utf8Length(text);
    return room.reasons >= 0 ? text : cut(text, SHORT);
  };
  return [...done]
    .reverse()
    .map((one) => {
      const { result, reason, undo, ...end } = one.end;
      room.results -= result === undefined ? 0 : utf8Length(canonical(result));
      const light = {
        ...end,
        ...defined({
          result: room.results < 0 ? undefined : result,
          reason: kept(reason),
          undo: undo && { ...undo, ...defined({ reason: kept(undo.reason) }) },
        }),
      };
      return { ...one, end: light };
    })
    .reverse();
}

function withSaid(plan: Plan, said: Said): Said {
  return {
    decisions: fitting([...plan.decisions, ...said.decisions], KEPT.decisions),
    escalations: fitting([...plan.escalations, ...said.escalations], KEPT.escalations),
  };
}

/** The first ones, as far as they fit: the steps' own workflows have all of them. */
function fitting<T>(all: readonly T[], bytes: number): T[] {
  let room = bytes;
  return all.filter((one) => (room -= utf8Length(canonical(one))) >= 0);
}

export interface Tally {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly steps: readonly StepEnd[];
  /** Of each step that was asked: whether it was approved. */
  readonly approvals: readonly boolean[];
  /** The last step was reached and passed, or skipped. */
  readonly completed: boolean;
}

/** How the whole plan ended. */
export function tally(start: PlanStart, plan: Plan): Tally {
  const steps = plan.done.map(({ end }) => end);
  const stopped = stoppedAt(start, plan);
  const completed = stopped === undefined && steps.length === start.steps.length;
  const why = [
    ...(stopped === undefined
      ? []
      : [`the step ${stopped.name} ended ${stopped.outcome}${because(stopped.reason)}`]),
    ...(stopped === undefined && plan.cancelled === true && !completed ? ['the workflow was cancelled'] : []),
    ...(completed ? [] : takenBack(start, plan)),
  ];
  return {
    outcome: completed ? best(steps) : (stopped?.outcome ?? 'cancelled'),
    ...(why.length === 0 ? {} : { reason: cut(why.join('; '), 4_000) }),
    steps,
    approvals: steps.map(({ outcome }) => outcome === 'executed' || outcome === 'approved'),
    completed,
  };
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${cut(reason, 1_000)})`;
}

function takenBack({ onReject }: PlanStart, { done }: Plan): string[] {
  const effects = done.map(({ end }) => end).filter(({ outcome }) => outcome === 'executed');
  if (onReject !== 'undo') return [];
  const names = (ends: readonly StepEnd[]) => ends.map(({ name }) => name).join(', ');
  const back = effects.filter(({ undo }) => undo !== undefined && passed(undo.outcome)).reverse();
  const lost = effects.find(({ undo }) => undo !== undefined && !passed(undo.outcome));
  const left = effects.filter((one) => !back.includes(one) && one !== lost);
  return [
    ...(back.length === 0 ? [] : [`taken back: ${names(back)}`]),
    ...(lost === undefined
      ? []
      : [`taking ${lost.name} back ended ${lost.undo?.outcome ?? ''}${because(lost.undo?.reason)}`]),
    ...(left.length === 0 ? [] : [`still in place: ${names(left)}`]),
  ];
}

/** Of a plan that was completed: something was executed, or approved, or at least answered. */
function best(steps: readonly StepEnd[]): Outcome {
  const order: readonly Outcome[] = ['executed', 'approved', 'answered'];
  return order.find((outcome) => steps.some((one) => one.outcome === outcome)) ?? 'rejected';
}

/** What people see of it. */
export function viewOf({ steps, onReject }: PlanStart, { done }: Plan): PlanView {
  return {
    onReject,
    at: done.length,
    steps: steps.map((step, index) => {
      const end = done[index]?.end;
      return {
        name: step.name,
        about: aboutOf(step),
        ...defined({
          outcome: end?.outcome,
          reason: end?.reason && cut(end.reason, SHORT),
          undo: end?.undo?.outcome,
        }),
      };
    }),
  };
}

function aboutOf({ name, task, proposal }: PlanStep): string {
  return cut(visibleLine(proposal?.title ?? task?.trim().split('\n')[0] ?? name), 120);
}
