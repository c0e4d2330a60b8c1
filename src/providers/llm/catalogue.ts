/** Which actions a model is told of, and the schema of its answer: it can name only these, with arguments that fit. */
import type { z } from 'zod';
import type { JsonObject } from '../../domain/json';
import { isObject, shapeOf, type Shape } from './shape';

/** What a model needs of the registry of actions. */
export interface Actions {
  names(): readonly string[];
  find(
    name: string,
  ): { readonly input: z.ZodType; readonly risk: string; readonly offered?: boolean } | undefined;
  check(
    action: string,
    args: JsonObject,
  ): { readonly ok: true } | { readonly ok: false; readonly message: string };
}

export interface Offer {
  readonly action: string;
  readonly risk: string;
  readonly args: Shape;
}

export type Catalogue = ReadonlyMap<string, Offer>;

/** @param only the one action to offer; otherwise all that agents may propose */
export function catalogueOf(actions: Actions, only?: string): Catalogue {
  const offers = actions.names().flatMap((name): [string, Offer][] => {
    const action = actions.find(name);
    if (action === undefined || action.offered === false || name !== (only ?? name)) return [];
    return [[name, { action: name, risk: action.risk, args: shapeOf(action.input) }]];
  });
  return new Map(offers);
}

/** A schema, and what decides how a provider can be held to it. */
export interface AnswerSchema {
  readonly name: string;
  readonly schema: JsonObject;
  /** Not larger than strict mode takes: 5,000 properties, 10 levels, 1,000 literals. */
  readonly strict: boolean;
  /** How many positions take values of several types. */
  readonly unions: number;
}

const text = { type: 'string' };

/** The thinking comes before the call: a model writes in the order of the properties. */
export function proposalSchema(catalogue: Catalogue): AnswerSchema {
  const calls = [...catalogue.values()].map(({ action, args }) =>
    object({ action: { type: 'string', enum: [action] }, args: args.schema }),
  );
  const href = { anyOf: [text, { type: 'null' }] };
  return measured(
    'proposal',
    object({
      evidence: { type: 'array', items: object({ label: text, value: text, href }) },
      rationale: text,
      call: { anyOf: calls },
      title: text,
      sensitive: { type: 'boolean' },
    }),
  );
}

export const CONFIDENCE: AnswerSchema = measured(
  'confidence',
  object({ why: text, confidence: { type: 'number', minimum: 0, maximum: 1 } }),
);

function object(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function measured(name: string, schema: JsonObject): AnswerSchema {
  let properties = 0;
  let literals = 0;
  let unions = 0;
  let deepest = 0;
  const visit = (node: unknown, depth: number): void => {
    if (!isObject(node)) return;
    const { properties: inner, anyOf, items, enum: values } = node;
    deepest = Math.max(deepest, depth);
    if (Array.isArray(values)) literals += values.length;
    if (isObject(inner)) {
      properties += Object.keys(inner).length;
      for (const one of Object.values(inner)) visit(one, depth + 1);
    }
    if (Array.isArray(anyOf)) {
      unions += 1;
      for (const one of anyOf) visit(one, depth);
    }
    visit(items, depth + 1);
  };
  visit(schema, 1);
  const strict = properties <= 5_000 && literals <= 1_000 && deepest <= 10;
  return { name, schema, strict, unions };
}
