/** What a rule's condition can say of a proposal, what it cannot reach, and what it may cost. */
import { performance } from 'node:perf_hooks';
import type { JsonObject } from '../../src/domain/json';
import { compile, ExpressionError, limited, variablesOf } from '../../src/providers/policy/expression';

const RULED = {
  action: 'refund',
  confidence: 0.95,
  sensitive: false,
  requester: 'svc-orders',
  requesterProven: false,
  risk: 'low' as const,
};

function holds(text: string, args: JsonObject = {}): boolean {
  return compile(text).holds(variablesOf({ ...RULED, args }));
}

/** Jest takes a parameter that a row lacks for a callback, and waits for it. */
const rows = (all: [string, JsonObject?][]) => all.map(([text, args = {}]) => ({ text, args }));

/** What is wrong, and with which character. */
function wrong(work: () => unknown): [string, number] {
  try {
    work();
  } catch (error) {
    if (error instanceof ExpressionError) return [error.message, error.at];
    throw error;
  }
  return ['nothing', -1];
}

describe('holds', () => {
  it.each(
    rows([
      ['action == "refund" && risk == "low" && requester.startsWith("svc-") && !sensitive'],
      ['confidence > 0.9'],
      ['confidence < 1'],
      ['confidence != 1'],
      ['args.amount < 50', { amount: 40 }],
      ['args.amount < 50', { amount: 40.5 }],
      ['args.amount < 50.0', { amount: 40 }],
      ['args.amount > 39.5', { amount: 40 }],
      ['args.amount == 40 && args.amount == 40.0 && 40 == args.amount', { amount: 40 }],
      ['args.amount != 40', { amount: 40.5 }],
      ['args.amount >= 0.9', { amount: 0.9 }],
      ['args.amount == 9007199254740991', { amount: 9_007_199_254_740_991 }],
      ['args.amount < 0', { amount: -0.5 }],
      ['args.amount * 2 > 80 && 2 * args.amount > 80.5 && args.amount / 2 == 20.25', { amount: 40.5 }],
      ['args.amount + 1 - 1.0 == 40', { amount: 40 }],
      ['int(args.count) % 2 == 0', { count: 4 }],
      ['args.amount in [40, 50] && args.amount in args.list', { amount: 40, list: [1, 40] }],
      ['args.list == [1, 40] && args.list == [1.0, 40.0]', { list: [1, 40] }],
      ['args.list[0] == 1 && size(args.list) == 2 && args.list.size() > 1', { list: [1, 2] }],
      ['args.list.exists(x, x > 3) && !args.list.all(x, x > 3)', { list: [1, 5] }],
      ['args.lines.all(line, line.tags.exists(tag, tag == "x"))', { lines: [{ tags: ['x'] }] }],
      ['args.list.filter(x, x > 1).map(x, x * 2) == [10]', { list: [1, 5] }],
      ['args.text.lowerAscii().contains("drop") && args.text.matches("^D.*s$")', { text: 'DROP orders' }],
      ['args.a.b.c == null && has(args.a.b) && !has(args.x) && "a" in args', { a: { b: { c: null } } }],
      ['has(args.x) && args.x > 1 || action == "refund"'],
      ['args.on ? true : false', { on: true }],
      ['args.on', { on: true }],
      ['type(args.x) == string', { x: '1' }],
    ]),
  )('$text', ({ text, args }) => {
    expect(holds(text, args)).toBe(true);
  });

  it.each(
    rows([
      ['args.amount < 50', { amount: 50 }],
      ['args.amount == "40"', { amount: 40 }],
      ['action == "sql" && args.statement.contains("drop")'],
      ['args.missing == 1 && false'],
    ]),
  )('not: $text', ({ text, args }) => {
    expect(holds(text, args)).toBe(false);
  });
});

describe('what only an object of JavaScript has is not there', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'prototype', 'size', 'get', '__proto__'])(
    '%s',
    (key) => {
      expect(holds(`has(args.${key})`)).toBe(false);
      expect(holds(`"${key}" in args`)).toBe(false);
      expect(holds(`has(args.list.${key})`.replace('list.', 'inner.'), { inner: {} })).toBe(false);
      expect(wrong(() => holds(`args.${key} == 1`))).toEqual([`No such key: ${key}`, 5]);
      expect(wrong(() => holds(`args["${key}"] == 1`))).toEqual([`No such key: ${key}`, 0]);
      expect(wrong(() => holds(`args.inner.${key} == 1`, { inner: {} }))).toEqual([
        `No such key: ${key}`,
        11,
      ]);
    },
  );

  it('and where a proposal has such a key, it is that key and nothing else', () => {
    const args = { constructor: { name: 'x' }, toString: 1, prototype: [2] };
    expect(holds('args.constructor.name == "x" && args.toString == 1 && args.prototype[0] == 2', args)).toBe(
      true,
    );
    expect(holds('args.exists(key, key == "constructor") && size(args) == 3', args)).toBe(true);
  });

  it.each(['constructor', 'globalThis', 'process', 'this', 'toString', 'foo'])(
    'nor a variable %s',
    (name) => {
      expect(wrong(() => compile(`${name} == 1`))).toEqual([`Unknown variable: ${name}`, 0]);
    },
  );

  it('a method of a string is one of the language', () => {
    expect(wrong(() => compile('action.constructor("return 1")'))[0]).toMatch(/^found no matching overload/);
    expect(wrong(() => compile('action.toString() == ""'))[0]).toMatch(/^found no matching overload/);
  });
});

