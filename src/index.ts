/** What a service imports: the typed client, and what it takes to connect one. */
export {
  Countersign,
  CountersignError,
  type Concluded,
  type Confirmed,
  type ConfirmInput,
  type CountersignOptions,
  type DecideInput,
  type Decision,
  type InboxItem,
  type Packet,
  type PolicyInput,
  type ProposeInput,
  type Receipt,
  type Result,
} from './client';
export {
  connect,
  dataConverter,
  temporalClient,
  UnreachableError,
  type Connected,
  type Target,
} from './connection';
export type { Root } from './domain/digest';
export type { Admitted, Escalation, Failure, LevelOutcome, Outcome, Signature } from './domain/gate';
export type { Json, JsonObject } from './domain/json';
export type { AuditHead } from './domain/packet';
export type { Policy } from './domain/policy';
export type { Proposal } from './domain/proposal';
export type { Confirm, Confirming, Start } from './domain/start';
export type { Delegation } from './domain/voices';
