/** A record whose keys somebody else chooses. zod passes over a key named `__proto__` without a word; here it is refused by its name. */
import { z } from 'zod';

export function recordOf<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value) {
  return z.preprocess(
    (given, context) => {
      if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__'))
        context.addIssue({ code: 'custom', path: ['__proto__'], message: 'is no name' });
      return given;
    },
    z.record(key, value),
  );
}
