/** What an action's arguments must be before anybody is asked, and what is said where they are not. */
import { z } from 'zod';
import { type Action, defineAction } from '../../src/actions/action';
import { createRegistry, type Registry } from '../../src/actions/registry';
import type { JsonObject } from '../../src/domain/json';

const run = (): Promise<undefined> => Promise.resolve(undefined);
const action = (name: string, input: z.ZodType, rest: Partial<Action> = {}): Action => ({
  ...defineAction({ name, input, risk: 'low', run }),
  ...rest,
});

const refund = action(
  'refund',
  z.object({
    order: z.string(),
    amount: z.number(),
    currency: z.string().default('EUR'),
    to: z.object({ name: z.string() }).optional(),
    lines: z.array(z.object({ sku: z.string() })).optional(),
    by: z.union([z.object({ card: z.string() }), z.object({ iban: z.string() })]).optional(),
  }),
);

function registry(options: Partial<Parameters<typeof createRegistry>[0]> = {}): Registry {
  return createRegistry({
    actions: [refund],
    databases: {},
    hosts: [],
    taskQueues: ['billing'],
    ownTaskQueue: 'countersign',
    ...options,
  });
}

test('built-in actions come first, then those of the module', () => {
  expect(registry().names()).toEqual(['sql', 'http', 'remote', 'answer', 'confirm', 'refund']);
  expect(registry().find('refund')).toBe(refund);
  expect(registry().find('constructor')).toBeUndefined();
});

test.each([
  {
    said: 'a built-in name',
    actions: [action('sql', z.object({}))],
    error: 'the action name "sql" is built in',
  },
  { said: 'a name twice', actions: [refund, refund], error: 'two actions are named "refund"' },
  {
    said: 'a name with a line break',
    actions: [action('re\nfund', z.object({}))],
    error: 'the action name "re\\nfund" must be',
  },
  { said: 'no name', actions: [action('', z.object({}))], error: 'the action name "" must be' },
])('refused at the start: $said', ({ actions, error }) => {
  expect(() => registry({ actions })).toThrow(error);
});

