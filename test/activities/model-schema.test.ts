/** What a model is told of an action: a schema that strict modes take, and the way back from what is written by it. */
import Ajv from 'ajv';
import fc from 'fast-check';
import { z } from 'zod';
import { defineAction } from '../../src/actions/action';
import { createRegistry } from '../../src/actions/registry';
import type { Json, JsonObject } from '../../src/domain/json';
import { type AnswerSchema, catalogueOf, proposalSchema } from '../../src/providers/llm/catalogue';
import { shapeOf } from '../../src/providers/llm/shape';

const ajv = new Ajv({ strict: false });
const text = (value: unknown) => ({ json: JSON.stringify(value) });

interface Tree {
  readonly name: string;
  readonly kids?: readonly Tree[] | undefined;
}
const Tree: z.ZodType<Tree> = z.object({ name: z.string(), kids: z.lazy(() => z.array(Tree)).optional() });

const rows: readonly { said: string; input: z.ZodType; written: unknown; read: unknown }[] = [
  {
    said: 'what is optional or has a default is null where it is not needed',
    input: z.object({ a: z.string().optional(), b: z.int().default(1), c: z.boolean() }),
    written: { a: null, b: null, c: true },
    read: { c: true },
  },
  {
    said: 'a null that is a value stays',
    input: z.object({ a: z.string().nullable(), b: z.number().nullish() }),
    written: { a: null, b: null },
    read: { a: null, b: null },
  },
  {
    said: 'objects in objects and lists',
    input: z.object({ lines: z.array(z.object({ sku: z.string(), note: z.string().optional() })) }),
    written: {
      lines: [
        { sku: 'a', note: null },
        { sku: 'b', note: 'x' },
      ],
    },
    read: { lines: [{ sku: 'a' }, { sku: 'b', note: 'x' }] },
  },
  {
    said: 'a union by a literal',
    input: z.object({
      to: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('card'), last: z.string().optional() }),
        z.object({ kind: z.literal('bank'), last: z.string().nullish() }),
      ]),
    }),
    written: { to: { kind: 'bank', last: null } },
    read: { to: { kind: 'bank', last: null } },
  },
  {
    said: 'its other branch',
    input: z.object({
      to: z.union([
        z.object({ iban: z.string() }),
        z.object({ card: z.string(), last: z.string().optional() }),
      ]),
    }),
    written: { to: { card: 'x', last: null } },
    read: { to: { card: 'x' } },
  },
  {
    said: 'literals of several types',
    input: z.object({ size: z.literal(['s', 1, null]) }),
    written: { size: 1 },
    read: { size: 1 },
  },
  {
    said: 'any JSON as text',
    input: z.object({ body: z.unknown(), more: z.unknown().optional() }),
    written: { body: text({ a: [1, null] }), more: null },
    read: { body: { a: [1, null] } },
  },
  {
    said: 'or plain',
    input: z.object({ body: z.unknown() }),
    written: { body: 'hello' },
    read: { body: 'hello' },
  },
  {
    said: 'an object whose keys are free',
    input: z.object({ headers: z.record(z.string(), z.string()).optional() }),
    written: { headers: text({ accept: '*/*' }) },
    read: { headers: { accept: '*/*' } },
  },
  {
    said: 'an object with some free keys',
    input: z.object({ who: z.looseObject({ name: z.string() }) }),
    written: { who: text({ name: 'ana', age: 3 }) },
    read: { who: { name: 'ana', age: 3 } },
  },
  {
    said: 'a tuple',
    input: z.object({ at: z.tuple([z.number(), z.number()]) }),
    written: { at: text([1, 2]) },
    read: { at: [1, 2] },
  },
  {
    said: 'a schema that holds itself: the first level by schema, the rest as text',
    input: z.object({ tree: Tree }),
    written: { tree: { name: 'a', kids: [text({ name: 'b', kids: [{ name: 'c' }] })] } },
    read: { tree: { name: 'a', kids: [{ name: 'b', kids: [{ name: 'c' }] }] } },
  },
  {
    said: 'what JSON Schema cannot say',
    input: z.object({ on: z.date().optional(), by: z.string().transform((by) => by.length) }),
    written: { on: null, by: 'ana' },
    read: { by: 'ana' },
  },
  {
    said: 'args that are a union themselves',
    input: z.union([z.object({ id: z.int() }), z.object({ name: z.string() })]),
    written: { name: 'x' },
    read: { name: 'x' },
  },
];

test.each(rows)('$said', ({ input, written, read }) => {
  const { schema, read: back } = shapeOf(input);
  expect(offences(schema)).toEqual([]);
  expect(ajv.validate(schema, written)).toBe(true);
  expect(back(written as Json)).toEqual(read);
});

test('limits that strict modes do not know are said in words, the others are kept', () => {
  const input = z.object({
    reason: z.string().min(1).max(200).describe('For the customer'),
    amount: z.number().positive().multipleOf(0.01),
    day: z.iso.date(),
    count: z.int(),
  });
  expect(shapeOf(input).schema['properties']).toEqual({
    reason: { type: 'string', description: 'For the customer {"minLength":1,"maxLength":200}' },
    amount: { type: 'number', exclusiveMinimum: 0, description: '{"multipleOf":0.01}' },
    day: { type: 'string', description: '{"format":"date"}' },
    count: { type: 'integer' },
  });
});

