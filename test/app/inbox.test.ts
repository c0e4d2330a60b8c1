/** What waits on people: due first, page after page, however much there is, and with titles a few at a time. */
import { placeIn } from '../../src/app/due-first';
import { inbox, waiting } from '../../src/app/inbox';
import type { Gates } from '../../src/app/ports';
import type { InboxItem, Listed } from '../../src/client';
import { temporaryDirectory } from '../support/app';
import { cli } from '../support/cli-person';
import { fakeTemporal } from '../support/fake-temporal';

const NOW = Date.parse('2026-03-02T09:00:00.000Z');
const HOUR = 3_600_000;

/** Due so many milliseconds from now; never where that is undefined. */
const item = (workflowId: string, due: number | undefined): InboxItem => ({
  workflowId,
  runId: 'run-1',
  startedAt: new Date(NOW).toISOString(),
  approvers: ['ana'],
  ...(due === undefined ? {} : { dueAt: new Date(NOW + due).toISOString() }),
});

/** As the server lists them: in its own order, in a window, no more than are asked for. */
function serverOf(items: readonly InboxItem[]) {
  const listed: Listed[] = [];
  const isIn = ({ dueAt }: InboxItem, due: Listed['due']) => {
    if (due === undefined) return true;
    if (due === 'never') return dueAt === undefined;
    const at = dueAt === undefined ? Number.NaN : Date.parse(dueAt);
    return at >= (due.from ?? -Infinity) && at < (due.before ?? Infinity);
  };
  const gates = {
    async *list(which: Listed = {}) {
      listed.push(which);
      yield* items.filter((one) => isIn(one, which.due)).slice(0, which.limit);
    },
  };
  return { gates: gates as unknown as Gates, listed };
}

const idsOf = (items: readonly InboxItem[]) => items.map(({ workflowId }) => workflowId);

/** Every page, and how many items were asked for on the way. */
async function pages(items: readonly InboxItem[], limit: number) {
  const { gates, listed } = serverOf(items);
  const found: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await waiting({ gates }, { limit, cursor, now: NOW });
    found.push(idsOf(page.items));
    if (page.next === undefined) return { found, listed };
    cursor = page.next;
  }
}

it('what is due first comes first, what is never due last, in one question', async () => {
  const items = [item('b', 2 * HOUR), item('never', undefined), item('late', -HOUR), item('a', 2 * HOUR)];
  const { gates, listed } = serverOf(items);
  const page = await waiting({ gates }, { reviewer: 'ana', limit: 10, now: NOW });
  expect(page).toEqual({ items: expect.any(Array) as unknown });
  expect(idsOf(page.items)).toEqual(['late', 'a', 'b', 'never']);
  expect(listed).toEqual([{ reviewer: 'ana', due: undefined, limit: 101 }]);
});

it.each([
  { limit: 1, found: [['late'], ['a'], ['b'], ['never']] },
  {
    limit: 2,
    found: [
      ['late', 'a'],
      ['b', 'never'],
    ],
  },
  { limit: 3, found: [['late', 'a', 'b'], ['never']] },
  { limit: 4, found: [['late', 'a', 'b', 'never']] },
])('pages of $limit go on where the one before ended', async ({ limit, found }) => {
  const items = [item('b', 2 * HOUR), item('never', undefined), item('late', -HOUR), item('a', 2 * HOUR)];
  expect((await pages(items, limit)).found).toEqual(found);
});

/** The same numbers each time. */
const spread = (count: number, span: (nth: number) => number | undefined) =>
  Array.from({ length: count }, (_, nth) => item(`w-${String((nth * 7_919) % count)}`, span(nth)));

