/** What has changed in a gate since a person read it last; where that is kept is the port `LastRead`. */
import { compare, type Operation } from 'fast-json-patch';
import type { Packet } from '../client';
import type { Proposal } from '../domain/proposal';
import { reworded, type Rewording } from '../domain/words';

/** A revision as it was read. */
export interface ReadRevision {
  readonly revision: number;
  readonly digest: string;
  readonly proposal: Proposal;
}

/** What was seen before another revision came. */
export interface Seen {
  readonly revision: number;
  /** RFC 6902, from the proposal that was seen to the one that is there now. */
  readonly diff: readonly Operation[];
  /** Word by word, of each text that it replaces. */
  readonly words: readonly Rewording[];
}

/** Undefined where it is the revision that is there now, or where none is. */
export function changedSince(before: ReadRevision, { digest, proposal }: Packet): Seen | undefined {
  if (proposal === undefined || before.digest === digest) return undefined;
  const diff = compare(before.proposal, proposal);
  return { revision: before.revision, diff, words: reworded(before.proposal, diff) };
}

/** What is to be kept of what was read; undefined where nothing was proposed. */
export function readRevision({ revision, digest, proposal }: Packet): ReadRevision | undefined {
  return digest === undefined || proposal === undefined ? undefined : { revision, digest, proposal };
}
