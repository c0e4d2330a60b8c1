/**
 * Signals straight to the mailbox, past two ways in which the SDK lets a sender stop a workflow for ever:
 *
 * - A name that begins with `__temporal_` makes it throw where there is a default signal handler, before anything of ours is asked.
 *   The task fails, and again at every retry, and every good signal behind it is hidden.
 * - For each signal it makes half a dozen promises, and a stack trace for each of them: half a millisecond. In a flood the server breaks
 *   a task off once 100 signals wait behind it, and the whole history is replayed; 10,000 signals, as many as a run takes, would take
 *   longer to be replayed than a task may, each time.
 *
 * Our handlers are synchronous and total: none of that is needed for them. What has a handler of somebody else's goes its usual way.
 * Source: `Activator.signalWorkflow` in @temporalio/workflow; `test/workflows/flood.test.ts` fails where that has changed.
 */
import { arrayFromPayloads, type Payload, type PayloadConverter } from '@temporalio/common';
import { from } from './tracing';

interface Activation {
  readonly signalName?: string | null;
  readonly input?: Payload[] | null;
  readonly headers?: Record<string, Payload> | null;
}
interface Activator {
  readonly signalHandlers: ReadonlyMap<string, { readonly handler: unknown }>;
  readonly defaultSignalHandler?: unknown;
  readonly payloadConverter: PayloadConverter;
  signalWorkflow(activation: Activation): void;
}

export interface DirectSignals {
  /** The one signal that is ours, and its handler, as they are registered with the SDK. */
  readonly name: string;
  readonly handler: (payload: unknown) => void;
  /** The default handler, as it is registered. */
  readonly stray: (signal: string) => void;
}

/** To be called before the handlers are registered, since what has been waiting for them comes at once. */
export function takeSignals({ name, handler, stray }: DirectSignals): void {
  const activator = (globalThis as { __TEMPORAL_ACTIVATOR__?: Activator }).__TEMPORAL_ACTIVATOR__;
  if (activator === undefined) return;
  const usual = Object.getPrototypeOf(activator) as Activator;
  activator.signalWorkflow = (activation) => {
    const signal = activation.signalName ?? '';
    const registered = activator.signalHandlers.get(signal)?.handler;
    if (signal === name && registered === handler)
      from(activation.headers, () => {
        handler(arrayFromPayloads(activator.payloadConverter, activation.input)[0]);
      });
    else if (registered === undefined && activator.defaultSignalHandler === stray) stray(signal);
    else usual.signalWorkflow.call(activator, activation);
  };
}
