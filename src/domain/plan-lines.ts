/** A plan as lines that people read, at a terminal as in the Web UI: where it stands, how the taken steps ended, what is left. */
import type { Packet } from './packet';
import { undoGate } from './plan-names';
import type { StepView } from './plan-view';
import { visibleId, visibleLine } from './visible';

export interface PlanLines {
  readonly heading: string;
  /** Text as it may be shown, one step a line. */
  readonly lines: readonly string[];
  /** Steps that are not among them, which the lines say. */
  readonly leftOut: number;
}

/** So much of a packet as tells where a plan stands. */
export type PlanAt = Pick<Packet, 'plan' | 'gate' | 'status' | 'outcome' | 'root' | 'workflowId'>;

/** The plan's own workflow, rather than one of its steps. */
export function isPlan({ plan, root, workflowId }: PlanAt): boolean {
  return plan !== undefined && root?.workflowId === workflowId;
}

/** @param around steps that are shown before and after the one under way; all of them where it is left out */
export function planLines(packet: PlanAt, around = Infinity): PlanLines | undefined {
  const { plan } = packet;
  if (plan === undefined) return undefined;
  const { steps } = plan;
  const { here, takingBack } = placeOf(packet);
  const total = steps.length;
  const centre = Math.min(here ?? plan.at, total - 1);
  // A gap of one is no gap: the line that tells of it would be as long as the step.
  const from = centre - around <= 1 ? 0 : centre - around;
  const to = centre + around >= total - 2 ? total : centre + around + 1;
  const stands = standTeller(packet);
  return {
    heading: planHeading(packet),
    lines: [
      ...(from > 0 ? [`  … ${counted(steps.slice(0, from), 1)}`] : []),
      ...steps.slice(from, to).map((step, index) => {
        const at = from + index;
        const mark = at === here ? (takingBack ? '< ' : '> ') : '  ';
        const what = step.about === step.name ? '' : ` (${aboutOf(step)})`;
        return `${mark}${String(at + 1)}. ${visibleId(step.name)}${what}: ${stands(step, at)}`;
      }),
      ...(to < total ? [`  … ${counted(steps.slice(to), to + 1)}`] : []),
    ],
    leftOut: total - (to - from),
  };
}

/** Where it stands, and what a rejection means. */
export function planHeading(packet: PlanAt): string {
  const then = !isPlan(packet) && packet.status === 'closed' ? ', as it stood when this one was asked' : '';
  return `${standing(packet)}${then}; ${REJECTED[packet.plan?.onReject ?? 'stop']}`;
}

const REJECTED = {
  stop: 'a rejected step ends it',
  skip: 'a rejected step is left out',
  undo: 'a rejected step has what was done taken back',
} as const;

/** Index of the step that the packet is about; undefined once the plan is over. */
export function placeOf(packet: PlanAt): { readonly here: number | undefined; readonly takingBack: boolean } {
  const { plan, gate, status } = packet;
  const back = plan?.steps.findIndex(({ name }) => undoGate(name) === gate) ?? -1;
  const here = back >= 0 ? back : (plan?.steps.findIndex(({ name }) => name === gate) ?? -1);
  const over = here < 0 || (isPlan(packet) && status === 'closed');
  return { here: over ? undefined : here, takingBack: back >= 0 };
}

function standing(packet: PlanAt): string {
  const { plan, status, outcome } = packet;
  const total = plan?.steps.length ?? 0;
  const { here, takingBack } = placeOf(packet);
  if (here === undefined)
    return `${String(plan?.at ?? 0)} of ${String(total)} steps were asked, outcome ${visibleId(outcome ?? status)}`;
  const name = visibleId(plan?.steps[here]?.name ?? '');
  return takingBack
    ? `taking back ${name}, step ${String(here + 1)} of ${String(total)}`
    : `step ${String(here + 1)} of ${String(total)}`;
}

/** How a step stands, in words. */
export function standTeller(packet: PlanAt): (step: StepView, index: number) => string {
  const { here, takingBack } = placeOf(packet);
  const back = isPlan(packet) ? 'being taken back' : 'this takes it back';
  const own = packet.status === 'closed' ? `this one, ${visibleId(packet.outcome ?? '')}` : 'this one';
  const now = takingBack ? back : isPlan(packet) ? 'under way' : own;
  const later = here === undefined || takingBack ? 'not begun' : 'to come';
  return (step, index) =>
    [
      ...(step.outcome === undefined ? [] : [ended(step)]),
      ...(index === here ? [now] : step.outcome === undefined ? [later] : []),
    ].join('; ');
}

/** How a step ended, and what became of taking it back. */
function ended({ outcome = '', reason, undo }: Pick<StepView, 'outcome' | 'reason' | 'undo'>): string {
  const why = reason === undefined ? '' : `, ${visibleLine(reason)}`;
  return `${visibleId(outcome)}${why}${undo === undefined ? '' : `; ${takenBack(undo)}`}`;
}

const TAKEN = ['executed', 'approved', 'answered'];

function takenBack(undo: string): string {
  return TAKEN.includes(undo) ? 'taken back' : `taking it back ended ${visibleId(undo)}`;
}

function counted(steps: readonly StepView[], from: number): string {
  const counts = new Map<string, number>();
  for (const { outcome = 'to come', undo } of steps) {
    const how = undo === undefined ? outcome : takenBack(undo);
    counts.set(how, (counts.get(how) ?? 0) + 1);
  }
  const each = [...counts].map(([how, count]) => `${String(count)} ${visibleId(how)}`).join(', ');
  return `steps ${String(from)} to ${String(from + steps.length - 1)}: ${each}`;
}

/** The plan has made it visible already; whoever else says it has not. A code stays one. */
export function aboutOf({ about }: Pick<StepView, 'about'>): string {
  return about
    .split(/(‹U\+[0-9A-F]{4,6}›)/)
    .map((part, index) => (index % 2 === 1 ? part : visibleLine(part)))
    .join('');
}
