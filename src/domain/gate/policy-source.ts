/** What `assess` asks for the policy: the rules of COUNTERSIGN_POLICY, or the default where there are none. */
import type { Assessment } from './state';
import type { JsonObject } from '../json';
import type { Limits } from './open-limits';
import type { Policy } from '../policy';

/** What a rule may look at. */
export interface Ruled {
  readonly action: string;
  /** As the action's schema parsed them. */
  readonly args: JsonObject;
  readonly confidence: number;
  readonly sensitive: boolean;
  readonly requester: string;
  /** Its start is signed by that requester, or by a door for it; otherwise anybody may have said the name. */
  readonly requesterProven: boolean;
  readonly risk: Assessment['risk'];
}

export type Picked =
  | { readonly ok: true; readonly policy: Policy; readonly rule?: string }
  | {
      readonly ok: false;
      readonly code: 'DENIED' | 'POLICY_TOO_WEAK' | 'UNKNOWN_POLICY' | 'POLICY_ERROR';
      readonly message: string;
    };

export interface Rules {
  /** A file of rules says who is asked; otherwise whatever the caller gives stands. */
  readonly configured: boolean;
  /** How many gates may be open at once. */
  readonly limits?: Limits | undefined;
  /**
   * The policy a proposal meets. Deny rules come first and hold whatever else says yes; then the first rule that matches, else the
   * default. A policy that the caller gives, inline or by name, may only tighten that one.
   */
  pick(ruled: Ruled, given?: Policy | string): Picked;
}
