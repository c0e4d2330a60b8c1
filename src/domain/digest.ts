/** One digest is one question: SHA-256 over RFC 8785 canonical JSON, so that any language can compute it again. */
import canonicalize from 'canonicalize';
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { defined } from './defined';
import { z } from 'zod';
import type { JsonObject } from './json';
import { wire, type Wire } from './wire';

/** RFC 8785 text of a JSON value. */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON has a canonical form');
  return text;
}

/** 64 lower-case hex characters. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

const RootShape = z.strictObject({ workflowId: z.string(), firstRunId: z.string() });
/** The workflow that a person was asked about: the root's id and its first run, which no reset and no child changes. */
export const Root = wire(RootShape);
/** The workflow that a person was asked about: the root's id and its first run, which no reset and no child changes. @interface */
export type Root = Wire<typeof RootShape>;

/** What takes a step back, as it would run. */
export interface Undo {
  readonly action: string;
  readonly args: JsonObject;
}

/** The very object that is hashed: `action` and `args` are what runs, and `undo`, where there is one, what takes it back. */
export interface Question extends Root {
  readonly gate: string;
  readonly revision: number;
  readonly action: string;
  readonly args: JsonObject;
  readonly undo?: Undo | undefined;
}

export function digestOf(question: Question): string {
  const { workflowId, firstRunId, gate, revision, action, args, undo } = question;
  const back = undo && { action: undo.action, args: undo.args };
  return sha256Hex(canonical(defined({ workflowId, firstRunId, gate, revision, action, args, undo: back })));
}

/** Stands in the `approved` entry of a step: what may be run to take it back. */
export function undoHash({ action, args }: Undo): string {
  return sha256Hex(canonical({ action, args }));
}

/** Idempotency key of one approved revision's effect: never of the attempt nor of the run, which a reset changes. */
export function effectKey(root: Root, gate: string, digest: string): string {
  return sha256Hex(canonical([root.workflowId, root.firstRunId, gate, digest]));
}
