/** What a module of one's own actions imports. */
export {
  defineAction,
  PermanentError,
  RetryAfter,
  type LocalAction,
  type Recognised,
  type Risk,
  type RunContext,
} from './action';
