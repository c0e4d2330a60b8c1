/**
 * Arguments against an action's schema. What is approved is what runs, so nothing may be dropped on the way in (edit
 * smuggling), and what comes out must come out again when it is parsed a second time, just before the effect.
 */
import type { z } from 'zod';
import { canonical } from '../domain/digest';
import { guard, type JsonObject } from '../domain/json';
import type { Action } from './action';

export type CheckedArgs =
  { readonly ok: true; readonly args: JsonObject } | { readonly ok: false; readonly message: string };

export function checkArgs(action: Action, given: JsonObject): CheckedArgs {
  const hostile = guard(given);
  if (hostile !== undefined) return refused(hostile);
  const first = parse(action.input, given);
  if (!first.ok) return refused(first.message);
  const unfit = notJson(first.value, 'args') ?? guard(first.value);
  if (unfit !== undefined) return refused(`the schema of ${action.name} must give plain JSON: ${unfit}`);
  if (!isObject(first.value)) return refused(`the schema of ${action.name} must give an object`);
  const lost = dropped(given, first.value, 'args');
  if (lost.length > 0) return refused(lost.join('; '));
  const second = parse(action.input, first.value);
  if (!second.ok || safeCanonical(second.value) !== canonical(first.value)) {
    return refused(
      `the schema of ${action.name} is not stable: parsing its own output gives something else, so what was approved ` +
        'would not be what runs. Leave out transforms that change a value twice',
    );
  }
  return { ok: true, args: first.value };
}

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

function parse(schema: z.ZodType, value: unknown): Parsed {
  try {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    return refused(sentences(parsed.error.issues, 'args').join('; '));
  } catch (error) {
    // An asynchronous refinement, or a transform that throws.
    return refused(
      `the schema cannot parse these args: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** One sentence a key: `args.amount: expected number, received string`. */
export function sentences(issues: readonly Issue[], root: string): string[] {
  return issues.flatMap((issue) => {
    const path = at(root, issue.path);
    if (issue.code === 'unrecognized_keys')
      return (issue.keys ?? []).map((key) => `${at(path, [key])}: unknown key`);
    const branch = closest(issue.errors ?? []);
    if (issue.code === 'invalid_union' && branch !== undefined) return sentences(branch, path);
    return [`${path}: ${issue.message.replace(/^Invalid input: /, '')}`];
  });
}

/** Of a union's branches the one with the fewest complaints is most likely the one that was meant. */
function closest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const told = branches.filter((branch) => branch.length > 0);
  return [...told].sort((a, b) => a.length - b.length || depth(b) - depth(a))[0];
}

function depth(branch: readonly Issue[]): number {
  return Math.max(...branch.map((issue) => issue.path.length));
}

function at(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((all, part) => {
    if (typeof part === 'number') return `${all}[${String(part)}]`;
    const key = String(part);
    const name = /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    return all === '' ? key : all + name;
  }, root);
}

/** Every key and item of the input that is no longer there in the output. The guard has bounded the depth. */
function dropped(input: unknown, output: unknown, path: string): string[] {
  if (Array.isArray(input)) {
    if (!Array.isArray(output)) return [];
    return input.flatMap((item, index) =>
      index < output.length
        ? dropped(item, output[index], at(path, [index]))
        : [`${at(path, [index])}: the schema drops it`],
    );
  }
  if (!isObject(input) || !isObject(output)) return [];
  return Object.keys(input).flatMap((key) =>
    Object.hasOwn(output, key)
      ? dropped(input[key], output[key], at(path, [key]))
      : [`${at(path, [key])}: unknown key`],
  );
}

/** What is not plain JSON in a value that a user's transform may have made: a Date, a Map, a class, a cycle. */
function notJson(value: unknown, path: string, level = 0): string | undefined {
  if (level > 32) return `${path} is nested too deep`;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${String(value)}`;
  if (typeof value !== 'object')
    return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  const entries: [PropertyKey, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!plain) return `${path} is a ${(value.constructor as { name?: string } | undefined)?.name ?? 'class'}`;
  for (const [key, item] of entries) {
    const unfit = notJson(item, at(path, [key]), level + 1);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

function safeCanonical(value: unknown): string | undefined {
  return notJson(value, 'args') === undefined ? canonical(value) : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
