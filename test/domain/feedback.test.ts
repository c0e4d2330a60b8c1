/** Feedback without a server: what is one, what counts, when a collection is complete, and the id that it has everywhere. */
import {
  feedbackReceipt,
  feedbackResult,
  isComplete,
  MOST,
  NOTHING,
  parseCollectFeedback,
  parseFeedback,
  stray,
  take,
  undeliver,
  windowOf,
  type CollectFeedback,
  type Collection,
  type Undelivered,
} from '../../src/domain/feedback';
import { feedbackUuid, isUuid } from '../../src/domain/feedback-id';

const AT = '2026-03-02T09:00:00.000Z';
const one = (id: string, more: object = {}) => ({
  v: 1,
  id,
  reviewer: 'ana',
  key: 'tone',
  score: 1,
  ...more,
});
const after = (...sent: unknown[]): Collection =>
  sent.reduce<Collection>((collection, each) => take(collection, each, AT), NOTHING);
const start = (more: object = {}): CollectFeedback => ({ v: 1, runId: 'r', output: null, ...more });

it.each<{ said: string; argument: unknown; problem?: RegExp; window?: number }>([
  { said: 'the least', argument: { v: 1, runId: 'r', output: null }, window: 7 * 86_400_000 },
  { said: 'a window', argument: { v: 1, runId: 'r', output: 1, window: '90s' }, window: 90_000 },
  { said: 'no output', argument: { v: 1, runId: 'r' }, problem: /^output: must be there/ },
  { said: 'no keys', argument: { v: 1, runId: 'r', output: 1, keys: [] }, problem: /^keys: / },
  {
    said: 'a key twice',
    argument: { v: 1, runId: 'r', output: 1, keys: ['a', 'a'] },
    problem: /each key once/,
  },
  { said: 'no window', argument: { v: 1, runId: 'r', output: 1, window: 'soon' }, problem: /^window: / },
  { said: 'an id with a line break', argument: { v: 1, runId: 'r\n', output: 1 }, problem: /^runId: / },
  { said: 'a key too many', argument: { v: 1, runId: 'r', output: 1, why: 1 }, problem: /^why: unknown key/ },
  { said: 'too deep', argument: { v: 1, runId: 'r', output: [[[[[[[[1]]]]]]]] }, problem: /nested/ },
  { said: 'nothing', argument: undefined, problem: /nothing/ },
])('an argument: $said', ({ argument, problem, window }) => {
  const parsed = parseCollectFeedback(argument);
  if (parsed.ok) expect({ problem, window: windowOf(parsed.start) }).toEqual({ problem: undefined, window });
  else expect(parsed.problem).toMatch(problem ?? /^never$/);
});

it.each<{ said: string; sent: unknown; problem: RegExp | undefined; id?: string }>([
  { said: 'the least', sent: one('1'), problem: undefined },
  { said: 'all of it', sent: one('1', { score: 0, comment: 'c', correction: [1] }), problem: undefined },
  { said: 'a score above one', sent: one('1', { score: 1.01 }), problem: /^score: /, id: '1' },
  { said: 'a score below nought', sent: one('1', { score: -0.1 }), problem: /^score: /, id: '1' },
  { said: 'a score in words', sent: one('1', { score: '1' }), problem: /^score: /, id: '1' },
  { said: 'an empty comment', sent: one('1', { comment: '' }), problem: /^comment: /, id: '1' },
  { said: 'no reviewer', sent: { v: 1, id: '1', key: 'k', score: 1 }, problem: /^reviewer: /, id: '1' },
  { said: 'another version', sent: one('1', { v: 2 }), problem: /^v: /, id: '1' },
  { said: 'a key too many', sent: one('1', { mood: 'x' }), problem: /^mood: unknown key/, id: '1' },
  { said: 'an id that is none', sent: one('ü'), problem: /^id: / },
  { said: 'a text', sent: 'good', problem: /object/ },
  { said: 'nothing', sent: undefined, problem: /nothing/ },
  { said: 'what did not decode', sent: { __undecodable: true, encoding: 'x', bytes: 2 }, problem: /decode/ },
  { said: 'half a character', sent: one('1', { comment: '\ud800' }), problem: /Unicode/, id: '1' },
])('a feedback: $said', ({ sent, problem, id }) => {
  const parsed = parseFeedback(sent);
  expect(parsed.ok).toBe(problem === undefined);
  if (parsed.ok) return;
  expect(parsed.problem).toMatch(problem ?? /^never$/);
  expect(parsed.id).toBe(id);
});

const full = Array.from({ length: MOST.feedbacks }, (_, n) => one(`n${String(n)}`));
const long = 'x'.repeat(20_000);
const heavy = Array.from({ length: 60 }, (_, n) => one(`n${String(n)}`, { comment: long }));

