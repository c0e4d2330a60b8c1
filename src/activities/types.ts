/** What the workflow may ask of the world: the type that workflow code imports, and nothing of its making. */
import type { AuditEntry, Chain, Fact } from '../domain/audit';
import type { Evidence } from '../domain/approval';
import type { Decision } from '../domain/decision';
import type { Root, Undo } from '../domain/digest';
import type { Feedback, Taken } from '../domain/feedback';
import type { Assessment } from '../domain/gate';
import type { Generation } from '../domain/generation';
import type { Json, JsonObject } from '../domain/json';
import type { Limits, Share } from '../domain/limits';
import type { Notice } from '../domain/notice';
import type { AuditHead } from '../domain/packet';
import type { Policy } from '../domain/policy';
import type { Proposal } from '../domain/proposal';
import type { Directory } from '../domain/reviewers';
import type { Confirming } from '../domain/start';
import type { Task } from '../providers/llm/agent';

/** The agent's answer: a proposal, or why there is none; with what it took a model to find it. */
export type Proposed = { readonly by: string; readonly generation?: Generation } & (
  | { readonly ok: true; readonly proposal: Proposal }
  | { readonly ok: false; readonly code: string; readonly message: string }
);

export type Assessed =
  | {
      readonly ok: true;
      readonly assessment: Assessment;
      readonly policy: Policy;
      /** Who people are, for the gate to record at its opening. */
      readonly reviewers?: Directory;
      /** The worker has channels to tell people by. */
      readonly channels?: true;
      /** The rule that picked the policy. */
      readonly rule?: string;
      /** A file of rules says who is asked. */
      readonly ruled?: true;
      /** How many gates may be open at once. */
      readonly limits?: Limits;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** `why` it has to wait, in words. */
export type Place = { readonly free: true } | { readonly free: false; readonly why: string };

/** One approved revision, with the audit entry that says so. */
export interface Execution {
  readonly root: Root;
  /** Whose chain the evidence stands in, where that is not the root's: a step's own workflow. */
  readonly record?: Root;
  readonly gate: string;
  readonly revision: number;
  readonly digest: string;
  readonly action: string;
  readonly args: JsonObject;
  /** What takes it back, which is hashed with it. */
  readonly undo?: Undo;
  readonly key: string;
  /** The `approved` entry, which must be in the store before anything executes. */
  readonly evidence: { readonly seq: number; readonly hash: string };
  /** What stands behind the approval; its hash is in that entry. */
  readonly approval: Evidence;
  /** The agent's own claims, which rules may look at. */
  readonly claims: { readonly confidence: number; readonly sensitive: boolean };
}

export interface Activities {
  /** Asks the agent of that level; `earlier`: what people sent back, and with which comment, oldest first. */
  propose(request: Task): Promise<Proposed>;
  /** Looks the action up, parses its args, previews it, and picks the policy by the rules. Leaves no trace. */
  assess(request: {
    readonly action: string;
    readonly args: JsonObject;
    readonly confidence: number;
    readonly sensitive: boolean;
    readonly requester: string;
    /** Who proposed it. */
    readonly by: string;
    /** The caller's own, or the name of one. */
    readonly policy?: Policy | string | undefined;
    /** Where neither the caller nor a file of rules says who is asked. @default the default policy */
    readonly otherwise?: Policy | undefined;
    readonly confirmation?: Confirming | undefined;
    /** The gate that is to be opened, under its root. Left out where it is open already. */
    readonly opens?: { readonly root: Root; readonly gate: string };
  }): Promise<Assessed>;
  /**
   * Whether the run that asks goes on with one of ours, by the server's word on it and on each run before. `gone`: one that the
   * server has no more and the record does not know as checked; and where the record ends, which goes on all the same.
   */
  continued(): Promise<{ readonly gone?: { readonly runId: string } & AuditHead }>;
  /**
   * Whether the gate of the workflow that asks, which is in the queue already, may open by the limits of these. `wait`: tried again
   * until it may, instead of an answer why not.
   */
  place(request: { readonly shares: readonly Share[]; readonly wait: boolean }): Promise<Place>;
  /** Whether each decision's signature is its reviewer's, over that decision there. */
  verify(request: {
    readonly where: Root & { readonly gate: string; readonly level: string };
    readonly reviewers: Directory;
    readonly decisions: readonly Decision[];
  }): Promise<readonly boolean[]>;
  /** Tells every channel. Tried again where one is away. */
  notify(notice: Notice): Promise<void>;
  /**
   * Stores feedback, durably; what is there is left as it is. `onward`: this worker has somewhere else to send it.
   * `judged`: what it is about, the first time.
   */
  keepFeedback(request: {
    readonly runId: string;
    readonly taken: readonly Taken[];
    readonly judged?: { readonly output: Json };
  }): Promise<{ readonly onward: boolean }>;
  /** Sends one feedback on. A repeat leaves it there once. */
  sendFeedback(request: { readonly runId: string; readonly feedback: Feedback }): Promise<void>;
  /**
   * Stores audit entries, durably, before it resolves. `permit`: an approval that another worker will execute is gone through
   * as `execute` would, once its entries are stored. `after`: an entry that has to be in the store; where it is not, nothing is
   * stored, and the answer is `missing`.
   */
  record(request: {
    readonly root: Root;
    readonly entries: readonly AuditEntry[];
    readonly after?: { readonly seq: number; readonly hash: string } | undefined;
    readonly permit?: Execution | undefined;
  }): Promise<{ readonly missing: true } | undefined>;
  /** One page of closed workflows beside the store; `facts` are what differs. Reads alone. */
  reconcile(request: {
    /** ISO 8601 UTC: closed from then, until then. */
    readonly since: string;
    readonly until: string;
    /** Where the page before ended. */
    readonly page?: string;
  }): Promise<{ readonly checked: number; readonly facts: readonly Fact[]; readonly page?: string }>;
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
   * When the server received these signals `decide`: the earliest event of each, ISO 8601 UTC, from this workflow's own history.
   * One that is not there is left out. `content`: SHA-256 of the canonical decision, so that another one under the same id,
   * sent earlier, lends it no time.
   */
  receiveTimes(request: {
    readonly sent: readonly { readonly id: string; readonly content: string }[];
  }): Promise<readonly { readonly id: string; readonly at: string }[]>;
}
