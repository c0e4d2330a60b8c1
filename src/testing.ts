/**
 * What a person's own tests import: a scripted reviewer over the real handlers, keys to sign with, permits as Countersign gives them, and a
 * store in memory.
 */
export { signed, testKey, type Now, type TestKey } from './testing/keys';
export { memoryStore, type MemoryStore } from './testing/memory-store';
export {
  testPermits,
  type PermittedCall,
  type TestPermits,
  type TestPermitsOptions,
} from './testing/permits';
export { scriptedReviewer, type ScriptedReviewer, type ScriptedReviewerOptions } from './testing/reviewer';
export { signStart, type StartedAs, type StartSigning } from './signing-start';
export {
  approve,
  comment,
  defer,
  delegate,
  edit,
  escalate,
  extend,
  reject,
  respond,
  revise,
  staySilent,
  withdraw,
  type Sleep,
  type Step,
} from './testing/steps';
export type { Meta, StoredEntry } from './domain/entry';
export type { Appended, AuditRecord, AuditStore, EntryAt, Head } from './store/audit-store';
export type { Configuration, StoredConfiguration } from './store/configurations';
export type { Begun, Done, EffectStore, StoredWorkerKey } from './store/effects';
