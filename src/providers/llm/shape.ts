/**
 * An action's arguments as a JSON Schema that providers take in their strict mode, where the model's tokens are held to
 * it, and the way back from what the model then writes. Strict mode knows less than JSON Schema: every property is
 * required and no object is open. So an optional property may be null, which is read as absent; free JSON is written as
 * text, `{ "json": "…" }`; and a limit that has no strict form is said in the description. The action's own schema
 * judges in the end: this one only helps a model to get it right the first time.
 */
import { z } from 'zod';
import type { Json, JsonObject } from '../../domain/json';

export interface Shape {
  readonly schema: JsonObject;
  /** Undoes the nulls and the JSON text; what does not fit stays as it is, to be named by the action's schema. @throws Error naming JSON text that does not parse */
  read(value: Json): Json;
  /** Whether a value was meant for this branch of a union. */
  fits(value: Json): boolean;
  /** Null is a value here, not only the absence of one. */
  readonly nullable: boolean;
}

export function shapeOf(input: z.ZodType): Shape {
  try {
    const root = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    return shape(root, { root: root as JsonObject, refs: [] });
  } catch {
    return open({}); // a schema that JSON Schema cannot say
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface At {
  readonly root: JsonObject;
  /** References on the way here: one that comes again is a recursive schema, and is left to free JSON. */
  readonly refs: readonly string[];
}

const SCALARS = ['string', 'number', 'integer', 'boolean', 'null'];

function shape(node: unknown, at: At): Shape {
  if (!isObject(node)) return anything({});
  const { $ref: ref, type, enum: values } = node;
  if (typeof ref === 'string') {
    const target = at.refs.includes(ref) ? undefined : referred(ref, at.root);
    return shape(target, { ...at, refs: [...at.refs, ref] });
  }
  const branches = node['anyOf'] ?? node['oneOf'];
  if (Array.isArray(branches))
    return union(
      branches.map((branch) => shape(branch, at)),
      node,
    );
  if ('const' in node) return literals([node['const'] ?? null], node);
  if (Array.isArray(values)) return literals(values, node);
  if (Array.isArray(type))
    return union(
      type.map((one) => shape({ ...node, type: one }, at)),
      {},
    );
  if (typeof type === 'string' && SCALARS.includes(type)) return scalar(type, node);
  if (type === 'array' && isObject(node['items'])) return list(shape(node['items'], at), node);
  if (type === 'object') return isOpen(node) ? open(node) : closed(node, at);
  return anything(node);
}

function referred(ref: string, root: JsonObject): Json | undefined {
  if (ref === '#') return root;
  const path = ref.replace(/^#\//, '').split('/');
  return path.reduce<Json | undefined>((node, key) => (isObject(node) ? node[key] : undefined), root);
}

function scalar(type: string, node: JsonObject): Shape {
  return {
    schema: { type, ...kept(node), ...described(node) },
    read: (value) => value,
    fits: (value) => typeOf(value) === type || (type === 'number' && typeOf(value) === 'integer'),
    nullable: type === 'null',
  };
}

function literals(values: readonly Json[], node: JsonObject): Shape {
  const types = [...new Set(values.map((value) => typeOf(value)))];
  const ofType = types.map((type) => ({ type, enum: values.filter((value) => typeOf(value) === type) }));
  const [only] = ofType;
  return {
    schema: {
      ...(ofType.length === 1 && only !== undefined ? only : { anyOf: ofType }),
      ...described(node),
    },
    read: (value) => value,
    fits: (value) => values.includes(value),
    nullable: values.includes(null),
  };
}

function list(item: Shape, node: JsonObject): Shape {
  return {
    schema: { type: 'array', items: item.schema, ...kept(node), ...described(node) },
    read: (value) => (Array.isArray(value) ? value.map((one) => item.read(one)) : value),
    fits: (value) => Array.isArray(value) && value.every((one) => item.fits(one)),
    nullable: false,
  };
}

function closed(node: JsonObject, at: At): Shape {
  const { properties, required } = node;
  const needed = Array.isArray(required) ? required : [];
  const shapes = Object.entries(isObject(properties) ? properties : {}).map(([key, property]) => {
    const inner = shape(property, at);
    return { key, inner, optional: !needed.includes(key) };
  });
  const byKey = new Map(shapes.map((one) => [one.key, one]));
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        shapes.map(({ key, inner, optional }) => [key, optional ? orNull(inner) : inner.schema]),
      ),
      required: shapes.map(({ key }) => key),
      additionalProperties: false,
      ...described(node),
    },
    read(value) {
      if (!isObject(value)) return value;
      const entries = Object.entries(value).flatMap<[string, Json]>(([key, one]) => {
        const property = byKey.get(key);
        if (property === undefined) return [[key, one]];
        if (one === null && property.optional && !property.inner.nullable) return [];
        return [[key, property.inner.read(one)]];
      });
      return Object.fromEntries(entries);
    },
    fits: (value) =>
      isObject(value) &&
      Object.keys(value).every((key) => byKey.has(key)) &&
      shapes.every(({ key, inner, optional }) => {
        const one = value[key];
        return one === undefined || (one === null && optional) ? optional : inner.fits(one);
      }),
    nullable: false,
  };
}

