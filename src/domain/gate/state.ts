/** What a gate is: a union in which a field exists only where it means something. Plain JSON, since it crosses continue-as-new. */
import type { Risk } from '../confirmation';
import type { Root, Undo } from '../digest';
import type { Json, JsonObject } from '../json';
import type { AssessmentSeal } from '../permit';
import type { PlanView } from '../plan-view';
import type { PeopleLevel, Policy } from '../policy';
import type { Proposal } from '../proposal';
import type { Answered } from './receipts';
import type { Admitted, Escalation, Failure, LevelOutcome, Outcome, Signature } from './records';
import type { Directory } from '../reviewers';
import type { RequesterProof } from './shown-hash';
import type { Delegation } from '../voices';

export type { Admitted, Escalation, Failure, LevelOutcome, Outcome, Signature } from './records';

/** An instant in milliseconds since 1970, as the workflow's clock tells it. */
export type Instant = number;

/** Where it is asked and for whom; the same for every revision, and part of what is shown. */
export interface Given {
  readonly root: Root;
  /** Countersign as it is set up in one place: what people sign counts there alone. */
  readonly deployment: string;
  readonly gate: string;
  readonly requester: string;
  readonly requesterProof: RequesterProof;
  /** Where the outcome is sent besides. */
  readonly callback?: string | undefined;
}

/** What is asked, once it has been assessed. */
export interface Asked extends Given {
  readonly proposal: Proposal;
  readonly policy: Policy;
  readonly assessment: Assessment;
  /** Who proposed it: an agent's level and name, or the requester. */
  readonly by: string;
  /** The agent had no proposal: `proposal` is our own question what is to become of the task. */
  readonly failure?: Failure;
  /** Who people are, as recorded at opening; without it names are believed as they are. */
  readonly reviewers?: Directory | undefined;
  /** What agents handed up before people were asked. */
  readonly escalations?: readonly Escalation[];
  readonly setUp?: SetUp;
}

/** Where a gate stands, and what is asked together with it; never changed by a revision. */
export interface SetUp {
  /** The workflow it lives in, where that is not its root: a step of a plan. */
  readonly home?: string;
  /** What takes the step back; hashed, shown and signed with it. */
  readonly undo?: Undo;
  /** The approval of the step that this takes back, in that step's own record; nobody is asked again. */
  readonly undoes?: Undone;
  /** Every level is asked in a child workflow of its own, the first one too. */
  readonly ladder?: true;
  /** Of a step: the plan that it is one of, as at its opening. */
  readonly plan?: PlanView;
}

/** The entry that says that a step was approved, its undo with it. */
export interface Undone {
  readonly record: Root;
  readonly seq: number;
  readonly hash: string;
  /** What the step ran: its digest is computed anew from it, together with the undo. */
  readonly question: { readonly revision: number; readonly action: string; readonly args: JsonObject };
}

/** What an agent makes of a revision that was sent back. */
export type Reproposed = Pick<Asked, 'proposal' | 'policy' | 'assessment' | 'by' | 'failure'>;

/** What the registry and the rules say of edited args. */
export type Reassessed = Pick<Asked, 'policy' | 'assessment'>;

/** Where an approved action runs. `nowhere`: the approval is the outcome. */
export type Runs =
  | {
      readonly in: 'worker';
      readonly timeout: string;
      readonly attempts?: number;
      /** Within a second or so, and keyed: it may run inside the workflow task. */
      readonly short?: true;
    }
  | {
      readonly in: 'queue';
      readonly taskQueue: string;
      readonly activity: string;
      readonly input: Json;
      readonly timeout: string;
    }
  | { readonly in: 'nowhere' };

/** What the registry says of one action with its args: how risky, what it would do, where it would run. */
export interface Assessment {
  /** As the action's schema parsed them; these are hashed, shown and run. */
  readonly args: JsonObject;
  readonly risk: Risk;
  readonly runs: Runs;
  readonly preview?: Json;
  /** Verb and target, for VERIFY. */
  readonly phrase?: string;
  /** The worker vouches for risk, preview, policy and phrase as it has computed them. */
  readonly assessed?: AssessmentSeal;
}

/** What a gate keeps of it. */
export type Assessed = Omit<Assessment, 'args'>;

export interface Revision {
  readonly revision: number;
  readonly digest: string;
  /** Who made it. */
  readonly by: string;
  /** Of the latest ones before the one that is open, as far as they fit. */
  readonly proposal?: Proposal;
  readonly failed?: true;
}

