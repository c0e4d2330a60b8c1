/**
 * How many questions one requester, or one agent, may have before people at once. Who is asked too much stops reading; what is over
 * the limit waits for its turn, and is never let through for it.
 */
import { sha256Hex } from '../digest';
import type { Asked } from './state';

/** A number left out: any. */
export interface Limits {
  readonly openPerRequester?: number | undefined;
  readonly openPerAgent?: number | undefined;
  /** How long one waits for its turn, a duration; then it expires. @default 7 days */
  readonly queueWithin?: string | undefined;
}

export const QUEUE_WITHIN = '7 days';

/** What one gate takes of a limit. */
export interface Share {
  /** As the search attribute `CountersignParties` has it. */
  readonly party: string;
  /** In words for people. */
  readonly called: string;
  readonly limit: number;
}

/** Of one party's gates: those that are with people now, and those that wait and came before. */
export interface Standing {
  readonly open: number;
  readonly ahead: number;
}

/**
 * Whose limits count for a gate. What asks nobody takes nothing: a notice, or taking back what was approved with its step. A caller
 * that brings its own proposal is no agent.
 */
export function sharesOf(
  { requester, by, policy, setUp }: Pick<Asked, 'requester' | 'by' | 'policy' | 'setUp'>,
  { openPerRequester, openPerAgent }: Limits,
): Share[] {
  if (policy.confirmation === 'INFO' || setUp?.undoes !== undefined) return [];
  return [
    ...shareOf('requester', requester, openPerRequester),
    ...(by === requester ? [] : shareOf('agent', by, openPerAgent)),
  ];
}

function shareOf(kind: 'requester' | 'agent', name: string, limit: number | undefined): Share[] {
  if (limit === undefined) return [];
  // A list of keywords is indexed as text by some of the server's databases, which trip over a quotation mark, or find one name in another.
  const party = `${kind}:${sha256Hex(name)}`;
  return [{ party, called: `the ${kind} ${name}`, limit }];
}

/** Why a gate has to wait, in words; undefined where it need not. */
export function overLimit({ called, limit }: Share, { open, ahead }: Standing): string | undefined {
  if (open + ahead < limit) return undefined;
  const before =
    ahead === 0 ? '' : `, and ${String(ahead)} more ${ahead === 1 ? 'waits' : 'wait'} before this one`;
  return `${called} may have ${String(limit)} open at once; ${String(open)} ${open === 1 ? 'is' : 'are'}${before}`;
}