function orNull({ schema }: Shape): JsonObject {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf)) return schema['type'] === 'null' ? schema : { anyOf: [schema, NULL] };
  return anyOf.some((one) => isObject(one) && one['type'] === 'null')
    ? schema
    : { ...schema, anyOf: [...anyOf, NULL] };
}

/** Nested unions are one union: providers count them. */
function union(branches: readonly Shape[], node: JsonObject): Shape {
  const flat = branches.flatMap(({ schema }) =>
    Array.isArray(schema['anyOf']) ? schema['anyOf'] : [schema],
  );
  return {
    schema: { anyOf: flat, ...described(node) },
    read: (value) => (branches.find((branch) => branch.fits(value)) ?? branches[0])?.read(value) ?? value,
    fits: (value) => branches.some((branch) => branch.fits(value)),
    nullable: branches.some(({ nullable }) => nullable),
  };
}

const NULL: JsonObject = { type: 'null' };

const TEXT: JsonObject = {
  type: 'object',
  properties: { json: { type: 'string', description: 'the value, written as JSON text' } },
  required: ['json'],
  additionalProperties: false,
};

const ANYTHING: JsonObject = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, NULL, TEXT],
};

/** An object whose keys are not known before. */
function open(node: JsonObject): Shape {
  return {
    schema: { ...TEXT, ...wholly(node) },
    read: fromText,
    fits: isObject,
    nullable: false,
  };
}

function anything(node: JsonObject): Shape {
  const said = wholly(node);
  return {
    schema: Object.keys(said).length === 0 ? ANYTHING : { ...ANYTHING, ...said },
    read: fromText,
    fits: () => true,
    nullable: false, // null for an optional one is its absence
  };
}

function fromText(value: Json): Json {
  if (!isObject(value) || typeof value['json'] !== 'string' || Object.keys(value).length > 1) return value;
  try {
    return JSON.parse(value['json']) as Json;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the text in "json" is no JSON: ${why}`, { cause: error });
  }
}

function isOpen(node: JsonObject): boolean {
  return (
    (node['additionalProperties'] !== undefined && node['additionalProperties'] !== false) ||
    node['patternProperties'] !== undefined ||
    node['allOf'] !== undefined
  );
}

const KEPT = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems'];
const SAID = ['minLength', 'maxLength', 'format', 'pattern', 'multipleOf', 'uniqueItems', 'default'];

function kept(node: JsonObject): JsonObject {
  return pick(node, (key) => KEPT.includes(key) && Math.abs(Number(node[key])) < Number.MAX_SAFE_INTEGER);
}

function described(node: JsonObject): JsonObject {
  // A format's pattern says nothing more, at length.
  const limits = pick(node, (key) => SAID.includes(key) && !(key === 'pattern' && 'format' in node));
  return description(node, limits);
}

/** Where nothing of the schema could be kept, all of it is said. */
function wholly(node: JsonObject): JsonObject {
  return description(
    node,
    pick(node, (key) => !['description', '$schema', '$defs'].includes(key)),
  );
}

function description(node: JsonObject, limits: JsonObject): JsonObject {
  const words = typeof node['description'] === 'string' ? [node['description']] : [];
  if (Object.keys(limits).length > 0) words.push(JSON.stringify(limits).slice(0, 1_000));
  return words.length === 0 ? {} : { description: words.join(' ') };
}

function pick(node: JsonObject, wanted: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(node).filter(([key]) => wanted(key)));
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}
