/** How a requester is known, in the words that follow the name wherever a gate is read. */
import type { RequesterProof } from './gate/shown-hash';

export const REQUESTER_WORDS: Readonly<Record<RequesterProof, string>> = {
  claimed: 'as claimed',
  vouched: 'a front door has signed the start for them',
  signed: 'who has signed the start',
};
