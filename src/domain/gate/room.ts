/** How much of decisions one gate carries: its state crosses continue-as-new, and has to fit into what a workflow may carry. */
import { canonical } from '../digest';
import { utf8Length } from '../json';
import { VERDICTS } from '../verdicts';
import type { Decision } from './decision';

/** Bytes of a receipt, a signature, and when and where a decision was taken. */
const AROUND = 350;

/** Bytes of decisions: any single one fits. What cannot end the gate gets less, so that it can always be ended. */
const MOST = { lasting: 272 * 1024, ending: 448 * 1024 } as const;

/** Bytes that a decision adds to the state: itself, and what its receipt and its signature say of it. */
export function weightOf(decision: Decision): number {
  const { id, reviewer, to = '' } = decision;
  return utf8Length(canonical(decision)) + 2 * (id.length + reviewer.length + to.length) + AROUND;
}

/** Bytes of decisions that the gate may have with this one. */
export function roomFor({ verdict }: Pick<Decision, 'verdict'>): number {
  return VERDICTS[verdict].ends ? MOST.ending : MOST.lasting;
}
