/**
 * A rule's condition, in CEL: no loops but over what is there, no clock, no way out. It is compiled once, when the file is
 * loaded; what it may cost is bounded there by its size, and by the time that `limited` gives.
 */
import { Script, createContext } from 'node:vm';
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { Json } from '../../domain/json';
import { messageOf } from '../../domain/message';
import type { Ruled } from '../../domain/gate/policy-source';

/** `at`: the character of the expression that is wrong, from 0. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  constructor(
    message: string,
    readonly at = 0,
  ) {
    super(message);
  }
}

export type Variables = ReadonlyMap<string, unknown>;

export interface Expression {
  /** @throws ExpressionError where it cannot be said: a key that is missing, a type that does not fit, neither true nor false */
  readonly holds: (variables: Variables) => boolean;
  /** As it was written. */
  readonly ast: ASTNode;
}

/** Of one expression: characters, parts, and how deep `all`, `exists` and the like may stand in each other. */
const LONGEST = 4_000;
const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 40,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
};
const DEEPEST_LOOP = 2;
const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter'];

const environment = arithmetic(
  new Environment({ limits: LIMITS })
    .registerVariable('action', 'string')
    .registerVariable('args', 'map')
    .registerVariable('confidence', 'double')
    .registerVariable('sensitive', 'bool')
    .registerVariable('requester', 'string')
    .registerVariable('requesterProven', 'bool')
    .registerVariable('risk', 'string'),
);

/** In JSON 40 and 40.0 are one number, so that every number of a proposal is a double; literals need not be. */
function arithmetic(mixed: Environment): Environment {
  const numbers: Record<string, (left: number, right: number) => number> = {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / right,
  };
  for (const [operator, compute] of Object.entries(numbers)) {
    const handler = (left: number | bigint, right: number | bigint) => compute(Number(left), Number(right));
    mixed.registerOperator(`double ${operator} int: double`, handler);
    mixed.registerOperator(`int ${operator} double: double`, handler);
  }
  // `confidence == 1`. Numbers among the args have no type of their own, and the library compares those itself.
  mixed.registerOperator('double == int', (left: number, right: bigint) => left === Number(right));
  return mixed;
}

/** What an expression can see. Objects become maps, which have keys and nothing else: no prototype, no constructor. */
export function variablesOf(ruled: Ruled): Variables {
  const { action, args, confidence, sensitive, requester, requesterProven, risk } = ruled;
  return new Map<string, unknown>(
    Object.entries({
      action,
      args: mapped(args),
      confidence,
      sensitive,
      requester,
      requesterProven,
      risk,
    }),
  );
}

function mapped(value: Json): unknown {
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, mapped(inner)]));
}

/** @throws ExpressionError for what is no condition, or could cost too much */
export function compile(text: string): Expression {
  if (text.length > LONGEST) throw new ExpressionError(`is longer than ${String(LONGEST)} characters`);
  const parsed = orExpressionError(() => environment.parse(text));
  bounded(parsed.ast, 0);
  const checked = parsed.check();
  if (!checked.valid) throw failure(checked.error);
  if (checked.type !== 'bool' && checked.type !== 'dyn')
    throw new ExpressionError(`is of type ${String(checked.type)}, and a condition is true or false`);
  return {
    ast: parsed.ast,
    holds(variables) {
      const value = orExpressionError(() => parsed(variables as never) as unknown);
      if (typeof value === 'boolean') return value;
      throw new ExpressionError(`gives ${kindOf(value)}, and a condition is true or false`);
    },
  };
}

function orExpressionError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failure(error);
  }
}

/** The library's own sentence, without the picture that it draws. */
function failure(error: unknown): ExpressionError {
  const { summary, range } = error as { summary?: string; range?: { start: number } };
  return new ExpressionError((summary ?? messageOf(error)).slice(0, 300), range?.start);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a map';
  return typeof value === 'string' ? 'a string' : typeof value === 'object' ? 'an object' : 'a number';
}

/** Refuses what could take long or much however short it is. */
function bounded(node: ASTNode, loops: number): void {
  if (node.op !== 'rcall') {
    for (const inner of partsOf(node.args)) bounded(inner, loops);
    return;
  }
  const [name, receiver, given] = node.args;
  const pattern = given[0];
  if (name === 'bind') throw new ExpressionError('cel.bind is not taken: say it in place', node.start);
  if (name === 'matches' && pattern !== undefined) regular(pattern);
  const inside = LOOPS.includes(name) ? loops + 1 : loops;
  if (inside > DEEPEST_LOOP)
    throw new ExpressionError(
      `${name} stands in more than ${String(DEEPEST_LOOP - 1)} other loop`,
      node.start,
    );
  bounded(receiver, loops);
  for (const inner of given) bounded(inner, inside);
}

/** A pattern stands in the file, and never in what an agent proposes. */
function regular(pattern: ASTNode): void {
  if (pattern.op !== 'value' || typeof pattern.args !== 'string')
    throw new ExpressionError('matches takes a pattern that is written out', pattern.start);
  try {
    new RegExp(pattern.args);
  } catch (error) {
    throw new ExpressionError(messageOf(error), pattern.start);
  }
}

function partsOf(value: unknown): ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(partsOf);
  return typeof value === 'object' && value !== null && 'op' in value ? [value as ASTNode] : [];
}

const run = new Script('work()');
const sandbox = createContext({});

/** Work that is cut off: a regular expression or a loop in it ends, and the worker goes on. Undefined: it took longer. */
export function limited<T>(milliseconds: number, work: () => T): { readonly value: T } | undefined {
  try {
    return { value: run.runInContext(Object.assign(sandbox, { work }), { timeout: milliseconds }) as T };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
