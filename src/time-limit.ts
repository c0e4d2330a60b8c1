/**
 * A limit of time on what can be cut off. One of our own, since nothing holds on to an `AbortSignal.timeout` that stands inside an
 * `AbortSignal.any`: it is collected as garbage, and the limit never comes.
 */
export interface TimeLimit {
  /** Aborted once the time is over, or with the caller's signal and for its reason. */
  readonly signal: AbortSignal;
  /** Whether it was the time. */
  over(): boolean;
  /** To be called when the work has ended, however it did. */
  clear(): void;
}

/** @param caller whoever may call the work off before */
export function timeLimit(milliseconds: number, caller?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const { signal } = controller;
  let over = false;
  const timer = setTimeout(() => {
    over = !signal.aborted;
    controller.abort(new Error(`no answer within ${milliseconds} ms`));
  }, milliseconds);
  const follow = (): void => {
    controller.abort(caller?.reason);
  };
  if (caller?.aborted === true) follow();
  caller?.addEventListener('abort', follow, { once: true });
  return {
    signal,
    over: () => over,
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', follow);
    },
  };
}
