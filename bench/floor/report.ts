/** bench/RESULTS.md: counts as they are, times as ratios to the floor of the same run. */
import { percentile, type Counts, type Latency, type Throughput } from './measure';
import { WAYS, type Way } from './paths';

export interface Found {
  readonly way: Way;
  readonly latency: Latency;
  readonly through: Throughput;
  readonly counts: Counts;
}

export interface Section {
  readonly server: string;
  readonly found: readonly Found[];
}

export interface Circumstances {
  readonly memory: Readonly<Record<string, number>>;
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

const middle = (values: readonly number[]) => percentile(values, 0.5);
const ratio = (ours: number, floor: number) => (ours / floor).toFixed(2);
const spread = (values: readonly number[]) =>
  `${middle(values).toFixed(1)} / ${percentile(values, 0.95).toFixed(1)}`;

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(String).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function report(sections: readonly Section[], told: Circumstances): string {
  const { memory, machine, rounds, each, parked } = told;
  const [byHand = Number.NaN, ours = Number.NaN] = [memory['floor'], memory['ours']];
  const counted = (sections[0]?.found ?? []).map(({ way, counts: { events, actions, tasks } }) => [
    way.name,
    way.what,
    events,
    actions,
    tasks,
  ]);
  return `# Against the floor

Written by \`npm run bench\` (bench/floor): ours beside the workflow one would write by hand, each with a worker of its own, interleaved in one
process. ${machine}. ${String(rounds)} rounds for latency; throughput with 50 at a time, ${String(each)} a round, the middle of 3 rounds.
Ours stores its audit durably in the embedded store, twice a gate; the floor stores nothing. Times are noisy, their ratios less so; counts are
exact. What the numbers say is in [the notes](NOTES.md).

## Counts

${table(['way', 'what', 'history events', 'billable actions', 'workflow tasks'], counted)}

${sections.map(section).join('\n')}
## Memory of a parked gate

${String(parked)} parked after 100, in a process of its own: ${kib(byHand)} by hand, ${kib(ours)} ours (${ratio(ours, byHand)}).
`;
}

function section({ server, found }: Section): string {
  const of = (way: Way) => found.find((one) => one.way === way);
  const latency = found.map(({ way, latency: { receipt, executed, known } }) => [
    way.name,
    ...[receipt, executed, known].map(spread),
  ]);
  const flow = found.map(({ way, through: { parked, decided } }) => [
    way.name,
    ...[parked, decided].map((values) => middle(values).toFixed(1)),
  ]);
  const beside = found.flatMap((one) => {
    const floor = FLOORS.get(one.way);
    const on = floor === undefined ? undefined : of(floor);
    return on === undefined ? [] : [[one.way.name, on.way.name, ...ratios(one, on)]];
  });
  const [quick, slow] = [of(WAYS.oursAtOnce), of(WAYS.floor)];
  const last =
    quick === undefined || slow === undefined
      ? []
      : [[quick.way.name, slow.way.name, ...ratios(quick, slow)]];
  return `## On ${server}

Milliseconds from the sending of the decision (p50 / p95): until its receipt is known, until the effect ran, until the caller knows the
outcome.

${table(['way', 'receipt', 'executed', 'outcome known'], latency)}

A second, 50 at a time:

${table(['way', 'parked', 'decided and executed'], flow)}

Ours over the floor. Times: less is better; throughput: more is better. The last line is the fastest path over the signal-and-activity floor.

${table(
  ['way', 'floor', 'receipt', 'executed', 'outcome known', 'parked a second', 'decided a second'],
  [...beside, ...last],
)}
`;
}

function ratios(ours: Found, floor: Found): string[] {
  return [
    ...(['receipt', 'executed', 'known'] as const).map((what) =>
      ratio(middle(ours.latency[what]), middle(floor.latency[what])),
    ),
    ...(['parked', 'decided'] as const).map((what) =>
      ratio(middle(ours.through[what]), middle(floor.through[what])),
    ),
  ];
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}
