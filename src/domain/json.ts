/**
 * What crosses a signal, a query, an activity or the store is plain JSON. The guard stands before zod, because a
 * schema walks its input by recursion and 1,000 nested arrays already overflow the stack.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** The most one payload may hold. The root counts as depth 1; bytes are those of the UTF-8 text, near enough. */
export const LIMITS = { depth: 8, nodes: 2_000, bytes: 256 * 1024 } as const;
export type Limits = { readonly [Of in keyof typeof LIMITS]: number };

/** RFC 8785 has no form for half a pair, so no digest of it could be computed again in another language. */
const LONE_SURROGATE = /\p{Cs}/u;
const NOT_UNICODE = 'the payload holds text that is not Unicode: a lone surrogate';

/** Where the payload converter could not decode, this stands in place of the value (see workflows/runtime/payload-converter). */
export interface Undecodable {
  readonly __undecodable: true;
  readonly encoding: string;
  readonly bytes: number;
}

export function isUndecodable(value: unknown): value is Undecodable {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '__undecodable');
}

/** Why a payload may not be parsed any further, or undefined. Iterative, so that depth costs no stack. */
export function guard(payload: unknown, limits: Limits = LIMITS): string | undefined {
  if (isUndecodable(payload)) return `the payload does not decode (encoding ${printable(payload.encoding)})`;
  const tooMany = `the payload has more than ${String(limits.nodes)} values`;
  let nodes = 0;
  let bytes = 0;
  const stack: { value: unknown; depth: number }[] = [{ value: payload, depth: 1 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, depth } = next;
    nodes += 1;
    if (typeof value === 'string') {
      if (LONE_SURROGATE.test(value)) return NOT_UNICODE;
      bytes += writtenLength(value);
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) return 'the payload holds a number that JSON has no form for';
      bytes += 8;
    } else if (typeof value === 'object' && value !== null) {
      if (depth > limits.depth) return `the payload is nested more than ${String(limits.depth)} levels deep`;
      // Before the keys are listed: a million of them would cost a second of the workflow's task.
      if (Array.isArray(value) && value.length > limits.nodes) return tooMany;
      for (const key of Object.keys(value)) {
        if (nodes + stack.length >= limits.nodes) return tooMany;
        if (key === '__proto__') return 'the payload has a key named __proto__';
        if (LONE_SURROGATE.test(key)) return NOT_UNICODE;
        if (!Array.isArray(value)) bytes += writtenLength(key);
        stack.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
      }
    } else if (typeof value !== 'boolean' && value !== null) {
      return `the payload holds ${value === undefined ? 'nothing' : `a ${typeof value}`}, which is not JSON`;
    }
    if (bytes > limits.bytes) return `the payload is larger than ${String(limits.bytes / 1024)} KiB`;
  }
  return undefined;
}

/** In JSON, where a control character is written as six: a payload within the limit is one on the wire as well. */
function writtenLength(text: string): number {
  return (
    utf8Length(text) + 5 * (text.match(/[\x00-\x1f]/g) ?? []).length + (text.match(/["\\]/g) ?? []).length
  );
}

export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

function printable(text: unknown): string {
  return typeof text === 'string' ? text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60) : 'unknown';
}

/** A result that may be carried on: plain JSON within the limits, or a note of what it was. */
export function kept(result: unknown): Json {
  if (result === undefined) return null;
  const unfit = guard(result);
  return unfit === undefined ? (result as Json) : { notKept: unfit };
}
