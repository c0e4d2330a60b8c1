/** JSON has no undefined: what has no value is not there. Hashes, schemas and histories go by that, and so do our types. */

type Flat<T> = { [K in keyof T]: T[K] };

/** With each key optional that may be undefined. */
export type Defined<T> = Flat<
  { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  }
>;

/** The object without the keys whose value is undefined, in their order. */
export function defined<const T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
