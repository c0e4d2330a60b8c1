/** bench/RESULTS.md: counts as they are, times as ratios to the floor of the same run. */
import { percentile, type Counts, type Latency, type Throughput } from './measure';
import { WAYS, type Way } from './paths';

export interface Found {
  readonly way: Way;
  readonly latency: Latency;
  readonly through: Throughput;
  readonly counts: Counts;
}

export interface Circumstances {
  readonly memory: Readonly<Record<string, number>>;
  readonly server: string;
  readonly machine: string;
  readonly rounds: number;
  readonly each: number;
  readonly parked: number;
}

/** Which floor each of ours stands on. */
const FLOORS = new Map<Way, Way>([
  [WAYS.ours, WAYS.floor],
  [WAYS.oursAgent, WAYS.floorAgent],
  [WAYS.oursAtOnce, WAYS.floorAtOnce],
  [WAYS.oursEager, WAYS.floorAtOnce],
]);

export function report(found: readonly Found[], told: Circumstances): string {
  const of = (way: Way) => found.find((one) => one.way === way);
  const middle = (values: readonly number[]) => percentile(values, 0.5);
  const ratio = (ours: number, floor: number) => (ours / floor).toFixed(2);
  const p = (values: readonly number[]) =>
    `${middle(values).toFixed(1)} / ${percentile(values, 0.95).toFixed(1)}`;
  const latency = found.map(
    ({ way, latency: { receipt, executed, known } }) =>
      `| ${way.name} | ${p(receipt)} | ${p(executed)} | ${p(known)} |`,
  );
  const flow = found.map(
    ({ way, through }) =>
      `| ${way.name} | ${middle(through.parked).toFixed(1)} | ${middle(through.decided).toFixed(1)} |`,
  );
  const counted = found.map(
    ({ way, counts }) =>
      `| ${way.name} | ${way.what} | ${String(counts.events)} | ${String(counts.actions)} | ${String(counts.tasks)} |`,
  );
  const beside = found.flatMap((ours) => {
    const floor = FLOORS.get(ours.way);
    const on = floor === undefined ? undefined : of(floor);
    if (on === undefined) return [];
    const times = (['receipt', 'executed', 'known'] as const).map((what) =>
      ratio(middle(ours.latency[what]), middle(on.latency[what])),
    );
    const flows = (['parked', 'decided'] as const).map((what) =>
      ratio(middle(ours.through[what]), middle(on.through[what])),
    );
    return [`| ${ours.way.name} | ${on.way.name} | ${[...times, ...flows].join(' | ')} |`];
  });
  const [quick, slow] = [of(WAYS.oursAtOnce), of(WAYS.floor)];
  const fastest =
    quick === undefined || slow === undefined
      ? ''
      : `The fastest path (${quick.way.what}) against the signal-and-activity floor: decision→executed ` +
        `**${ratio(middle(quick.latency.executed), middle(slow.latency.executed))}**, decision→outcome known ` +
        `**${ratio(middle(quick.latency.known), middle(slow.latency.known))}** (p50 over p50).`;
  const { memory, server, machine, rounds, each, parked } = told;
  const [byHand = Number.NaN, ours = Number.NaN] = [memory['floor'], memory['ours']];
  return `# Against the floor

Written by \`npm run bench\` (bench/floor): ours beside the workflow one would write by hand, interleaved in one process, one worker, on
${server}. ${machine}. ${String(rounds)} rounds for latency; throughput with 50 at a time, ${String(each)} a round, the middle of 3 rounds.
Ours stores its audit durably in the embedded store; the floor stores nothing. Times are noisy, their ratios less so; counts are exact.

## Counts

| way | what | history events | billable actions | workflow tasks |
| --- | --- | --- | --- | --- |
${counted.join('\n')}

## Latency, milliseconds, p50 / p95

From the sending of the decision: until its receipt is known, until the effect ran, until the caller knows the outcome.

| way | receipt | executed | outcome known |
| --- | --- | --- | --- |
${latency.join('\n')}

## A second, 50 at a time

| way | parked | decided and executed |
| --- | --- | --- |
${flow.join('\n')}

## Ours over the floor

Times: less is better. Throughput: more is better.

| way | floor | receipt | executed | outcome known | parked a second | decided a second |
| --- | --- | --- | --- | --- | --- | --- |
${beside.join('\n')}

${fastest}

## Memory of a parked gate

${String(parked)} parked after 100, in a process of its own: ${kib(byHand)} by hand, ${kib(ours)} ours (${ratio(ours, byHand)}).
`;
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}
