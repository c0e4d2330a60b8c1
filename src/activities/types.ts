/** What the workflow may ask of the world: the type that workflow code imports, and nothing of its making. */
import type { AuditEntry, Chain } from '../domain/audit';
import type { Root } from '../domain/digest';
import type { Assessment } from '../domain/gate';
import type { Generation } from '../domain/generation';
import type { Json, JsonObject } from '../domain/json';
import type { Policy } from '../domain/policy';
import type { Proposal } from '../domain/proposal';
import type { Earlier } from '../providers/llm/agent';

/** The agent's answer: a proposal, or why there is none; with what it took a model to find it. */
export type Proposed = { readonly by: string; readonly generation?: Generation } & (
  | { readonly ok: true; readonly proposal: Proposal }
  | { readonly ok: false; readonly code: string; readonly message: string }
);

export type Assessed =
  | { readonly ok: true; readonly assessment: Assessment; readonly policy: Policy }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** One approved revision, with the audit entry that says so. */
export interface Execution {
  readonly root: Root;
  readonly gate: string;
  readonly revision: number;
  readonly digest: string;
  readonly action: string;
  readonly args: JsonObject;
  readonly key: string;
  /** The `approved` entry, which must be in the store before anything executes. */
  readonly evidence: { readonly seq: number; readonly hash: string };
}

export interface Activities {
  /** Asks the agent; `earlier`: what people sent back, and with which comment, oldest first. */
  propose(request: {
    readonly task: string;
    readonly level: string;
    readonly earlier?: readonly Earlier[];
  }): Promise<Proposed>;
  /** Looks the action up, parses its args, previews it, and picks the policy. Leaves no trace. */
  assess(request: {
    readonly action: string;
    readonly args: JsonObject;
    readonly policy?: Policy;
  }): Promise<Assessed>;
  /** Stores audit entries, durably, before it resolves. */
  record(request: { readonly root: Root; readonly entries: readonly AuditEntry[] }): Promise<void>;
  /** Runs the approved action under its key, after it has checked the digest and the evidence again. */
  execute(execution: Execution): Promise<Json>;
  /**
   * `record`, then `execute`, then `record` of what the workflow will note of it, in one: for short effects. Nothing executes
   * where the store does not take the entries. Answers the hashes of the entries that the store has.
   */
  recordAndExecute(request: {
    readonly chain: Chain;
    readonly execution: Execution;
    /** ISO 8601 UTC: the workflow's time, which stands still meanwhile. */
    readonly at: string;
  }): Promise<{ readonly result: Json; readonly stored: readonly string[] }>;
  /**
   * When the server received the signals `decide` of these ids: the earliest event of each, ISO 8601 UTC, from this
   * workflow's own history. An id that is not there is left out.
   */
  receiveTimes(request: {
    readonly ids: readonly string[];
  }): Promise<readonly { readonly id: string; readonly at: string }[]>;
}
