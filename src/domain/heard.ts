/** What people have said of a question, over every branch of its record and every run of its workflow, in the order of receipt. */
import { canonical } from './digest';
import type { Decision } from './gate/decision';
import type { Instant } from './gate/state';

/** A decision as the store or a history holds it, with when it was received. */
export interface Heard {
  readonly decision: Decision;
  /** The level that it was taken at; of a signal that no entry tells of: unknown. */
  readonly level?: string | undefined;
  readonly at: Instant;
}

/** With its place in the order of receipt: several decisions may come within one millisecond. */
export type Ranked = Heard & { readonly rank: number };

/** By time; what came at the same moment stays in the order in which it is given, as the record has it. */
export function ranked(heard: readonly Heard[]): Ranked[] {
  return [...heard].sort((one, other) => one.at - other.at).map((one, rank) => ({ ...one, rank }));
}

/** The first that is this decision, whole as it was sent; undefined where nothing tells of it. */
export function firstHeard<One extends Heard>(heard: readonly One[], decision: Decision): One | undefined {
  const text = canonical(decision);
  return heard.find((one) => one.decision.id === decision.id && canonical(one.decision) === text);
}

/** The words of a decision, whatever proves who said them: a proof can be left out, or made again, and they are the same words. */
export function wordsOf({ signature: _s, vouch: _v, ...words }: Decision): string {
  return canonical(words);
}

/** The rank at which the words of a decision were first received: sent again, with another proof, they are no newer. */
export function firstRank(heard: readonly Ranked[], decision: Decision): number | undefined {
  const words = wordsOf(decision);
  return heard.find((one) => one.decision.id === decision.id && wordsOf(one.decision) === words)?.rank;
}
