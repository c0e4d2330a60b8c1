/**
 * Where a gate stands while it is played: beside the gate and that of a level, a story of what was admitted, which is all that an
 * approval is measured by.
 */
import type { Decision } from '../../src/domain/gate/decision';
import type { Gate, Reassessed } from '../../src/domain/gate';
import { levelAt } from '../../src/domain/policy';
import type { Asking, Heard } from './authority';
import { consented, frozen, must, same, steady } from './fuzz-holds';
import { assessedAs, otherPolicy, type Dice } from './fuzz-scenes';
import type { Act } from './model';

export interface Scene {
  readonly dice: Dice;
  note(what: string): void;
  /** Decisions of great length, to fill the gate. */
  readonly big?: boolean;
  /** Each step is taken once more by the gate as continue-as-new would carry it. */
  readonly twice?: boolean;
  readonly witness?: Witness;
}

/** Told of all that happens, in words of its own, and shown the gate after each step. */
export interface Witness {
  begins(root: Gate): void;
  did(act: Act): void;
  /** Before it has its effect; `code` where it was refused. */
  said(sent: Extract<Act, { did: 'said' }>, code: string | undefined): void;
  shown(asked: Gate, root: Gate): void;
}

export type Where = 'root' | 'child';

export interface Stage extends Scene {
  root: Gate;
  /** The gate of the level that is asked in a child workflow. */
  child?: Gate | undefined;
  now: number;
  nth: number;
  /** At the gate that takes decisions. */
  sent: Decision[];
  readonly askings: Asking[];
  /** Admitted, as the root knows it; and at the level that is open, whose end has yet to tell of it. */
  readonly heard: Heard[];
  above: Heard[];
  /** Levels asked in child workflows so far. */
  levels: number;
}

export function noteAsking({ root, askings }: Stage, edit?: Heard): void {
  if (askings.length === root.revision) return;
  const { policy, rung, by, phrase } = root;
  const level = levelAt(policy, rung).name;
  askings.push({ policy, level, by, phrase, ...(edit === undefined ? {} : { edit }) });
}

/** What the registry and the rules say of an edit; now and then that it meets another policy. */
export function foundOf(dice: Dice, { policy, reviewers }: Gate, { args = {} }: Decision): Reassessed {
  return {
    assessment: assessedAs(args),
    policy: dice(3) === 0 ? otherPolicy(dice, policy, reviewers) : policy,
  };
}

export function assesses(
  { witness }: Stage,
  { policy, assessment: { args, phrase } }: Reassessed,
  now: number,
): void {
  witness?.did({ did: 'assessed', now, question: { policy, args, phrase } });
}

/** The next state of the root, or of the level that is open. */
export function move<G extends Gate>(stage: Stage, before: G, act: (gate: G) => Gate, edit?: Heard): void {
  const next = frozen(act(before));
  if (stage.twice === true) same(before, next, act);
  if (before.place === 'level') {
    stage.child = next;
    return;
  }
  stage.root = next;
  steady(before, next);
  noteAsking(stage, edit?.decision.verdict === 'edit' ? edit : undefined);
  const { decisions } = next;
  must(decisions.length === stage.heard.length, 'the gate does not tell what was heard');
  must(decisions.at(-1)?.id === stage.heard.at(-1)?.decision.id, 'the gate tells it in another order');
  if (next.status === 'approved' && before.status !== 'executing' && before.status !== 'approved')
    consented(next, { ...stage, before });
}