test('free JSON survives its way through the text', () => {
  const { schema, read } = shapeOf(z.object({ body: z.unknown() }));
  const check = ajv.compile(schema);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const written = { body: text(value) };
      expect(check(written)).toBe(true);
      expect(read(written)).toEqual({ body: JSON.parse(JSON.stringify(value)) });
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('what does not fit is left as it is, for the action to name', () => {
  const { read } = shapeOf(z.object({ a: z.string().optional(), list: z.array(z.object({ b: z.int() })) }));
  for (const value of [
    null,
    1,
    'x',
    [],
    { a: [null], list: null },
    { list: [1, { b: null, c: 2 }], d: null },
  ])
    expect(read(value)).toEqual(value);
});

/** What OpenAI's and Anthropic's strict modes would answer with 400. */
function offences(node: unknown, path = '$'): string[] {
  const {
    properties,
    required,
    additionalProperties,
    anyOf,
    items,
    type,
    enum: values,
    ...rest
  } = node as JsonObject;
  const known = [
    'description',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minItems',
    'maxItems',
  ];
  const found = Object.keys(rest)
    .filter((key) => !known.includes(key))
    .map((key) => `${path}: ${key}`);
  if (anyOf === undefined && typeof type !== 'string') found.push(`${path}: no type`);
  if (values !== undefined && !Array.isArray(values)) found.push(`${path}: enum`);
  if (type === 'array' && items === undefined) found.push(`${path}: no items`);
  if (type === 'object') {
    if (additionalProperties !== false) found.push(`${path}: open`);
    const keys = Object.keys(properties as JsonObject);
    if (JSON.stringify(required) !== JSON.stringify(keys)) found.push(`${path}: not all required`);
    for (const key of keys) found.push(...offences((properties as JsonObject)[key], `${path}.${key}`));
  }
  if (Array.isArray(anyOf)) anyOf.forEach((one, index) => found.push(...offences(one, `${path}|${index}`)));
  return items === undefined ? found : [...found, ...offences(items, `${path}[]`)];
}

describe('the catalogue', () => {
  const run = async () => ({});
  const actions = [
    defineAction({ name: 'ship', input: z.object({ order: z.int() }), risk: 'low', run }),
    defineAction({ name: 'wipe', input: z.object({}), risk: 'high', offered: false, run }),
  ];
  const nothing = { actions, databases: {}, hosts: [], taskQueues: [] as string[] };
  const registryOf = (configured: object) =>
    createRegistry({ ...nothing, ...configured, ownTaskQueue: 'countersign' });

  test('leaves out what has nothing to reach, and what is not for agents', () => {
    expect([...catalogueOf(registryOf({})).keys()]).toEqual(['answer', 'ship']);
    const databases = { shop: { url: 'file:nowhere.db' } };
    const offers = catalogueOf(registryOf({ databases, taskQueues: ['billing'] }));
    expect([...offers.keys()]).toEqual(['sql', 'remote', 'answer', 'ship']);
    expect(offers.get('sql')?.args.schema).toMatchObject({ properties: { database: { enum: ['shop'] } } });
    expect(offers.get('remote')?.args.schema).toMatchObject({
      properties: { taskQueue: { enum: ['billing'] } },
    });
    expect(catalogueOf(registryOf({ taskQueues: undefined })).has('remote')).toBe(true);
  });

  test('the schema of all built-in actions is strict', () => {
    const databases = { shop: { url: 'file:nowhere.db' } };
    const hosts = [{ host: 'api.example.com' }];
    const catalogue = catalogueOf(registryOf({ databases, hosts, taskQueues: undefined }));
    expect([...catalogue.keys()]).toEqual(['sql', 'http', 'remote', 'answer', 'ship']);
    const { schema, strict, unions } = proposalSchema(catalogue);
    expect(offences(schema)).toEqual([]);
    expect(strict).toBe(true);
    expect(unions).toBeLessThanOrEqual(16); // what Anthropic takes
  });

  test.each<{ said: string; input: z.ZodType; strict: boolean }>([
    { said: '900 literals', input: z.object({ a: z.enum(many(900)) }), strict: true },
    { said: '1,100 literals', input: z.object({ a: z.enum(many(1_100)) }), strict: false },
    {
      said: '5,100 properties',
      input: z.object(Object.fromEntries(many(5_100).map((key) => [key, z.int()]))),
      strict: false,
    },
    { said: '6 levels', input: deep(6), strict: true },
    { said: '12 levels', input: deep(12), strict: false },
  ])('what is too large for strict mode is not asked for strictly: $said', ({ input, strict }) => {
    const big = [defineAction({ name: 'big', input, risk: 'low', run })];
    const answer: AnswerSchema = proposalSchema(catalogueOf(registryOf({ actions: big })));
    expect(answer.strict).toBe(strict);
  });
});

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}

function deep(levels: number): z.ZodType {
  return z.object({ a: levels === 1 ? z.int() : deep(levels - 1) });
}
