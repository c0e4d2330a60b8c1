/** How sure the agent said it was, beside what people made of it: whether a number that it gives can be gone by, and from where on. */
import { judged } from './dataset';
import type { Version } from './lessons';

export interface Bin {
  /** From, and up to; the last one holds 1. */
  readonly from: number;
  readonly to: number;
  readonly approved: number;
  readonly edited: number;
  /** Rejected, sent back, or answered in its place. */
  readonly rejected: number;
  readonly of: number;
  /** Approved as it was, of all; undefined where there is none. */
  readonly share?: number;
}

export interface Calibration {
  readonly decided: number;
  readonly bins: readonly Bin[];
  /** Mean distance between the confidence and the share that was approved, weighted by how many; undefined where there is none. */
  readonly error?: number;
  /** Undefined where there is too little, or no confidence is high enough. */
  readonly threshold?: Threshold;
  /** Why there is none, or what there would have to be. */
  readonly why?: string;
}

export interface Threshold {
  readonly confidence: number;
  /** Decided at that confidence or above. */
  readonly of: number;
  readonly share: number;
}

const BINS = 10;
/** Of those at a threshold or above, so many must have been approved as they were; and there must be so many. */
export const WANTED = { share: 0.95, of: 20 } as const;

export function calibrate(versions: readonly Version[], action?: string): Calibration {
  const found = judged(versions, action).map(({ confidence, fate: { how } }) => ({ confidence, how }));
  const bins = Array.from({ length: BINS }, (_, index): Bin => {
    const own = found.filter(({ confidence }) => binOf(confidence) === index);
    const count = (...hows: string[]) => own.filter(({ how }) => hows.includes(how)).length;
    const approved = count('approved');
    return {
      from: index / BINS,
      to: (index + 1) / BINS,
      approved,
      edited: count('edited'),
      rejected: count('rejected', 'sent-back', 'answered'),
      of: own.length,
      ...(own.length === 0 ? {} : { share: approved / own.length }),
    };
  });
  const decided = found.length;
  const threshold = thresholdOf(found);
  return {
    decided,
    bins,
    ...(decided === 0 ? {} : { error: distance(found, bins) }),
    ...(threshold === undefined ? { why: whyNone(decided) } : { threshold }),
  };
}

interface Found {
  readonly confidence: number;
  readonly how: string;
}

/** The lowest confidence from which on enough were approved as they were. */
function thresholdOf(found: readonly Found[]): Threshold | undefined {
  const falling = [...found].sort((a, b) => b.confidence - a.confidence);
  let approved = 0;
  let best: Threshold | undefined;
  for (const [index, { confidence, how }] of falling.entries()) {
    if (how === 'approved') approved += 1;
    const of = index + 1;
    // All of one confidence are on the same side of a threshold.
    if (falling[of]?.confidence === confidence) continue;
    const share = approved / of;
    if (of >= WANTED.of && share >= WANTED.share) best = { confidence, of, share };
  }
  return best;
}

function whyNone(decided: number): string {
  const most = `${String(WANTED.share * 100)} %`;
  return decided < WANTED.of
    ? `too little to propose a threshold: ${String(decided)} decided, and ${String(WANTED.of)} are the least`
    : `no threshold: of the surest ${String(WANTED.of)} or more, fewer than ${most} were approved as they were`;
}

/** 0.7 is in the bin that begins with it, however the product is rounded. */
function binOf(confidence: number): number {
  return Math.min(BINS - 1, Math.floor(confidence * BINS + 1e-9));
}

function distance(found: readonly Found[], bins: readonly Bin[]): number {
  const sum = bins.reduce((total, { share }, index) => {
    if (share === undefined) return total;
    const own = found.filter(({ confidence }) => binOf(confidence) === index);
    const mean = own.reduce((all, { confidence }) => all + confidence, 0) / own.length;
    return total + Math.abs(mean - share) * own.length;
  }, 0);
  return sum / found.length;
}
