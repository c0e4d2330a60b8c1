/** One approval that is judged: what would run, what the executor knows by itself, and in what words it falls short. */
import type { Evidence } from './gate/evidence';
import type { Decision } from './gate/decision';
import type { Undo } from './digest';
import type { Instant } from './gate';
import type { Grade } from './grade';
import type { Heard, Ranked } from './heard';
import type { JsonObject } from './json';
import type { PeopleLevel, Policy } from './policy';
import type { RefusalCode } from './gate/refusals';
import type { Directory } from './reviewers';
import type { RequesterProof } from './gate/shown-hash';
import type { Told } from './told';

export type ShortfallCode =
  | RefusalCode
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_VOID'
  | 'QUORUM_NOT_MET'
  | 'NOT_CONSENT'
  | 'NOT_SIGNED'
  | 'REQUESTER_UNPROVEN';

export interface Shortfall {
  readonly code: ShortfallCode;
  readonly message: string;
}

/** What would run. Its digest has been computed anew. */
export interface Question {
  readonly gate: string;
  readonly digest: string;
  readonly revision: number;
  readonly action: string;
  readonly args: JsonObject;
  readonly undo?: Undo | undefined;
}

/** A decision's grade under a directory at a moment, or what is wrong with what it brings along. */
export type Graded = { readonly grade: Grade } | { readonly fault: Shortfall };

/** What the executor knows by itself. */
export interface Own {
  /** As the worker holds it now. */
  readonly directory: Directory | undefined;
  /** As the rules pick it now, tightened by the recorded one, never under the floor. */
  readonly policy: Policy;
  /** Made anew, of the args that would run. */
  readonly phrase?: string | undefined;
  /** As the server's history and the directory prove it. */
  readonly requesterProof: RequesterProof;
  readonly now: Instant;
  readonly grade: (
    directory: Directory | undefined,
    decision: Decision,
    level: string,
    at: Instant,
  ) => Graded;
  /** When the server received a decision, by its history; asked where a signature has expired since. */
  readonly receivedAt: (decision: Decision) => Instant | undefined;
  /** The args as the action's schema takes them. */
  readonly normal: (args: JsonObject) => JsonObject | undefined;
  /** Decisions on this revision or a later one, of all branches of the record, and of the histories before a reset. */
  readonly heard: readonly Heard[];
  /** Hashes of what was shown for a digest, as the record has them; of that revision alone, where one is named. */
  readonly shownFor: (digest: string, revision?: number) => readonly string[];
}

export interface Case {
  readonly evidence: Evidence;
  readonly question: Question;
  readonly own: Own;
  readonly level: PeopleLevel;
  readonly heard: readonly Ranked[];
  /** Where the worker's own directory and the recorded one are held one after the other: this is the one. */
  readonly directory: Directory | undefined;
  /** The hash of what was shown of the question, by the recorded values. */
  readonly shownHere: () => string;
}

/** With what was admissible at each level, in the levels' order. */
export type Hearing = Case & { readonly told: readonly (readonly Told[])[] };

export const short = (code: ShortfallCode, message: string): Shortfall => ({ code, message });
