/**
 * The text of everything that is signed. Each kind of text opens with its own name, so that a signature over one kind never
 * passes for a signature over another.
 */
import { canonical } from './digest';

export type SignedType = 'decision' | 'vouch' | 'start' | 'permit' | 'receipt' | 'assessment';

/** Its UTF-8 bytes are signed: the kind and its version, a line feed, and RFC 8785 canonical JSON of what it holds. */
export function signedText(type: SignedType, holds: object): string {
  return `countersign/${type}/1\n${canonical(holds)}`;
}
