/**
 * Brings feedback to where it belongs, while more of it comes in: into our own store first, then to whatever else the worker is configured with.
 * Each is tried for days; what has not arrived by then is told, never dropped.
 */
import { condition } from '@temporalio/workflow';
import {
  undeliver,
  type CollectFeedback,
  type Collection,
  type Taken,
  type Undelivered,
} from '../../domain/feedback';
import { carrier } from '../runtime/activities';
import { now } from '../runtime/replay-clock';
import { rootCause } from '../runtime/root-cause';

/** What of it crosses into the next run. What was under way is begun again there: a repeat changes nothing. */
export interface DeliveryState {
  /** So many, in the order they came, are in the store, or were given up. */
  readonly stored: number;
  /** The output that is judged lies beside them. */
  readonly judged: boolean;
  /** Ids that are to be sent on, and have not arrived. */
  readonly sending: readonly string[];
  readonly undelivered: readonly Undelivered[];
}

export interface Deliveries {
  undelivered(): readonly Undelivered[];
  /** Everything taken so far has arrived, or was given up. */
  settled(): boolean;
  state(): DeliveryState;
  /** Sees to what is taken, to the workflow's end. */
  begin(collection: () => Collection): void;
}

/** From when it was taken. */
const PATIENCE = 7 * 24 * 60 * 60_000;
/** Sent at a time. */
const AT_ONCE = 20;

export function openDeliveries({ runId, output }: CollectFeedback, carried?: DeliveryState): Deliveries {
  let { stored = 0, judged = false, undelivered = [] } = carried ?? {};
  let sending: readonly string[] = carried?.sending ?? [];
  let all: () => Collection = () => ({ taken: [] }) as unknown as Collection;
  const underWay = new Set<string>();

  async function storing(): Promise<void> {
    for (;;) {
      await condition(() => stored < all().taken.length);
      const batch = all().taken.slice(stored);
      const ids = batch.map(({ feedback }) => feedback.id);
      let onward = true;
      try {
        const about = judged ? {} : { judged: { output } };
        ({ onward } = await carrier(left(batch)).keepFeedback({ runId, taken: batch, ...about }));
        judged = true;
      } catch (error) {
        undelivered = undeliver(undelivered, 'store', rootCause(error), ids);
      }
      stored += batch.length;
      if (onward) sending = [...sending, ...ids];
    }
  }

  async function sendingOn(): Promise<void> {
    for (;;) {
      const next = () => sending.find((id) => !underWay.has(id));
      await condition(() => underWay.size < AT_ONCE && next() !== undefined);
      const one = all().taken.find(({ feedback }) => feedback.id === next());
      if (one !== undefined) void send(one);
    }
  }

  async function send(one: Taken): Promise<void> {
    const { feedback } = one;
    underWay.add(feedback.id);
    try {
      await carrier(left([one])).sendFeedback({ runId, feedback });
    } catch (error) {
      undelivered = undeliver(undelivered, 'LangSmith', rootCause(error), [feedback.id]);
    }
    sending = sending.filter((id) => id !== feedback.id);
    underWay.delete(feedback.id);
  }

  return {
    undelivered: () => undelivered,
    settled: () => stored === all().taken.length && sending.length === 0,
    state: () => ({ stored, judged, sending, undelivered }),
    begin(collection) {
      all = collection;
      void storing();
      void sendingOn();
    },
  };
}

/** Milliseconds that the first one's delivery may still take. */
function left([first]: readonly Taken[]): number {
  return Math.max(1_000, Date.parse(first?.at ?? '') + PATIENCE - now());
}
