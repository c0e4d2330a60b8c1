/** What each verdict needs beside the digest of what was read: for prompts, flags, forms and the fields of an API alike. */
import type { Packet } from '../../client';
import type { Verdict } from '../../domain/policy';

/** A field of a decision. */
export type Need = 'args' | 'answer' | 'until' | 'to' | 'comment' | 'phrase';

/** In the order in which a person is asked for them. The phrase only where the gate shows one. */
const NEEDS: Readonly<Record<Verdict, readonly Need[]>> = {
  approve: ['phrase'],
  edit: ['args', 'phrase'],
  reject: ['comment'],
  revise: ['comment'],
  respond: ['answer'],
  escalate: ['comment'],
  delegate: ['to'],
  withdraw: [],
  extend: ['until'],
  comment: ['comment'],
  cancel: [],
};

export type Given = Readonly<Partial<Record<Need, unknown>>>;

/** Of those that are known before the gate is. */
export function missingFields(verdict: Verdict, given: Given): Exclude<Need, 'phrase'>[] {
  return NEEDS[verdict].filter((need) => need !== 'phrase').filter((need) => given[need] === undefined);
}

/** The phrase that this gate wants with the verdict, where it was not given. */
export function missingPhrase(
  verdict: Verdict,
  given: Given,
  packet: Packet | undefined,
): string | undefined {
  return NEEDS[verdict].includes('phrase') && given.phrase === undefined ? packet?.phrase : undefined;
}

/** How surely a decision's sender has to be known here, where a name alone will not do. */
export function proofNeeded(packet: Packet | undefined): 'vouched' | 'signed' | undefined {
  if (packet === undefined || packet.status === 'closed' || packet.authentication === 'open')
    return undefined;
  return packet.authentication;
}
