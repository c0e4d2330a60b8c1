/** Objects as JSON has them: a key that has no value is not there, which is what hashes, schemas and histories go by. */

/** As it is without the keys that may be undefined, which become optional. */
export type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the keys whose value is undefined. */
export function defined<T extends object>(fields: T): Flat<Defined<T>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Flat<
    Defined<T>
  >;
}

type Flat<T> = { [K in keyof T]: T[K] };
