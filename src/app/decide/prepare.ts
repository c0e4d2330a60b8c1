/**
 * What a decision still lacks before it can be sent: the proof of who sends it, the reading of what it is about, what its verdict
 * needs, and the person's last yes. A door asks for what is missing, all at once as a form does, or one after the other, and comes
 * back until nothing is.
 */
import type { DecideInput, Packet } from '../../client';
import type { Verdict } from '../../domain/policy';
import { AppError } from '../errors';
import type { Ports } from '../ports';
import { withoutUndefined } from './decision';
import type { Gate } from './locate';
import type { Need } from '../../domain/verdicts';
import { missingFields, missingPhrase, proofNeeded } from './requirements';

/** As far as it is known. */
export interface Draft extends Readonly<Partial<Pick<DecideInput, Need>>> {
  readonly verdict: Verdict;
  /** Of the revision that was read, or its first 12 characters or more. */
  readonly digest?: string | undefined;
  /** The hash of all that was read with it, where that is known. */
  readonly shown?: string | undefined;
  /** The gate was shown here, whole, a moment ago: it is the revision that is decided on, and the person is asked once more. */
  readonly readHere?: boolean;
  readonly confirmed?: boolean;
  /** The door can prove who sends it, by a key or a vouch, or will not send it. */
  readonly proven?: boolean;
}

/** In the order in which a person is asked, one after the other. */
export type Missing =
  | { readonly need: 'proof'; readonly grade: 'vouched' | 'signed' }
  /** Nobody has said which revision was read: it is to be shown whole. */
  | { readonly need: 'reading' }
  | { readonly need: Exclude<Need, 'phrase'> }
  | { readonly need: 'phrase'; readonly phrase: string }
  | { readonly need: 'confirmation'; readonly revision: number };

export type Prepared =
  | { readonly ready: true; readonly decision: DecideInput }
  | { readonly ready: false; readonly missing: readonly [Missing, ...Missing[]] };

/**
 * @throws AppError GATE_CLOSED where there is nothing to be read yet; VERDICT_NOT_OFFERED and NOTHING_PROPOSED where whoever has read it
 * here would be refused; INVALID_INPUT where the digest is none
 */
export function prepare(
  { identity }: Pick<Ports, 'identity'>,
  { packet }: Pick<Gate, 'packet'>,
  draft: Draft,
): Prepared {
  const read = revisionRead(packet, draft);
  const [first, ...others] = missingOf(packet, draft, read !== undefined);
  if (first !== undefined) return { ready: false, missing: [first, ...others] };
  const { verdict, args, answer, until, to, comment, phrase } = draft;
  const fields = { args, answer, until, to, comment, phrase };
  const decision = { ...read, verdict, reviewer: identity.name, ...fields };
  return { ready: true, decision: withoutUndefined(decision) as unknown as DecideInput };
}

interface Read {
  readonly digest: string;
  readonly shown: string | undefined;
}

function revisionRead(packet: Packet | undefined, draft: Draft): Read | undefined {
  const { verdict, digest: named, shown, readHere = false } = draft;
  if (named !== undefined && !readHere) return { digest: wholeDigest(named, packet), shown };
  if (packet?.digest === undefined)
    throw new AppError(
      'GATE_CLOSED',
      `nothing is open to decide yet: ${packet?.status ?? 'it was not read'}`,
    );
  if (!readHere) return undefined;
  offered(packet, verdict);
  return { digest: packet.digest, shown: shown ?? packet.shown };
}

function missingOf(packet: Packet | undefined, draft: Draft, read: boolean): Missing[] {
  const { verdict, readHere = false, confirmed = false, proven = false } = draft;
  const grade = proven ? undefined : proofNeeded(packet);
  const phrase = missingPhrase(verdict, draft, packet);
  const revision = packet?.revision ?? 0;
  return [
    ...(grade === undefined ? [] : [{ need: 'proof', grade } as const]),
    ...(read ? [] : [{ need: 'reading' } as const]),
    ...missingFields(verdict, draft).map((need) => ({ need })),
    ...(phrase === undefined ? [] : [{ need: 'phrase', phrase } as const]),
    // Who has read it elsewhere has named it: that is the yes.
    ...((readHere || !read) && !confirmed ? [{ need: 'confirmation', revision } as const] : []),
  ];
}

/** Characters of a digest that may stand for all of it. */
export const DIGEST_PREFIX = 12;

/** Whether it can be a digest, or the beginning of one. */
export function isDigestPrefix(text: string): boolean {
  return text.length === 64 || (text.length >= DIGEST_PREFIX && /^[0-9a-f]+$/.test(text));
}

/** A short form of another digest stays what it is: the gate refuses it as stale. */
function wholeDigest(named: string, packet: Packet | undefined): string {
  if (!isDigestPrefix(named))
    throw new AppError(
      'INVALID_INPUT',
      `digest: give the one that you read, or at least its first ${String(DIGEST_PREFIX)} characters`,
    );
  if (named.length === 64) return named;
  return packet?.digest?.startsWith(named) === true ? packet.digest : named.padEnd(64, '0');
}

/** Who has read it here is not asked for what the gate would refuse. @throws AppError VERDICT_NOT_OFFERED, NOTHING_PROPOSED */
export function offered({ failure, verdicts }: Packet, verdict: Verdict): void {
  if (verdicts.includes(verdict)) return;
  const may = verdicts.length > 0 ? `you may ${verdicts.join(', ')}` : 'nothing may be said now';
  if (failure !== undefined && (verdict === 'approve' || verdict === 'edit'))
    throw new AppError(
      'NOTHING_PROPOSED',
      `there is nothing to ${verdict}: the agent could not propose; ${may}`,
    );
  throw new AppError('VERDICT_NOT_OFFERED', `the gate does not offer ${verdict}; ${may}`);
}
