/** What a second judgement is given: the worker's own files, the server's word, the question, and what the evidence claims. Data alone. */
import type { Evidence } from '../../src/domain/gate/evidence';
import type { Decision } from '../../src/domain/gate/decision';
import type { Root, Undo } from '../../src/domain/digest';
import type { JsonObject } from '../../src/domain/json';
import type { Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';

export type Risk = 'low' | 'medium' | 'high';
export type Grade = 'open' | 'vouched' | 'signed';

/** The worker's own. */
export interface Files {
  readonly directory: Directory | undefined;
  /** What the rules pick for the question; undefined where there is no file of rules. */
  readonly rules: Policy | undefined;
  readonly deployment: string;
  readonly risk: Risk;
  /** Made by the action, of the args that would run. */
  readonly phrase: string | undefined;
  /** As the action's schema takes args. */
  readonly normal: (args: JsonObject) => JsonObject | undefined;
}

export interface Said {
  readonly decision: Decision;
  /** Of a signal that no entry tells of: unknown. */
  readonly level?: string;
  readonly at: number;
}

/** What the server and the store say. */
export interface Server {
  readonly now: number;
  readonly requesterProof: 'claimed' | 'vouched' | 'signed';
  readonly heard: readonly Said[];
  /** What the histories hold, with the times at which the server received it. */
  readonly received: readonly Said[];
  /** What was shown, of each revision. */
  readonly record: readonly { readonly digest: string; readonly revision: number; readonly shown: string }[];
}

export interface Asked {
  readonly root: Root;
  readonly gate: string;
  readonly digest: string;
  readonly revision: number;
  readonly action: string;
  readonly args: JsonObject;
  readonly undo?: Undo;
}

export interface World {
  readonly files: Files;
  readonly server: Server;
  readonly question: Asked;
  readonly evidence: Evidence;
}
