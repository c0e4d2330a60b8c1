/** What each verdict needs beside the digest of what was read: for prompts, flags, forms and the fields of an API alike. */
import type { Packet } from '../../client';
import { VERDICTS, type Need, type Verdict } from '../../domain/verdicts';

export type Given = Readonly<Partial<Record<Need, unknown>>>;

/** Of those that are known before the gate is. */
export function missingFields(verdict: Verdict, given: Given): Exclude<Need, 'phrase'>[] {
  return VERDICTS[verdict].needs
    .filter((need) => need !== 'phrase')
    .filter((need) => given[need] === undefined);
}

/** The phrase that this gate wants with the verdict, where it was not given. */
export function missingPhrase(
  verdict: Verdict,
  given: Given,
  packet: Packet | undefined,
): string | undefined {
  return VERDICTS[verdict].needs.includes('phrase') && given.phrase === undefined
    ? packet?.phrase
    : undefined;
}

/** How surely a decision's sender has to be known here, where a name alone will not do. */
export function proofNeeded(packet: Packet | undefined): 'vouched' | 'signed' | undefined {
  if (packet === undefined || packet.status === 'closed' || packet.authentication === 'open')
    return undefined;
  return packet.authentication;
}
