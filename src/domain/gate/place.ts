/**
 * Where a gate stands: in the workflow that asks the question, or in the child workflow of one level. What differs between the two starts
 * here, so that no other file compares `place`.
 */
import type { GateBase, LevelBase, SetUp } from './state';
import type { Root } from '../digest';

interface Standing {
  readonly root: Root;
  readonly setUp?: SetUp;
}

/** Whether it is the gate of one level, whose owner acts on what it comes to. */
export function isLevelGate<G extends GateBase>(gate: G): gate is Extract<G, LevelBase> {
  return gate.place === 'level';
}

/** The workflow that the gate lives in, and that asks its levels. */
export function homeOf({ root, setUp }: Standing): string {
  return setUp?.home ?? root.workflowId;
}

/** The workflow id of a level's child. */
export function childOf(gate: Standing, level: string): string {
  return `${homeOf(gate)}/${level}`;
}

/** The workflow that takes decisions on this gate. @param level the one that is asked */
export function deciderOf(gate: GateBase, level: string): string {
  return isLevelGate(gate) ? childOf(gate, level) : homeOf(gate);
}
