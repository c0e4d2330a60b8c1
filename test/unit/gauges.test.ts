/** What waits, asked of a visibility that is a list: what is counted, and that many gates take few questions. */
import type { MetricMeter } from '@temporalio/common';
import { look, watchGates, type Visibility } from '../../src/telemetry/gauges';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY = 86_400_000;

interface Gate {
  readonly state: string;
  readonly type?: string;
  readonly queue?: string;
  readonly started: number;
  readonly due?: number;
}

/** Understands the queries that are asked, and counts them. */
function visibilityOf(gates: readonly Gate[]) {
  const asked = { counts: 0, lists: 0 };
  const found = (query: string) => {
    let left = gates;
    for (const term of query.split(' AND ')) {
      const [, field = '', operator = '', value = ''] = /^(\w+) (=|!=|<=|<) '(.*)'$/.exec(term) ?? [];
      const of = (gate: Gate): string | number =>
        ({
          ExecutionStatus: 'Running',
          TaskQueue: gate.queue ?? "it\\'s",
          CountersignState: gate.state,
          WorkflowType: gate.type ?? 'proposeAndExecute',
          CountersignDueAt: gate.due ?? NOW + DAY,
          StartTime: gate.started,
        })[field] ?? term;
      if (!['=', '!=', '<', '<='].includes(operator)) throw new Error(term);
      const wanted = field === 'StartTime' || field === 'CountersignDueAt' ? Date.parse(value) : value;
      left = left.filter((gate) => {
        const is = of(gate);
        if (operator === '=') return is === wanted;
        if (operator === '!=') return is !== wanted;
        return operator === '<' ? is < wanted : is <= wanted;
      });
    }
    return left;
  };
  const visibility: Visibility = {
    count: async (query) => {
      asked.counts += 1;
      return found(query).length;
    },
    starts: async (query, most) => {
      asked.lists += 1;
      return found(query)
        .slice(0, most)
        .map(({ started }) => new Date(started));
    },
  };
  return { visibility, asked };
}

test('gates are told apart by state and place, other queues are left out', async () => {
  const started = NOW - DAY;
  const { visibility, asked } = visibilityOf([
    { state: 'open', started: NOW - 5 * DAY, due: NOW - 1 },
    { state: 'open', started },
    { state: 'open', started, type: 'reviewLevel' },
    { state: 'waiting', started: NOW - 9 * DAY },
    { state: 'proposing', started },
    { state: 'queued', started },
    { state: 'queued', started },
    { state: 'approved', started: NOW - 20 * DAY },
    { state: 'executed', started },
    { state: 'open', started: NOW - 30 * DAY, queue: 'other' },
  ]);
  expect(await look(visibility, "it's", NOW)).toEqual({
    open: { gate: 2, level: 1 },
    queued: 2,
    proposing: 1,
    waiting: 1,
    approved: 1,
    overdue: 1,
    oldest: 5 * 86_400,
  });
  expect(asked).toEqual({ counts: 7, lists: 1 });
});

test('nothing waits: nothing is listed', async () => {
  const { visibility, asked } = visibilityOf([]);
  expect(await look(visibility, 'q', NOW)).toMatchObject({ open: { gate: 0, level: 0 }, oldest: 0 });
  expect(asked).toEqual({ counts: 7, lists: 0 });
});

test.each([
  { said: 'over a year', starts: (n: number) => NOW - 1_000 - n * 300_000, oldest: 99_999 * 300 + 1 },
  { said: 'in one second, three days ago', starts: () => NOW - 3 * DAY, oldest: 3 * 86_400 },
  { said: 'just now', starts: () => NOW, oldest: 0 },
])(
  'of 100,000 gates that were opened $said the oldest is found by few questions',
  async ({ starts, oldest }) => {
    const gates = Array.from({ length: 100_000 }, (_, n) => ({ state: 'open', started: starts(n) }));
    const { visibility, asked } = visibilityOf(gates);
    expect((await look(visibility, "it's", NOW)).oldest).toBeCloseTo(oldest, 0);
    expect(asked.counts + asked.lists).toBeLessThanOrEqual(30);
  },
);

test('a server that does not answer leaves the gauges as they were, but that of the store', async () => {
  const set: Record<string, number> = {};
  const meter = {
    withTags: () => meter,
    createGauge: (name: string) => ({ set: (value: number) => (set[name] = value) }),
  } as unknown as MetricMeter;
  const gone = () => Promise.reject(new Error('gone'));
  const watch = watchGates({
    visibility: { count: gone, starts: gone },
    namespace: 'n',
    taskQueue: 'q',
    meter,
    storeAnswers: async () => false,
    every: 1_000,
  });
  await watch.close();
  expect(set).toEqual({ countersign_store_up: 0 });
});