it.each<{
  said: string;
  collection: Collection;
  taken: number;
  refused: number;
  receipt: readonly [id: string, status: string, code?: string];
}>([
  { said: 'taken', collection: after(one('1')), taken: 1, refused: 0, receipt: ['1', 'admitted'] },
  {
    said: 'a repeat',
    collection: after(one('1'), one('1')),
    taken: 1,
    refused: 0,
    receipt: ['1', 'admitted'],
  },
  {
    said: 'an id used for another one: the first stays',
    collection: after(one('1'), one('1', { score: 0 })),
    taken: 1,
    refused: 1,
    receipt: ['1', 'admitted'],
  },
  {
    said: 'malformed',
    collection: after(one('1', { score: 7 })),
    taken: 0,
    refused: 1,
    receipt: ['1', 'refused', 'MALFORMED_FEEDBACK'],
  },
  {
    said: 'malformed, then mended under the same id',
    collection: after(one('1', { score: 7 }), one('1')),
    taken: 1,
    refused: 1,
    receipt: ['1', 'admitted'],
  },
  {
    said: 'a stray signal',
    collection: stray(after(one('1'))),
    taken: 1,
    refused: 1,
    receipt: ['2', 'unknown'],
  },
  {
    said: 'too late',
    collection: take({ ...after(one('1')), closed: true }, one('2'), AT),
    taken: 1,
    refused: 1,
    receipt: ['2', 'refused', 'COLLECTION_CLOSED'],
  },
  {
    said: 'too late, and a repeat',
    collection: take({ ...after(one('1')), closed: true }, one('1'), AT),
    taken: 1,
    refused: 0,
    receipt: ['1', 'admitted'],
  },
  {
    said: 'too many',
    collection: after(...full, one('last')),
    taken: MOST.feedbacks,
    refused: 1,
    receipt: ['last', 'refused', 'COLLECTION_FULL'],
  },
  {
    said: 'too much',
    collection: after(...heavy),
    taken: 49,
    refused: 11,
    receipt: ['n59', 'refused', 'COLLECTION_FULL'],
  },
])('$said', ({ collection, taken, refused, receipt: [id, status, code] }) => {
  expect({ taken: collection.taken.length, refused: collection.refused }).toEqual({ taken, refused });
  expect(feedbackReceipt(collection, id)).toMatchObject({
    id,
    status,
    ...(code === undefined ? {} : { code, message: expect.any(String) }),
  });
});

it('a flood of what is malformed grows the state by no more than its last receipts', () => {
  const flood = Array.from({ length: 3_000 }, (_, n) =>
    one(`n${String(n)}`, { [`k${'x'.repeat(1_000)}`]: long }),
  );
  const { refusals, refused } = after(...flood);
  expect(refused).toBe(3_000);
  expect(JSON.stringify(refusals).length).toBeLessThan(100_000);
  expect(refusals.at(-1)?.id).toBe('n2999');
});

it('the worst that one collection can hold fits into a result, and into the argument of the next run', () => {
  const { taken, ...rest } = after(...heavy, ...full);
  expect(JSON.stringify({ taken, ...rest }).length).toBeLessThan(1_300_000);
});

it.each<{ said: string; keys?: string[]; scored: string[]; complete: boolean }>([
  { said: 'each key has a score', keys: ['a', 'b'], scored: ['b', 'a'], complete: true },
  { said: 'one is missing', keys: ['a', 'b'], scored: ['a', 'a', 'c'], complete: false },
  { said: 'no key was asked for: the window alone ends it', scored: ['a'], complete: false },
])('complete: $said', ({ keys, scored, complete }) => {
  const collection = after(...scored.map((key, nth) => one(String(nth), { key })));
  expect(isComplete(start(keys === undefined ? {} : { keys }), collection)).toBe(complete);
});

it('the result holds what was taken, and what was undelivered only where something was', () => {
  const collection = after(one('1'), one('2', { score: 3 }));
  expect(feedbackResult(collection, [])).toEqual({ v: 1, feedback: [one('1')], refused: 1 });
  const undelivered = undeliver([], 'LangSmith', 'away', ['1']);
  expect(feedbackResult(collection, undelivered)).toMatchObject({ undelivered: [{ ids: ['1'] }] });
});

it('reasons are told once each, and bounded', () => {
  let all: Undelivered[] = undeliver([], 'store', 'full', ['1']);
  all = undeliver(undeliver(all, 'store', 'full', ['2']), 'LangSmith', 'full', ['1']);
  expect(all).toEqual([
    { to: 'store', why: 'full', ids: ['1', '2'] },
    { to: 'LangSmith', why: 'full', ids: ['1'] },
  ]);
  for (let n = 0; n < 100; n += 1)
    all = undeliver(all, 'LangSmith', `${String(n)}${long}`, [`x${String(n)}`]);
  expect(all).toHaveLength(20);
  expect(all.flatMap(({ ids }) => ids)).toHaveLength(103);
  expect(JSON.stringify(all).length).toBeLessThan(20_000);
});

describe('its id elsewhere', () => {
  it('as any other language computes it: version 5 over the canonical JSON', () => {
    // python3 -c "import uuid; print(uuid.uuid5(uuid.UUID('5b0f4d2e-9c37-4f0c-8f6a-1d7e42b39a60'), '[\"r\",\"1\",\"tone\"]'))"
    expect(feedbackUuid('r', { id: '1', key: 'tone' })).toBe('b1ddeaa8-b904-5132-b095-baf784b29260');
  });

  it('each of run, id and key makes it another one', () => {
    const ids = [
      feedbackUuid('r', { id: '1', key: 'k' }),
      feedbackUuid('s', { id: '1', key: 'k' }),
      feedbackUuid('r', { id: '2', key: 'k' }),
      feedbackUuid('r', { id: '1', key: 'l' }),
      feedbackUuid('r","1', { id: '', key: 'k' }),
    ];
    expect(new Set(ids).size).toBe(5);
    expect(ids.every(isUuid)).toBe(true);
    expect(isUuid('refund-1042')).toBe(false);
    expect([`${ids[0] ?? ''}0`, `0${ids[0] ?? ''}`].some(isUuid)).toBe(false);
    expect(isUuid((ids[0] ?? '').toUpperCase())).toBe(true);
  });
});
