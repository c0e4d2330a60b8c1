/** What is said of a policy that is looser than the rules. */
import { atLeast, list, shown, span, unless } from '../../src/domain/looser';
import { messageOf } from '../../src/domain/message';

it.each([
  [undefined, 'none'],
  [Infinity, 'none'],
  [0, '0'],
  [false, 'false'],
  ['CONFIRM', 'CONFIRM'],
])('%p is shown as %s', (value, text) => {
  expect(shown(value)).toBe(text);
});

const names = (count: number) => Array.from({ length: count }, (_, nth) => `p${String(nth)}`);
const TEN = 'p0, p1, p2, p3, p4, p5, p6, p7, p8, p9';

it.each([
  [0, 'nobody'],
  [1, 'p0'],
  [10, TEN],
  [11, `${TEN} and 1 more`],
  [25, `${TEN} and 15 more`],
])('a list of %i', (count, text) => {
  expect(list(names(count))).toBe(text);
});

it('nothing is said where it holds', () => {
  expect(unless(true, 'quorum', 1, 2)).toEqual([]);
  expect(unless(false, 'quorum', 1, undefined)).toEqual([
    'quorum: 1 is looser than what the rules say, none',
  ]);
});

it.each([
  ['INFO', 'CONFIRM', 'confirmation: INFO is looser than what the rules say, CONFIRM'],
  ['CONFIRM', 'CONFIRM', undefined],
  ['VERIFY', 'CONFIRM', undefined],
])('%s where the rules say %s', (given, ruled, said) => {
  const found = atLeast(['INFO', 'CONFIRM', 'VERIFY'], 'confirmation', given, ruled);
  expect(found).toEqual(said === undefined ? [] : [said]);
});

it('a span in milliseconds; not said, it has no bound', () => {
  expect([span('2 hours'), span(undefined)]).toEqual([7_200_000, Infinity]);
});

it('an error says its message, anything else itself', () => {
  expect([messageOf(new Error('why')), messageOf('why'), messageOf(undefined)]).toEqual([
    'why',
    'why',
    'undefined',
  ]);
});
