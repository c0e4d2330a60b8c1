/**
 * What a policy file's words refer to: names that are there once, and are there at all, and expressions that compile. It looks
 * at whatever was written, so that a key that is misspelt elsewhere hides nothing of it.
 */
import { guard } from '../../domain/json';
import { compile, ExpressionError } from './expression';

export interface Trouble {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The character of the expression that it is about. */
  readonly inside?: number;
}

/** What an expectation calls it when no rule matches. */
export const NO_RULE = 'default';

/** Never throws, whatever was written. */
export function meaning(file: unknown): Trouble[] {
  const policies = part(file, 'policies');
  const named = typeof policies === 'object' && policies !== null ? Object.keys(policies) : [];
  return [
    ...['deny', 'rules'].flatMap((list) => expressions(file, list)),
    ...names(file),
    ...references(file, named),
    ...unfit(file),
  ];
}

function part(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function items(file: unknown, list: string): readonly unknown[] {
  const found = part(file, list);
  return Array.isArray(found) ? found : [];
}

function expressions(file: unknown, list: string): Trouble[] {
  return items(file, list).flatMap((one, nth) => {
    const when = part(one, 'when');
    if (typeof when !== 'string' || when === '') return [];
    try {
      compile(when);
      return [];
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return [{ path: [list, nth, 'when'], message: error.message, inside: error.at }];
    }
  });
}

/** Deny rules and rules are told apart by name in every answer, and expectations in a report. */
function names(file: unknown): Trouble[] {
  const rules = new Set<unknown>([NO_RULE]);
  const taken = { deny: rules, rules, expect: new Set<unknown>() };
  return Object.entries(taken).flatMap(([list, before]) =>
    items(file, list).flatMap((one, nth) => {
      const name = part(one, 'name');
      if (typeof name !== 'string') return [];
      if (before.has(name)) return [{ path: [list, nth, 'name'], message: `${name} is taken` }];
      before.add(name);
      return [];
    }),
  );
}

function references(file: unknown, named: readonly string[]): Trouble[] {
  const rules = [...items(file, 'deny'), ...items(file, 'rules')].map((one) => part(one, 'name'));
  const missing = (what: string, of: readonly unknown[], path: readonly PropertyKey[], name: unknown) =>
    typeof name !== 'string' || of.includes(name)
      ? []
      : [{ path, message: `there is no ${what} "${name}"; ${thereAre(of)}` }];
  return [
    ...missing('policy', named, ['default'], part(file, 'default')),
    ...['rules', 'expect'].flatMap((list) =>
      items(file, list).flatMap((one, nth) =>
        missing('policy', named, [list, nth, 'policy'], part(one, 'policy')),
      ),
    ),
    ...items(file, 'expect').flatMap((one, nth) =>
      missing('rule', [...rules, NO_RULE], ['expect', nth, 'rule'], part(one, 'rule')),
    ),
  ];
}

export function thereAre(names: readonly unknown[]): string {
  return names.length === 0 ? 'there are none' : `there are ${names.slice(0, 20).map(String).join(', ')}`;
}

/** What could never be proposed is expected of nothing. */
function unfit(file: unknown): Trouble[] {
  return items(file, 'expect').flatMap((one, nth) => {
    const args = part(part(one, 'proposal'), 'args');
    const problem = args === undefined ? undefined : guard(args);
    return problem === undefined ? [] : [{ path: ['expect', nth, 'proposal', 'args'], message: problem }];
  });
}
