/**
 * The types of wire objects, taken from their schemas. A schema says what may be absent with `undefined` in its type, and hands out arrays
 * that may be changed; what we pass around is plain JSON that nobody changes.
 */
import type { z } from 'zod';
import type { Defined } from './defined';

type List<T> = [Exclude<T, undefined>] extends [readonly (infer One)[]] ? readonly One[] : T;

/** What the schema describes: an absent key is not there, and neither keys nor lists are changed. Objects inside have types of their own. */
export type Wire<S extends z.ZodType> =
  z.output<S> extends infer T ? { readonly [K in keyof Defined<T>]: List<Defined<T>[K]> } : never;

/** The schema as part of another one, with that type. */
export function wire<S extends z.ZodObject>(schema: S): z.ZodType<Wire<S>> {
  return schema as unknown as z.ZodType<Wire<S>>;
}
