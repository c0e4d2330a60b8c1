/** What has changed in a gate since a person read it last; where that is kept is the port `LastRead`. */
import { compare } from 'fast-json-patch';
import type { Packet } from '../client';
import type { Seen } from '../domain/packet/view';
import type { Proposal } from '../domain/proposal';
import { reworded } from '../domain/words';

/** A revision as it was read. */
export interface ReadRevision {
  readonly revision: number;
  readonly digest: string;
  readonly proposal: Proposal;
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
