/**
 * One entry of the record: what it says, and how it is held. The hash covers its place, its type, its time and the hash of its text, never
 * the text itself: a text that had to be erased leaves a chain that anybody can still verify, and no trace that could be guessed at.
 */
import { canonical, sha256Hex, type Root } from './digest';

/** What stays of an entry whose text was erased. */
export interface Meta {
  readonly type: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** An entry as the store has it. */
export interface StoredEntry {
  /** 1, 2, 3, … */
  readonly seq: number;
  /** The hash of the entry before; 64 zeros before the first. */
  readonly prev: string;
  /** SHA-256 of canonical `[workflowId, firstRunId, seq, prev, meta, commit]`, 64 hex characters. */
  readonly hash: string;
  readonly meta: Meta;
  /** SHA-256 of the text, which holds a salt. */
  readonly commit: string;
  /** Canonical JSON of the fact with v, salt, workflowId, firstRunId, seq and at; absent where it was erased. */
  readonly text?: string | undefined;
}

/** An entry as it is made. */
export interface AuditEntry extends StoredEntry {
  readonly text: string;
}

export const GENESIS = '0'.repeat(64);

/** 128 bits, in hex: of a ledger's seed, and of each entry's salt. */
const BITS_128 = /^[0-9a-f]{32}$/;

export function isSeed(seed: unknown): seed is string {
  return typeof seed === 'string' && BITS_128.test(seed);
}

/** The same for the same seed and number, so that a replay makes the same entry; without the seed it says nothing of its text. */
export function saltOf(seed: string, seq: number): string {
  return sha256Hex(canonical([seed, seq])).slice(0, 32);
}

export function entryHash(
  { workflowId, firstRunId }: Root,
  { seq, prev, meta: { type, at }, commit }: Omit<StoredEntry, 'hash'>,
): string {
  return sha256Hex(canonical([workflowId, firstRunId, seq, prev, { type, at }, commit]));
}

/** @param place where it stands: behind which entry, and when */
export function entryOf(
  root: Root,
  fact: { readonly type: string },
  {
    seq,
    prev,
    at,
    salt,
  }: { readonly seq: number; readonly prev: string; readonly at: string; readonly salt: string },
): AuditEntry {
  const { workflowId, firstRunId } = root;
  const text = canonical({ ...fact, v: 1, salt, workflowId, firstRunId, seq, at });
  const bare = { seq, prev, meta: { type: fact.type, at }, commit: sha256Hex(text) };
  return { ...bare, hash: entryHash(root, bare), text };
}

/** `place`: it belongs elsewhere. `text`, `hash`: it is not what was hashed. */
export interface EntryFault {
  readonly of: 'text' | 'place' | 'hash' | 'salt';
  readonly message: string;
}

/** What does not hold of an entry in that chain, by itself; undefined where it holds. Of one whose text was erased, all but the text. */
export function entryFault(root: Root, entry: StoredEntry): EntryFault | undefined {
  const { seq, prev, hash, meta, commit, text } = entry;
  const fault = (of: EntryFault['of'], message: string) => ({ of, message });
  if (text !== undefined) {
    if (sha256Hex(text) !== commit) return fault('text', 'its text has another hash');
    const said = parsed(text);
    const { workflowId, firstRunId } = root;
    if (said['workflowId'] !== workflowId || said['firstRunId'] !== firstRunId || said['seq'] !== seq)
      return fault('place', 'its text tells another place than it has');
    if (said['type'] !== meta.type || said['at'] !== meta.at)
      return fault('text', 'its text tells another type or time');
    if (said['v'] !== 1 || !isSeed(said['salt'])) return fault('salt', 'its text holds no salt of 128 bits');
  }
  if (entryHash(root, entry) !== hash) return fault('hash', 'its hash is not that of what it holds');
  if (seq === 1 && prev !== GENESIS) return fault('place', 'it is the first, and follows another');
  return undefined;
}

/** What an entry says, as far as it holds in that chain; nothing of one that does not, or whose text was erased. */
export function factIn(root: Root, entry: StoredEntry): Readonly<Record<string, unknown>> {
  return entry.text === undefined || entryFault(root, entry) !== undefined ? {} : parsed(entry.text);
}

/** Far beyond what any fact needs; whoever reads on may do so by recursion. */
const DEPTH = 64;

/** A text may be anything, also not JSON: what is no object, or is nested as no fact is, says nothing. */
export function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = isDeep(text ?? '') ? undefined : JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function isDeep(text: string): boolean {
  if (text.split(/[[{]/, DEPTH + 2).length <= DEPTH + 1) return false;
  let depth = 0;
  for (const bracket of text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > DEPTH) return true;
  }
  return false;
}