/** What stood for the approval: signatures, INFO's notice, silence where the policy says so in words, or, of an undo, its step's approval. */
export type Basis = 'signatures' | 'notice' | 'silence' | 'step';

export interface Common extends Given {
  readonly policy: Policy;
  readonly reviewers?: Directory | undefined;
  readonly setUp?: SetUp;
  /** Index of the level that is asked, or was last. */
  readonly rung: number;
  readonly revision: number;
  readonly digest: string;
  readonly proposal: Proposal;
  readonly assessment: Assessed;
  /** At VERIFY, of this revision. */
  readonly phrase?: string | undefined;
  /** Who made this revision: an agent's level and name, the requester, or the editor. */
  readonly by: string;
  /** Persons who answer for an agent that proposed a revision of it. */
  readonly owners: readonly string[];
  /** There is nothing to approve: the agent had no proposal. */
  readonly failure?: Failure;
  /** How often people have sent it back to the agent. */
  readonly sentBack: number;
  /** Every revision's digest, so that a stale decision can be told which one it read. */
  readonly revisions: readonly Revision[];
  /** Only of this revision, at this level; the quorum counts distinct voices. */
  readonly signatures: readonly Signature[];
  readonly rejections: readonly Signature[];
  readonly delegations: readonly Delegation[];
  /** Persons who signed or rejected this revision at earlier levels. */
  readonly before: readonly string[];
  readonly escalations: readonly Escalation[];
  readonly decisions: readonly Admitted[];
  /** Of a level's own gate: those of its owner that stand behind the signatures it was opened with. */
  readonly earlier?: readonly Admitted[];
  /** Bytes of `decisions`. */
  readonly weight: number;
  readonly answered: readonly Answered[];
  readonly refusals: number;
  readonly deadline: Instant;
  /** Before anybody moved it. */
  readonly firstDeadline: Instant;
  /** How often the level has been reminded. */
  readonly reminded: number;
  /** The deadline that people have been warned of. */
  readonly warned?: Instant | undefined;
}

/** The gate of the workflow that asks the question. It owns every level, and what follows the decision. */
interface AtRoot {
  readonly place: 'root';
}

/** The gate of one level in a child workflow. What its people decide goes back to the owner (`levels.ts`), which acts on it. */
interface AtLevel {
  readonly place: 'level';
}

/** A gate without what only one status has. */
export type RootBase = Common & AtRoot;
export type LevelBase = Common & AtLevel;
export type GateBase = RootBase | LevelBase;

interface Opened {
  readonly status: 'open';
  readonly level: PeopleLevel;
  /** SHA-256 of what people are shown (`shownIn`), which their decisions name. */
  readonly shown: string;
}

/** Sent back: the agent is at work on the next revision. */
interface Proposing {
  readonly status: 'proposing';
}

/** A level after the first is asked, in a child workflow of its own. */
interface Waiting {
  readonly status: 'waiting';
  readonly level: PeopleLevel;
  /** The child's workflow id. */
  readonly waitingOn: string;
}

interface Approved<Status extends 'approved' | 'executing'> {
  readonly status: Status;
  readonly basis: Basis;
  /** It has to be under way before. */
  readonly executeBefore?: Instant;
}

interface Closed<How extends LevelOutcome> {
  readonly status: 'closed';
  readonly outcome: How;
  readonly reason?: string;
  /** A person's answer in place of the action; only where the outcome is `answered`. */
  readonly answer?: Json;
}

/** Where an edit closed the level, whose it is; only where the outcome is `revised`. */
interface Edited {
  readonly edited?: Signature;
}

type Decided = Approved<'approved'> | Approved<'executing'>;
export type RootGate = RootBase & (Opened | Proposing | Waiting | Decided | Closed<Outcome>);
export type LevelGate = LevelBase & (Opened | Decided | (Closed<LevelOutcome> & Edited));
export type Gate = RootGate | LevelGate;

type At<Status extends Gate['status']> = Extract<Gate, { readonly status: Status }>;
export type OpenGate = At<'open'>;
export type ProposingGate = At<'proposing'>;
export type WaitingGate = At<'waiting'>;
export type ApprovedGate = At<'approved'>;
export type ExecutingGate = At<'executing'>;
export type ClosedGate = At<'closed'>;
