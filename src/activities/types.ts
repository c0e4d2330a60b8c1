/** What the workflow may ask of the world: the type that workflow code imports, and nothing of its making. */
import type { AuditEntry, Chain, Fact } from '../domain/audit';
import type { Evidence } from '../domain/gate/evidence';
import type { Decision } from '../domain/gate/decision';
import type { Root, Undo } from '../domain/digest';
import type { EffectOf, Ending, Stopped } from '../domain/ending';
import type { Feedback, Taken } from '../domain/feedback';
import type { Assessment, Runs } from '../domain/gate';
import type { Generation } from '../domain/generation';
import type { Json, JsonObject } from '../domain/json';
import type { Limits, Share } from '../domain/gate/open-limits';
import type { Notice } from '../domain/gate/notice';
import type { AuditHead } from '../domain/packet';
import type { EffectReceipt, Executed, Permit } from '../domain/permit';
import type { Policy } from '../domain/policy';
import type { Proposal } from '../domain/proposal';
import type { Directory } from '../domain/reviewers';
import type { RequesterProof } from '../domain/gate/shown-hash';
import type { Genuine, Where } from '../domain/gate/signature';
import type { Confirming } from '../domain/start';
import type { Task } from '../providers/llm/agent';

/** The agent's answer: a proposal, or why there is none; with what it took a model to find it. */
export type Proposed = {
  readonly by: string;
  readonly generation?: Generation;
  /** For the salts of the record; absent where the caller gave the proposal. */
  readonly seed?: string;
} & (
  | { readonly ok: true; readonly proposal: Proposal }
  | { readonly ok: false; readonly code: string; readonly message: string }
);

export type Assessed = {
  /** For the salts of the record. */
  readonly seed?: string;
} & (
  | {
      readonly ok: true;
      readonly assessment: Assessment;
      readonly policy: Policy;
      /** What signed texts call this installation. */
      readonly deployment: string;
      /** How it is known who has asked. */
      readonly requesterProof: RequesterProof;
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
  | { readonly ok: false; readonly code: string; readonly message: string }
);

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
  /** ISO 8601 UTC: the workflow's time as it asks. */
  readonly at: string;
  /** The `approved` entry, which must be in the store before anything executes. */
  readonly evidence: { readonly seq: number; readonly hash: string };
  /** What stands behind the approval; its hash is in that entry. */
  readonly approval: Evidence;
}

export interface Recording {
  readonly root: Root;
  readonly entries: readonly AuditEntry[];
  /** An entry that has to be in the store; where it is not, nothing is stored, and the answer is `missing`. */
  readonly after?: { readonly seq: number; readonly hash: string } | undefined;
  /** An approval that is gone through as `execute` would, once its entries are stored. */
  readonly judge?: Execution | undefined;
  /** It is another worker's to run: the answer is what is to be called there, and the permit for it. */
  readonly dispatch?: true | undefined;
  /** `execute` itself goes through it, just before its effect: only which histories are gone is asked. */
  readonly executes?: true | undefined;
}

/** What a recorded approval comes to: `dispatch` and `permit` where another worker is to run it. */
export interface Judged extends Partial<Dispatched> {
  /** Runs whose histories the server has no more: what people were sent there was not read. */
  readonly gone?: readonly string[];
}

/** What is called on another task queue: as the executor made it of the args that it verified. */
export interface Dispatched {
  readonly dispatch: Omit<Extract<Runs, { in: 'queue' }>, 'in'>;
  readonly permit: Permit;
}

/** What an effect came to. */
export interface Found {
  readonly how: Ending['how'];
  /** Of a worker whose key counts. */
  readonly receipt?: EffectReceipt;
  /** Where the store has it, and not the answer. */
  readonly result?: Json;
  /** Hashes of the entries that the store has. */
  readonly stored: readonly string[];
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
    /** Whose argument names the requester. @default the workflow that asks */
    readonly root?: Root | undefined;
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
  /** Of each decision, whether its signature is its reviewer's and its vouch its door's, over that decision there. */
  verify(request: {
    readonly where: Where;
    readonly reviewers: Directory;
    readonly decisions: readonly Decision[];
  }): Promise<readonly Genuine[]>;
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
   * Stores entries of the chain of the workflow that asks, durably, before it resolves; then goes through an approval, where one is to be
   * judged. Where an entry that those to be stored follow is not there, nothing is stored, and the answer is `missing`.
   */
  record(request: Recording): Promise<{ readonly missing: true } | Judged | undefined>;
  /** 128 random bits, in hex, for the salts of a record that nothing has given any yet. */
  seed(): Promise<string>;
  /** One page of closed workflows beside the store; `facts` are what differs. Reads alone. */
  reconcile(request: {
    /** ISO 8601 UTC: closed from then, until then. */
    readonly since: string;
    readonly until: string;
    /** Where the page before ended. */
    readonly page?: string;
  }): Promise<{ readonly checked: number; readonly facts: readonly Fact[]; readonly page?: string }>;
  /** Runs the approved action under its key, after it has judged the approval again; or answers what came of it before. */
  execute(execution: Execution): Promise<Executed>;
  /**
   * `record`, then `execute`, then `record` of what the workflow will note of it, in one: for short effects. Nothing executes
   * where the store does not take the entries. Answers the hashes of the entries that the store has.
   */
  recordAndExecute(request: {
    readonly chain: Chain;
    readonly execution: Execution;
    /** ISO 8601 UTC: the workflow's time, which stands still meanwhile. */
    readonly at: string;
  }): Promise<Pick<Executed, 'result' | 'receipt'> & { readonly stored: readonly string[] }>;
  /**
   * Finds out what an effect's activity has come to, whose answer anybody with access to the namespace may have given, and records what the
   * workflow will note of it. `missing`: the store lacks what was stored before.
   */
  recordEffect(request: {
    readonly chain: Chain;
    readonly of: EffectOf;
    /** What the activity answered. */
    readonly answer?: Json | undefined;
    /** It answered nothing: what it comes to, unless the store has a receipt of it. */
    readonly otherwise?: Stopped | undefined;
    /** ISO 8601 UTC: the workflow's time, which stands still meanwhile. */
    readonly at: string;
  }): Promise<{ readonly missing: true } | Found>;
  /**
   * When the server received these signals `decide`: the earliest event of each, ISO 8601 UTC, from this workflow's own history.
   * One that is not there is left out. `content`: SHA-256 of the canonical decision, so that another one under the same id,
   * sent earlier, lends it no time.
   */
  receiveTimes(request: {
    readonly sent: readonly { readonly id: string; readonly content: string }[];
  }): Promise<readonly { readonly id: string; readonly at: string }[]>;
}