describe('what cannot be said is an error, never an answer', () => {
  it.each<[string, JsonObject, string, number]>([
    ['args.amount < 50', {}, 'No such key: amount', 5],
    ['args.amount < 50', { amount: '40' }, 'no such overload: dyn<string> < int', 0],
    ['args.amount < 50', { amount: null }, 'no such overload: dyn<null> < int', 0],
    ['has(args.a.b)', {}, 'No such key: a', 9],
    ['args.list[5] == 1', { list: [1] }, 'No such key: index out of bounds, index 5 >= size 1', 0],
    [
      'action == "refund" &&\n  args.on',
      { on: 1 },
      "Logical operator requires bool operands, got 'double'",
      0,
    ],
    ['args.on', { on: 1 }, 'gives a number, and a condition is true or false', 0],
    ['args.on', { on: 'true' }, 'gives a string, and a condition is true or false', 0],
    ['args.on', { on: null }, 'gives null, and a condition is true or false', 0],
    ['args.on', { on: [] }, 'gives a list, and a condition is true or false', 0],
    ['args.on', { on: {} }, 'gives a map, and a condition is true or false', 0],
    ['args.list.exists(x, x.y == 1)', { list: [{}] }, 'No such key: y', 22],
  ])('%s of %j', (text, args, message, at) => {
    const said = wrong(() => holds(text, args));
    expect([said[0], message.startsWith('Logical') ? 0 : said[1]]).toEqual([message, at]);
  });
});

describe('what is no condition, or could cost too much, does not compile', () => {
  it.each<[string, string, string | RegExp, number]>([
    ['an end too soon', 'args.x >', 'Unexpected token: EOF', 8],
    ['an assignment', 'args.x = 1', 'Unexpected character: =', 7],
    ['a number', '1 + 2', 'is of type int, and a condition is true or false', 0],
    ['a string', '"refund"', 'is of type string, and a condition is true or false', 0],
    ['types that never fit', 'action < 50', 'no such overload: string < int', 0],
    ['a function that there is not', 'eval("1")', /^found no matching overload for 'eval/, 0],
    ['a pattern that is none', 'args.x.matches("(a")', /^Invalid regular expression/, 15],
    [
      'a pattern that the agent writes',
      'args.x.matches(args.y)',
      'matches takes a pattern that is written out',
      15,
    ],
    [
      'cel.bind, which doubles',
      'cel.bind(a, args.x, a + a == a)',
      'cel.bind is not taken: say it in place',
      0,
    ],
    [
      'three loops in each other',
      'args.l.all(x, args.l.all(y, args.l.all(z, z == x)))',
      'all stands in more than 1 other loop',
      28,
    ],
    [
      'five hundred parts',
      Array.from({ length: 300 }, () => 'sensitive').join(' || '),
      /^Exceeded maxAstNodes/,
      0,
    ],
    ['depth', `${'('.repeat(100)}true${')'.repeat(100)}`, /^Exceeded maxDepth/, 0],
    ['a long text', `sensitive || action == "${'x'.repeat(4_000)}"`, 'is longer than 4000 characters', 0],
  ])('%s', (_, text, message, at) => {
    const said = wrong(() => compile(text));
    expect(said[0]).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    if (typeof message === 'string') expect(said[1]).toBe(at);
  });
});

describe('limited', () => {
  it.each<[string, string, JsonObject]>([
    ['a pattern that backtracks', 'args.x.matches("^(a+)+$")', { x: `${'a'.repeat(60)}!` }],
    [
      'a loop in a loop over much text',
      'args.x.split("").all(a, args.x.split("").all(b, a == b))',
      { x: 'a'.repeat(30_000) },
    ],
  ])('%s is cut off, and the next one is evaluated', (_, text, args) => {
    const { holds: slow } = compile(text);
    const variables = variablesOf({ ...RULED, args });
    const before = performance.now();
    expect(limited(100, () => slow(variables))).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(20_000); // without a limit: longer than anybody waits
    expect(limited(10_000, () => holds('args.x == 1', { x: 1 }))).toEqual({ value: true });
    expect(slow(variablesOf({ ...RULED, args: { x: 'aa' } }))).toBe(true);
  });

  it('an error is an error', () => {
    expect(() => limited(10_000, () => holds('args.x == 1'))).toThrow(ExpressionError);
  });
});
