/**
 * What a module named by COUNTERSIGN_ACTIONS may say, as data. It is checked here once, so that the registry and the
 * built-in actions can rely on it, and so that a mistake is named by field before a worker starts.
 */
import { z } from 'zod';
import { Duration } from '../domain/duration';
import { Id } from '../domain/proposal';
import { recordOf } from '../domain/record';
import type { Action } from './action';
import { HostList, type Hosts } from './http-hosts';

/** Where the previews of one database run: nowhere, or under another (least-privileged) URL. */
export type PreviewAt = false | { readonly url: string };

export interface DatabaseConfig {
  /** `file:`, `postgres:` or `postgresql:`; may hold a password, so it never goes into a message. */
  readonly url: string;
  /** @default the same url */
  readonly preview?: PreviewAt;
}

export interface Configured {
  readonly actions: readonly Action[];
  readonly databases: Readonly<Record<string, DatabaseConfig>>;
  /** The hosts that the `http` action may name; none where the module lists none. */
  readonly hosts: Hosts;
  /** The task queues that the `remote` action may name; undefined where the module lists none. */
  readonly taskQueues: readonly string[] | undefined;
}

export const NOTHING_CONFIGURED: Configured = {
  actions: [],
  databases: {},
  hosts: [],
  taskQueues: undefined,
};

export type Dialect = 'sqlite' | 'postgres';

export function dialectOf(url: string): Dialect {
  return /^postgres(?:ql)?:/i.test(url) ? 'postgres' : 'sqlite';
}

const Url = z
  .string()
  .refine((url) => !/^libsql:/i.test(url), {
    error:
      'libsql: is refused: the functions of that server read and write files, and no preview could be kept inside. ' +
      'Use file: with an SQLite file, or postgres:; or write an action of your own that asks the server, see docs/sql.md',
    abort: true,
  })
  .regex(/^(?:file|postgres|postgresql):./i, {
    error: 'must be a URL that starts with file:, postgres: or postgresql:',
  })
  .refine((url) => !/^file:(?:\/\/)?(?::memory:|\?|$)/i.test(url), {
    error: 'must name a file: a database in memory would be another, empty one for every statement',
  });

const Database = z
  .union([
    Url,
    z.strictObject({
      url: Url,
      preview: z.union([z.literal(false), z.strictObject({ url: Url })]).optional(),
    }),
  ])
  .transform((given): DatabaseConfig => {
    if (typeof given === 'string') return { url: given };
    return given.preview === undefined ? { url: given.url } : { url: given.url, preview: given.preview };
  })
  .refine(({ url, preview }) => !preview || dialectOf(preview.url) === dialectOf(url), {
    error: 'preview.url must be of the same kind of database as url',
  });

const Fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'must be a function',
});

/** By structure, not by class: a module may bring a zod of its own. */
const Schema = z.custom<z.ZodType>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    '_zod' in value &&
    'safeParse' in value &&
    typeof value.safeParse === 'function',
  { error: 'must be a zod 4 schema, such as z.object({ … })' },
);

const described = {
  name: Id,
  input: Schema,
  risk: z.enum(['low', 'medium', 'high']),
  preview: Fn.optional(),
  recognise: Fn.optional(),
  phrase: Fn.optional(),
};

const ActionShape = z
  .looseObject(described)
  .superRefine((action, context) => {
    const ways = ['run', 'dispatch', 'effect'].filter((way) => action[way] !== undefined);
    if (ways.length !== 1) {
      const message = `needs exactly one of run (a function), dispatch (a function) or effect: 'none'; it has ${ways.join(' and ') || 'none'}`;
      context.addIssue({ code: 'custom', message });
    }
    for (const key of Object.keys(action)) {
      if (
        !(key in described) &&
        !['run', 'dispatch', 'effect', 'attempts', 'timeout', 'short', 'offered'].includes(key)
      ) {
        context.addIssue({ code: 'custom', path: [key], message: 'unknown key' });
      }
    }
    if (action['short'] !== undefined && action['attempts'] !== undefined) {
      const message =
        'a short action may run again where the worker dies, so it cannot promise a number of attempts';
      context.addIssue({ code: 'custom', path: ['short'], message });
    }
    for (const [key, schema] of Object.entries(OPTIONAL)) {
      const checked = action[key] === undefined ? undefined : schema.safeParse(action[key]);
      for (const issue of checked?.error?.issues ?? []) {
        context.addIssue({ code: 'custom', path: [key], message: issue.message });
      }
    }
  })
  // The action as it was given: a class instance keeps its methods.
  .transform((action) => action as unknown as Action);

const OPTIONAL: Readonly<Record<string, z.ZodType>> = {
  run: Fn,
  dispatch: Fn,
  effect: z.literal('none'),
  attempts: z.union([z.int().min(1), Fn]),
  short: z.literal(true),
  offered: z.boolean(),
  timeout: Duration,
};

/** The exports of the module, checked. */
export const ActionsModule = z.strictObject({
  default: z.array(ActionShape, {
    error: 'must be an array of actions: export default [defineAction({ … })]',
  }),
  databases: recordOf(Id, Database).default({}),
  hosts: HostList.default([]),
  taskQueues: z.array(Id).optional(),
});
