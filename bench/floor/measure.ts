/** What is measured of a way: counts, which are exact, and times, which are noise around a ratio. */
import type { temporal } from '@temporalio/proto';
import type { Bench } from './bench';
import { pause, type Parked, type Way } from './paths';

type Event = temporal.api.history.v1.IHistoryEvent;

export interface Counts {
  readonly events: number;
  readonly actions: number;
  readonly tasks: number;
}

export interface Latency {
  /** Milliseconds from the decision's sending, one each run. */
  readonly receipt: number[];
  /** Until the effect ran. */
  readonly executed: number[];
  /** Until the caller knew the outcome. */
  readonly known: number[];
}

export async function counts({ client }: Bench, workflowId: string): Promise<Counts> {
  const events = (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
  const withLocal = new Set(
    events.flatMap(({ markerRecordedEventAttributes: marker }) =>
      marker == null ? [] : [String(marker.workflowTaskCompletedEventId)],
    ),
  );
  return {
    events: events.length,
    actions: events.filter(billed).length + withLocal.size,
    tasks: events.filter((event) => event.workflowTaskCompletedEventAttributes != null).length,
  };
}

/** Local activities are billed once a workflow task, which `counts` adds. */
function billed(event: Event): boolean {
  return [
    event.workflowExecutionStartedEventAttributes,
    event.workflowExecutionSignaledEventAttributes,
    event.workflowExecutionUpdateAcceptedEventAttributes,
    event.timerStartedEventAttributes,
    event.activityTaskScheduledEventAttributes,
    event.upsertWorkflowSearchAttributesEventAttributes,
    event.startChildWorkflowExecutionInitiatedEventAttributes,
  ].some((attributes) => attributes != null);
}

/** Each way once a round, so that what disturbs one disturbs all. */
export async function latencies(
  bench: Bench,
  ways: readonly Way[],
  rounds: number,
  say: (text: string) => void,
): Promise<Map<Way, Latency & { last: string }>> {
  const none = (): Latency & { last: string } => ({ receipt: [], executed: [], known: [], last: '' });
  const found = new Map(ways.map((way) => [way, none()]));
  for (let round = -3; round < rounds; round += 1) {
    if (round % 20 === 0) say(`latency: round ${String(round)} of ${String(rounds)}`);
    for (const [way, taken] of found) {
      const receipt = await timed(bench, way, (parked) => parked.receipt());
      const outcome = await timed(bench, way, (parked) => parked.outcome());
      taken.last = outcome.workflowId;
      if (round < 0) continue; // warming up
      taken.receipt.push(receipt.milliseconds);
      taken.known.push(outcome.milliseconds);
      taken.executed.push(outcome.executed);
    }
  }
  return found;
}

/** Whoever asks for the receipt disturbs what is under way: it has a run of its own. */
async function timed(
  bench: Bench,
  way: Way,
  awaited: (parked: Parked) => Promise<void>,
): Promise<{ workflowId: string; milliseconds: number; executed: number }> {
  const parked = await way.park(bench);
  await pause(60); // a person reads it; asking at once would disturb the task that opens it
  await parked.ready();
  const sent = performance.now();
  await parked.send();
  await awaited(parked);
  const milliseconds = performance.now() - sent;
  await parked.outcome();
  const executed = (bench.effects.get(parked.key) ?? Number.NaN) - sent;
  return { workflowId: parked.workflowId, milliseconds, executed };
}

export interface Throughput {
  /** A second. */
  readonly parked: number[];
  readonly decided: number[];
}

/** So many at a time: first all are parked, then all are decided, until each is known to be executed. */
export async function throughput(
  bench: Bench,
  ways: readonly Way[],
  { rounds, each, at }: { rounds: number; each: number; at: number },
  say: (text: string) => void,
): Promise<Map<Way, Throughput>> {
  const none = (): Throughput => ({ parked: [], decided: [] });
  const found = new Map(ways.map((way) => [way, none()]));
  for (let round = 0; round < rounds; round += 1)
    for (const [way, taken] of found) {
      say(`throughput: ${way.name}, round ${String(round + 1)} of ${String(rounds)}`);
      const parked: Parked[] = [];
      const began = performance.now();
      await inParallel(at, each, async () => {
        const one = await way.park(bench);
        await one.ready();
        parked.push(one);
      });
      const stood = performance.now();
      await inParallel(at, each, async (index) => {
        const one = parked[index];
        await one?.send();
        await one?.outcome();
      });
      const ended = performance.now();
      taken.parked.push((each / (stood - began)) * 1_000);
      taken.decided.push((each / (ended - stood)) * 1_000);
    }
  return found;
}

async function inParallel(at: number, each: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const line = async () => {
    while (next < each) await work(next++);
  };
  await Promise.all(Array.from({ length: at }, line));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