it.each([
  { said: 'spread over a month', items: spread(5_000, (nth) => ((nth * 7_919) % 5_000) * 9 * 60_000) },
  { said: 'most overdue', items: spread(4_000, (nth) => -((nth * 7_919) % 4_000) * 60_000) },
  { said: 'all within a second', items: spread(3_000, (nth) => HOUR + (nth % 1_000)) },
  { said: 'all at one instant', items: spread(3_000, () => HOUR) },
  { said: 'most never due', items: spread(3_000, (nth) => (nth % 3 === 0 ? nth : undefined)) },
  { said: 'some due in years', items: spread(2_500, (nth) => nth * 100 * HOUR) },
])('however much there is, each once and in order: $said', async ({ items }) => {
  const { found } = await pages(items, 700);
  const order = [...items].sort((one, other) => {
    const [due, otherDue] = [one.dueAt ?? '~', other.dueAt ?? '~'];
    return due < otherDue || (due === otherDue && one.workflowId < other.workflowId) ? -1 : 1;
  });
  expect(found.flat()).toEqual(idsOf(order));
});

it.each([
  { said: 'the year 9999', dueAt: '9999-12-31T23:59:59.999Z' },
  { said: 'the year 1', dueAt: '0001-01-01T00:00:00.000Z' },
])(
  'workflows that look like gates, and are due in $said: no question names an instant that a server does not read',
  async ({ dueAt }) => {
    const strange = spread(2_000, () => 0).map((one) => ({ ...one, dueAt }));
    const { gates, listed } = serverOf([...strange, item('mine', HOUR)]);
    const found: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await waiting({ gates }, { limit: 500, cursor, now: NOW });
      found.push(...idsOf(page.items));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(found).toHaveLength(2_001);
    expect(found).toContain('mine');
    const named = listed.flatMap(({ due }) => (typeof due === 'object' ? [due.from, due.before] : []));
    for (const instant of named.filter((one) => one !== undefined))
      expect(new Date(instant).toISOString()).toMatch(/^(?:19[7-9]\d|[2-9]\d{3})-/);
  },
);

it('the first page of very many asks for no more than what is due soon', async () => {
  const { gates, listed } = serverOf(spread(50_000, (nth) => nth * 60_000));
  const { items } = await waiting({ gates }, { limit: 20, now: NOW });
  expect(items[0]).toMatchObject({ dueAt: new Date(NOW).toISOString() });
  expect(listed.length).toBeLessThan(12);
  expect(listed.every(({ limit }) => limit === 101)).toBe(true);
});

it.each(['', 'a', Buffer.from('[1]').toString('base64url'), Buffer.from('["1","a"]').toString('base64url')])(
  'the cursor %j is none',
  (cursor) => {
    expect(() => placeIn(cursor)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  },
);

it('titles come from the gates, eight at a time; one that does not answer has none', async () => {
  const { gates } = serverOf(spread(30, (nth) => nth));
  let [under, most] = [0, 0];
  const show = async (workflowId: string) => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setImmediate(resolve));
    under -= 1;
    if (workflowId === 'w-0') throw new Error('nobody answers');
    return { revision: 2, level: 'HUMAN', proposal: { title: `of ${workflowId}`, action: 'refund' } };
  };
  const { items } = await inbox({ gates: { ...gates, show } as unknown as Gates }, { limit: 30, now: NOW });
  expect(most).toBe(8);
  expect(items).toHaveLength(30);
  for (const { workflowId, title, level } of items)
    expect({ title, level }).toEqual(
      workflowId === 'w-0' ? {} : { title: `of ${workflowId}`, level: 'HUMAN' },
    );
});

it('at a terminal, how to see more is said only where there is more', async () => {
  const directory = temporaryDirectory();
  const fake = fakeTemporal();
  for (const id of ['pay-1', 'pay-2']) fake.open(id);
  const said = async (limit: string) =>
    (await cli(fake, ['inbox', '--limit', limit], { data: directory.path })).out;
  expect(await said('1')).toContain('The first 1; --limit shows more.');
  expect(await said('2')).not.toContain('--limit');
  directory.remove();
});
