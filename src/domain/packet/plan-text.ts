/** A plan as people read it: where it stands, how the taken steps ended, what is left; as a block, and as the lines of a plain text. */
import type { Packet } from '../packet';
import { commandOn } from '../paste';
import { undoGate } from '../plan-names';
import type { StepView } from '../plan-view';
import type { PlanBlock, StepRow } from './blocks';
import { command, id, line, plainText, sentence, wordsFor, type Sentence } from './sentence';

/** So much of a packet as tells where a plan stands. */
export type PlanAt = Pick<Packet, 'plan' | 'gate' | 'status' | 'outcome' | 'root' | 'workflowId'>;

/** The plan's own workflow, rather than one of its steps. */
export function isPlan({ plan, root, workflowId }: PlanAt): boolean {
  return plan !== undefined && root?.workflowId === workflowId;
}

export function planBlock(packet: PlanAt): PlanBlock | undefined {
  const { plan } = packet;
  if (plan === undefined) return undefined;
  const { here, takingBack } = placeOf(packet);
  const standing = standingOf(packet);
  return {
    kind: 'plan',
    heading: 'The plan',
    stands: planStands(packet),
    at: Math.min(here ?? plan.at, plan.steps.length - 1),
    steps: plan.steps.map((step, index): StepRow => ({
      name: id(step.name),
      about: aboutOf(step),
      stands: standing(step, index),
      briefly: briefly(step),
      ...(index === here ? { mark: takingBack ? 'back' : 'here' } : {}),
    })),
    all: command(commandOn('steps', (packet.root ?? packet).workflowId)),
  };
}

export interface PlanLines {
  readonly heading: string;
  /** Text as it may be shown, one step a line. */
  readonly lines: readonly string[];
  /** Steps that are not among them. */
  readonly leftOut: number;
  /** What says so, where there are some. */
  readonly more?: Sentence;
}

const MARKS = { here: '> ', back: '< ' } as const;

/** @param around steps that are shown before and after the one under way; all of them where it is left out */
export function planLines({ stands, at, steps, all }: PlanBlock, around = Infinity): PlanLines {
  const total = steps.length;
  // A gap of one is no gap: the line that tells of it would be as long as the step.
  const from = at - around <= 1 ? 0 : at - around;
  const to = at + around >= total - 2 ? total : at + around + 1;
  const leftOut = total - (to - from);
  return {
    heading: plainText(stands),
    lines: [
      ...(from > 0 ? [`  … ${counted(steps.slice(0, from), 1)}`] : []),
      ...steps.slice(from, to).map(({ name, about, stands: how, mark }, index) => {
        const what = plainText(about) === plainText([name]) ? [] : sentence` (${about})`;
        const before = `${mark === undefined ? '  ' : MARKS[mark]}${String(from + index + 1)}. `;
        return before + plainText(sentence`${name}${what}: ${how}`);
      }),
      ...(to < total ? [`  … ${counted(steps.slice(to), to + 1)}`] : []),
    ],
    leftOut,
    ...(leftOut === 0 ? {} : { more: sentence`${leftOut} steps are left out here; ${all} lists all` }),
  };
}

function counted(steps: readonly StepRow[], from: number): string {
  const counts = new Map<string, number>();
  for (const { briefly: how } of steps) {
    const said = plainText(how);
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  const each = [...counts].map(([how, count]) => `${String(count)} ${how}`).join(', ');
  return `steps ${String(from)} to ${String(from + steps.length - 1)}: ${each}`;
}

/** Where it stands and what a rejection means, as plain text. */
export function planHeading(packet: PlanAt): string {
  return plainText(planStands(packet));
}

function planStands(packet: PlanAt): Sentence {
  const before: Sentence =
    !isPlan(packet) && packet.status === 'closed' ? [', as it stood when this one was asked'] : [];
  return sentence`${progress(packet)}${before}; ${wordsFor(REJECTED, packet.plan?.onReject ?? 'stop')}`;
}

const REJECTED = {
  stop: 'a rejected step ends it',
  skip: 'a rejected step is left out',
  undo: 'a rejected step has what was done taken back',
} as const;

/** Index of the step that the packet is about; undefined once the plan is over. */
function placeOf(packet: PlanAt): { readonly here: number | undefined; readonly takingBack: boolean } {
  const { plan, gate, status } = packet;
  const back = plan?.steps.findIndex(({ name }) => undoGate(name) === gate) ?? -1;
  const here = back >= 0 ? back : (plan?.steps.findIndex(({ name }) => name === gate) ?? -1);
  const over = here < 0 || (isPlan(packet) && status === 'closed');
  return { here: over ? undefined : here, takingBack: back >= 0 };
}

function progress(packet: PlanAt): Sentence {
  const { plan, status, outcome } = packet;
  const total = plan?.steps.length ?? 0;
  const { here, takingBack } = placeOf(packet);
  if (here === undefined)
    return sentence`${plan?.at ?? 0} of ${total} steps were asked, outcome ${id(outcome ?? status)}`;
  const step = sentence`step ${here + 1} of ${total}`;
  return takingBack ? sentence`taking back ${id(plan?.steps[here]?.name ?? '')}, ${step}` : step;
}

/** How a step stands, in words. */
function standingOf(packet: PlanAt): (step: StepView, index: number) => Sentence {
  const { here, takingBack } = placeOf(packet);
  const back: Sentence = [isPlan(packet) ? 'being taken back' : 'this takes it back'];
  const own =
    packet.status === 'closed' ? sentence`this one, ${id(packet.outcome ?? '')}` : (['this one'] as const);
  const now = takingBack ? back : isPlan(packet) ? ['under way'] : own;
  const later = [here === undefined || takingBack ? 'not begun' : 'to come'];
  return (step, index) => {
    if (index === here) return step.outcome === undefined ? now : sentence`${ended(step)}; ${now}`;
    return step.outcome === undefined ? later : ended(step);
  };
}

/** How a step ended, and what became of taking it back. */
function ended({ outcome = '', reason, undo }: StepView): Sentence {
  if (reason === undefined && undo === undefined) return [id(outcome)];
  const why = reason === undefined ? [] : sentence`, ${line(reason)}`;
  const back = undo === undefined ? [] : sentence`; ${takenBack(undo)}`;
  return sentence`${id(outcome)}${why}${back}`;
}

const TAKEN = ['executed', 'approved', 'answered'];

function takenBack(undo: string): Sentence {
  return TAKEN.includes(undo) ? ['taken back'] : sentence`taking it back ended ${id(undo)}`;
}

function briefly({ outcome, undo }: StepView): Sentence {
  if (undo !== undefined) return takenBack(undo);
  return outcome === undefined ? ['to come'] : [id(outcome)];
}

/** The plan has made it visible already; whoever else says it has not. A code of the sanitiser stays one. */
function aboutOf({ about }: StepView): Sentence {
  if (!about.includes('‹')) return [line(about)];
  return about
    .split(/(‹U\+[0-9A-F]{4,6}›)/)
    .flatMap((part, index): Sentence => (index % 2 === 1 ? [part] : part === '' ? [] : [line(part)]));
}
