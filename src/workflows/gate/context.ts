/** What a gate is asked under, and what of a workflow's state crosses continue-as-new and reaches a level's child. Plain JSON. */
import type { Gate, Instant } from '../../domain/gate';
import type { Limits } from '../../domain/gate/open-limits';
import type { Policy } from '../../domain/policy';
import type { Start } from '../../domain/start';
import type { LedgerState } from '../record/ledger';

/** What the caller and the worker say of a gate beside its proposal: it is assessed under that, revision after revision. */
export interface GateContext {
  readonly policy?: Policy | string | undefined;
  readonly confirmation?: Start['confirmation'];
  /** Where neither the caller nor a file of rules says who is asked. */
  readonly otherwise?: Policy | undefined;
  /** The worker has channels: people are told. */
  readonly channels?: true;
  /** Edits and rejections of before that the agent was shown, when it proposed last. */
  readonly lessons?: number;
  /** The worker has a file of rules that says who is asked. */
  readonly ruled?: true;
  /** How many gates may be open at once, by the worker's rules. */
  readonly limits?: Limits;
}

/** What one run hands to the next, and no more. */
export interface Carried {
  readonly gate: Gate;
  readonly ledger: LedgerState;
  readonly setting: GateContext;
  /** When people were first asked: how long they took is measured over all runs. */
  readonly openedAt?: Instant;
}
