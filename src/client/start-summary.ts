/** Before a workflow of Countersign's own is started: its argument is checked, and told in a line for the Web UI. */
import { parseEscalation } from '../domain/escalation-start';
import { parseCollectFeedback } from '../domain/feedback';
import { parseReconcile } from '../domain/reconcile';
import { parsePlan } from '../domain/plan-start';
import { parseConfirm, parseGenerate, parseStart, type Parsed, type ParsedStart } from '../domain/start';
import type { InnerType, StartableType } from '../domain/workflow-types';
import { CountersignError } from './errors';

const SUMMARIES: Readonly<Record<StartableType, (argument: unknown) => string>> = {
  proposeAndExecute: (argument) => summaryOf(parseStart(argument)),
  generateAndReview: (argument) => summaryOf(parseGenerate(argument)),
  multiStepApproval: (argument) => {
    const { steps } = fitting(parsePlan(argument));
    return `${String(steps.length)} steps: ${steps.map(({ name }) => name).join(', ')}`;
  },
  escalation: (argument) => fitting(parseEscalation(argument)).task.split('\n')[0] ?? '',
  confirm: (argument) => summaryOf(parseConfirm(argument)),
  reconcile: (argument) =>
    `compare closed workflows with the store, since ${fitting(parseReconcile(argument)).since ?? 'the run before'}`,
  collectFeedback: (argument) => {
    const { runId, keys } = fitting(parseCollectFeedback(argument));
    return `feedback on ${runId}${keys === undefined ? '' : `: ${keys.join(', ')}`}`;
  },
};

/** Ours as well, but only others of ours start them; and what is to be started instead. */
const INNER: Readonly<Record<InnerType, string>> = {
  reviewLevel:
    'a level is asked by the gate that owns it; start proposeAndExecute with a policy that has the level',
  reviewStep: 'a step is asked by the plan that it is of; start multiStepApproval',
  askAgent: 'an agent level is asked by the ladder that it is of; start escalation',
};

/** What it is about; undefined of a type of somebody's own. @throws CountersignError INVALID_INPUT naming each key */
export function checkedSummary(type: string, argument: unknown): string | undefined {
  if (isKeyOf(INNER, type)) throw new CountersignError('INVALID_INPUT', INNER[type]);
  return isKeyOf(SUMMARIES, type) ? SUMMARIES[type](argument) : undefined;
}

function isKeyOf<T extends object>(table: T, name: PropertyKey): name is keyof T {
  return Object.hasOwn(table, name);
}

function fitting<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.start;
  throw new CountersignError('INVALID_INPUT', parsed.problem);
}

function summaryOf(parsed: ParsedStart): string {
  const { task, proposal } = fitting(parsed);
  return proposal?.title ?? task.split('\n')[0] ?? '';
}
