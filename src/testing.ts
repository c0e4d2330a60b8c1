/** What a person's own tests import: a scripted reviewer over the real handlers, and keys to sign with. */
export { signed, testKey, type Now, type TestKey } from './testing/keys';
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