const base = { order: 'A-1', amount: 5 };
const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`) as JsonObject;

test.each<{ said: string; args: JsonObject; gives: JsonObject }>([
  { said: 'a default is part of what is approved', args: base, gives: { ...base, currency: 'EUR' } },
  { said: 'a given value stays', args: { ...base, currency: 'USD' }, gives: { ...base, currency: 'USD' } },
  {
    said: 'nested objects stay',
    args: { ...base, to: { name: 'ana' } },
    gives: { ...base, currency: 'EUR', to: { name: 'ana' } },
  },
])('admitted: $said', ({ args, gives }) => {
  expect(registry().check('refund', args)).toEqual({ ok: true, action: refund, args: gives });
});

test.each<{ said: string; args: JsonObject; message: string }>([
  {
    said: 'a wrong type',
    args: { ...base, amount: '5' },
    message: 'args.amount: expected number, received string',
  },
  {
    said: 'two wrong keys, both named',
    args: { order: 1 },
    message: 'args.order: expected string, received number; args.amount: expected number, received undefined',
  },
  { said: 'an unknown key', args: { ...base, amont: 6 }, message: 'args.amont: unknown key' },
  {
    said: 'an unknown key of a nested object',
    args: { ...base, to: { name: 'ana', iban: 'x' } },
    message: 'args.to.iban: unknown key',
  },
  {
    said: 'an unknown key of an item',
    args: { ...base, lines: [{ sku: 'a' }, { sku: 'b', n: 1 }] },
    message: 'args.lines[1].n: unknown key',
  },
  {
    said: 'an unknown key in a union',
    args: { ...base, by: { iban: 'x', card: 1 } },
    message: 'args.by.card: unknown key',
  },
  {
    said: 'a union with no branch that fits',
    args: { ...base, by: { card: 1 } },
    message: 'args.by.card: expected string, received number',
  },
  { said: 'an odd key is quoted', args: { ...base, 'a b': 1 }, message: 'args["a b"]: unknown key' },
  {
    said: 'a prototype',
    args: JSON.parse('{"order":"A","amount":1,"__proto__":{"x":1}}') as JsonObject,
    message: 'the payload has a key named __proto__',
  },
  { said: 'too deep', args: deep, message: 'the payload is nested more than 8 levels deep' },
])('refused: $said', ({ args, message }) => {
  expect(registry().check('refund', args)).toEqual({ ok: false, code: 'INVALID_ARGS', message });
});

test.each<{ said: string; input: z.ZodType; args: JsonObject; message: string }>([
  {
    said: 'a transform that adds up',
    input: z.object({ n: z.number().transform((n) => n + 1) }),
    args: { n: 1 },
    message: 'is not stable',
  },
  {
    said: 'a transform that its own schema refuses',
    input: z.object({ n: z.string().transform(Number) }),
    args: { n: '1' },
    message: 'is not stable',
  },
  {
    said: 'a Date',
    input: z.object({ at: z.coerce.date() }),
    args: { at: '2026-01-01' },
    message: 'args.at is a Date',
  },
  {
    said: 'a bigint',
    input: z.object({ n: z.coerce.bigint() }),
    args: { n: '1' },
    message: 'args.n is a bigint',
  },
  {
    said: 'infinity',
    input: z.object({ n: z.any().transform(() => Infinity) }),
    args: { n: 1 },
    message: 'args.n is Infinity',
  },
  {
    said: 'undefined',
    input: z.object({ n: z.any().transform(() => undefined) }),
    args: { n: 1 },
    message: 'args.n is undefined',
  },
  { said: 'no object', input: z.any().transform(() => 1), args: {}, message: 'must give an object' },
  {
    said: 'a transform that drops items',
    input: z.object({ n: z.array(z.number()).transform((n) => n.slice(0, 1)) }),
    args: { n: [1, 2] },
    message: 'args.n[1]: the schema drops it',
  },
  {
    said: 'a transform that throws',
    input: z.any().transform(() => {
      throw new Error('no such order');
    }),
    args: {},
    message: 'no such order',
  },
  {
    said: 'an asynchronous check',
    input: z.object({ n: z.number().refine(() => Promise.resolve(true)) }),
    args: { n: 1 },
    message: 'the schema cannot parse these args',
  },
])('a schema that gives $said is refused', ({ input, args, message }) => {
  const found = registry({ actions: [action('own', input)] }).check('own', args);
  expect(found).toEqual({
    ok: false,
    code: 'INVALID_ARGS',
    message: expect.stringContaining(message) as string,
  });
});

test('keys that a schema lets through on purpose are kept', () => {
  const found = registry({ actions: [action('own', z.looseObject({}))] }).check('own', { any: { thing: 1 } });
  expect(found).toMatchObject({ ok: true, args: { any: { thing: 1 } } });
});

test('an unregistered action is named, with those that there are', () => {
  expect(registry().check('refnd', {})).toEqual({
    ok: false,
    code: 'UNREGISTERED_ACTION',
    message: 'there is no action "refnd"; registered: sql, http, remote, answer, confirm, refund',
  });
});

const remote = { taskQueue: 'billing', activity: 'Charge', input: { a: 1 } };
test.each<{
  said: string;
  name: string;
  args: JsonObject;
  queues?: string[] | undefined;
  message: string | null;
}>([
  { said: 'an allowed queue', name: 'remote', args: remote, message: null },
  {
    said: 'any queue where none is listed',
    name: 'remote',
    args: { ...remote, taskQueue: 'x' },
    queues: undefined,
    message: null,
  },
  {
    said: 'our own queue',
    name: 'remote',
    args: { ...remote, taskQueue: 'countersign' },
    queues: undefined,
    message: "args.taskQueue: countersign is Countersign's own task queue",
  },
  {
    said: 'our own queue, even listed',
    name: 'remote',
    args: { ...remote, taskQueue: 'countersign' },
    queues: ['countersign'],
    message: "args.taskQueue: countersign is Countersign's own task queue",
  },
  {
    said: 'a queue that is not listed',
    name: 'remote',
    args: { ...remote, taskQueue: 'x' },
    message: 'args.taskQueue: not an allowed task queue (billing)',
  },
  {
    said: 'an empty list',
    name: 'remote',
    args: remote,
    queues: [],
    message: 'args.taskQueue: no task queue is allowed',
  },
  {
    said: 'no time at all',
    name: 'remote',
    args: { ...remote, timeout: '0s' },
    message: 'args.timeout: must be a duration',
  },
  {
    said: 'no input',
    name: 'remote',
    args: { taskQueue: 'billing', activity: 'Charge' },
    message: 'args.input: ',
  },
  {
    said: 'an unknown key',
    name: 'remote',
    args: { ...remote, tiemout: '1s' },
    message: 'args.tiemout: unknown key',
  },
  { said: 'an answer', name: 'answer', args: { output: null }, message: null },
  { said: 'an answer without output', name: 'answer', args: {}, message: 'args.output: ' },
  { said: 'a question', name: 'confirm', args: { question: 'Sure?', details: { a: [1] } }, message: null },
  { said: 'no question', name: 'confirm', args: { question: '' }, message: 'args.question: ' },
  {
    said: 'a database where none is configured',
    name: 'sql',
    args: { database: 'x', statement: 'SELECT 1' },
    message: 'args.database: no database is configured',
  },
])('$name: $said', ({ name, args, message, ...rest }) => {
  const found = registry('queues' in rest ? { taskQueues: rest.queues } : {}).check(name, args);
  if (message === null) expect(found).toMatchObject({ ok: true, args });
  else
    expect(found).toEqual({
      ok: false,
      code: 'INVALID_ARGS',
      message: expect.stringContaining(message) as string,
    });
});

test('remote goes where the args say, within a minute unless they say otherwise', () => {
  const found = registry().check('remote', remote);
  if (!found.ok || !('dispatch' in found.action)) throw new Error('not admitted');
  expect(found.action.dispatch(found.args)).toEqual({ ...remote, timeout: '1 minute' });
});

test('words: the first action that recognises them, and one that throws is passed over', () => {
  const broken = action('broken', z.object({}), {
    recognise: () => {
      throw new Error('oops');
    },
  });
  const first = action('first', z.object({}), {
    recognise: (text) => (text.includes('first') ? { args: {}, title: 'One' } : undefined),
  });
  const second = action('second', z.object({}), { recognise: () => ({ args: { n: 2 } }) });
  const all = registry({ actions: [broken, first, second] });
  expect(all.recognise('the first')).toEqual({ action: 'first', args: {}, title: 'One' });
  expect(all.recognise('another')).toEqual({ action: 'second', args: { n: 2 } });
  expect(registry({ actions: [broken] }).recognise('the first')).toBeUndefined();
});
