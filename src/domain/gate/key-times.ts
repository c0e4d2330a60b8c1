/** When a key is good, and when what it signed is: the same for people's signatures, doors' vouches and starts. */
import { refusal, type Refusal } from './refusals';

/** Clocks may differ by so much; milliseconds. */
export const SKEW = 5 * 60_000;

/** As far as the time of a key goes. */
interface TimedKey {
  readonly id: string;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly revoked?: string | undefined;
}

/** Why a key was not good at `at` (milliseconds since 1970); undefined where it was. */
export function keyFault({ id: key, from, until, revoked }: TimedKey, at: number): Refusal | undefined {
  if (revoked !== undefined && !(at < Date.parse(revoked))) return refusal('KEY_REVOKED', { key, revoked });
  if (from !== undefined && !(at >= Date.parse(from)))
    return refusal('KEY_NOT_VALID', { key, when: `before ${from}` });
  if (until !== undefined && !(at < Date.parse(until)))
    return refusal('KEY_NOT_VALID', { key, when: `from ${until} on` });
  return undefined;
}

/** From when until when a signature is good. ISO 8601 UTC. */
export interface Life {
  readonly issued: string;
  readonly expires: string;
}

/** Why a signature was not good at `at`, by its own times; undefined where it was. @param longest milliseconds */
export function lifeFault({ issued, expires }: Life, longest: number, at: number): Refusal | undefined {
  const [from, until] = [Date.parse(issued), Date.parse(expires)];
  if (!(from < until && until - from <= longest && from <= at + SKEW))
    return refusal('SIGNATURE_TIMES', { issued, expires, longest });
  return at < until ? undefined : refusal('SIGNATURE_EXPIRED', { expires });
}
