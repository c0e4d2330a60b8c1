/**
 * What people say of an agent's output: the argument of `collectFeedback`, its signal and its result. What is taken stays as it was
 * sent; what is refused is counted, and nothing of it is kept but a sentence.
 */
import { z } from 'zod';
import { problems } from './gate/decision';
import { canonical } from './digest';
import { Duration, milliseconds } from './duration';
import { guard, utf8Length } from './json';
import { cut } from './cut';
import { Id, JsonValue } from './proposal';
import type { Parsed } from './start';

const WINDOW = '7 days';

/** Of `collectFeedback`. */
export const CollectFeedback = z.strictObject({
  v: z.literal(1),
  /** The run that is judged: of LangSmith where feedback goes there, else any id. */
  runId: Id,
  /** What people judge. */
  output: JsonValue.refine((output: unknown) => output !== undefined, 'must be there, if only as null'),
  /** It ends once each of them has a score. Others may be scored, too. */
  keys: z
    .array(Id)
    .min(1)
    .max(50)
    .refine((keys) => new Set(keys).size === keys.length, 'must name each key once')
    .optional(),
  /** How long it stays open. @default 7 days */
  window: Duration.optional(),
});
export type CollectFeedback = z.infer<typeof CollectFeedback>;

/** The signal `feedback`. */
export const Feedback = z.strictObject({
  v: z.literal(1),
  /** Made by the sender, new for each: a repeat of it changes nothing. */
  id: Id,
  reviewer: Id,
  /** What is judged, such as `helpfulness`. */
  key: Id,
  score: z.number().min(0).max(1),
  comment: z.string().min(1).max(20_000).optional(),
  /** What the output should have been. */
  correction: JsonValue.optional(),
});
export type Feedback = z.infer<typeof Feedback>;

/** What could not be brought to where it belongs, by the reason. */
export const Undelivered = z.strictObject({
  to: z.enum(['store', 'LangSmith']),
  why: z.string(),
  ids: z.array(z.string()),
});
export type Undelivered = z.infer<typeof Undelivered>;

/** The result of `collectFeedback`. */
export const FeedbackResult = z.strictObject({
  v: z.literal(1),
  feedback: z.array(Feedback),
  /** Signals that were no feedback, or none that counts. */
  refused: z.int().min(0),
  /** Only where something did not arrive within its time. */
  undelivered: z.array(Undelivered).optional(),
});
export type FeedbackResult = z.infer<typeof FeedbackResult>;

export type FeedbackRefusal = 'MALFORMED_FEEDBACK' | 'ID_REUSED' | 'COLLECTION_CLOSED' | 'COLLECTION_FULL';

/** The answer for one feedback id. */
export interface FeedbackReceipt {
  readonly id: string;
  readonly status: 'admitted' | 'refused' | 'unknown';
  readonly code?: FeedbackRefusal;
  readonly message?: string;
}

/** A feedback, and when it was taken. */
export interface Taken {
  readonly feedback: Feedback;
  readonly at: string;
}

/** All that is known of one run so far. Plain JSON. */
export interface Collection {
  /** In the order they came; only grows. */
  readonly taken: readonly Taken[];
  readonly bytes: number;
  readonly refused: number;
  /** Of the last refused ones that had a readable id. */
  readonly refusals: readonly FeedbackReceipt[];
  /** Nothing more is taken. */
  readonly closed: boolean;
}

/** So that its state fits into a result, and into the argument of a run: 2 MB each. */
export const MOST = { feedbacks: 2_000, bytes: 1_000_000 } as const;
const RECEIPTS_KEPT = 200;
/** UTF-16 units of a refusal's sentence. */
const SENTENCE = 300;

export const NOTHING: Collection = { taken: [], bytes: 0, refused: 0, refusals: [], closed: false };

const SENTENCES: Readonly<Record<FeedbackRefusal, (problem: string) => string>> = {
  MALFORMED_FEEDBACK: (problem) => `it is no feedback: ${problem}`,
  ID_REUSED: () => 'another feedback has this id; make a new one for each',
  COLLECTION_CLOSED: () => 'the collection is over: each key has its score, or the window has passed',
  COLLECTION_FULL: () =>
    `one collection takes ${String(MOST.feedbacks)} feedbacks, and ${String(MOST.bytes / 1_000_000)} MB of them`,
};

/** Never throws. */
export function parseCollectFeedback(argument: unknown): Parsed<CollectFeedback> {
  const unfit = guard(argument);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const parsed = z.safeParse(CollectFeedback, argument);
  return parsed.success ? { ok: true, start: parsed.data } : { ok: false, problem: problems(parsed.error) };
}

/** `id` is there where a malformed one had a readable id, so that it can be given a receipt. */
export type ParsedFeedback =
  | { readonly ok: true; readonly feedback: Feedback }
  | { readonly ok: false; readonly problem: string; readonly id?: string };

/** Never throws, whatever was sent. */
export function parseFeedback(payload: unknown): ParsedFeedback {
  const unfit = guard(payload);
  const parsed = unfit === undefined ? z.safeParse(Feedback, payload) : undefined;
  if (parsed?.success === true) return { ok: true, feedback: parsed.data };
  const problem = unfit ?? problems((parsed as z.ZodSafeParseError<Feedback>).error);
  const id = z.safeParse(Id, (payload as { id?: unknown } | null | undefined)?.id);
  return id.success ? { ok: false, problem, id: id.data } : { ok: false, problem };
}

/** Takes what was sent, or counts it. An id that was only ever refused is not used up. */
export function take(collection: Collection, payload: unknown, at: string): Collection {
  const parsed = parseFeedback(payload);
  if (!parsed.ok) return refuse(collection, parsed.id, 'MALFORMED_FEEDBACK', parsed.problem);
  const { feedback } = parsed;
  const before = collection.taken.find((one) => one.feedback.id === feedback.id);
  if (before !== undefined)
    return canonical(before.feedback) === canonical(feedback)
      ? collection
      : refuse(collection, feedback.id, 'ID_REUSED');
  if (collection.closed) return refuse(collection, feedback.id, 'COLLECTION_CLOSED');
  const bytes = collection.bytes + utf8Length(canonical(feedback));
  if (collection.taken.length >= MOST.feedbacks || bytes > MOST.bytes)
    return refuse(collection, feedback.id, 'COLLECTION_FULL');
  return { ...collection, taken: [...collection.taken, { feedback, at }], bytes };
}

/** A signal that nobody asked for. */
export function stray(collection: Collection): Collection {
  return { ...collection, refused: collection.refused + 1 };
}

function refuse(
  collection: Collection,
  id: string | undefined,
  code: FeedbackRefusal,
  problem = '',
): Collection {
  const counted = stray(collection);
  if (id === undefined) return counted;
  const receipt = { id, status: 'refused', code, message: cut(SENTENCES[code](problem), SENTENCE) } as const;
  const others = collection.refusals.filter((one) => one.id !== id);
  return { ...counted, refusals: [...others, receipt].slice(-RECEIPTS_KEPT) };
}

/** Once admitted it stays so, whatever is sent under its id later. */
export function feedbackReceipt({ taken, refusals }: Collection, id: string): FeedbackReceipt {
  if (taken.some(({ feedback }) => feedback.id === id)) return { id, status: 'admitted' };
  return refusals.find((one) => one.id === id) ?? { id, status: 'unknown' };
}

/** Each key that was asked for has a score. Where none was, only the window ends it. */
export function isComplete({ keys }: CollectFeedback, { taken }: Collection): boolean {
  if (keys === undefined) return false;
  const scored = new Set(taken.map(({ feedback }) => feedback.key));
  return keys.every((key) => scored.has(key));
}

/** Milliseconds. */
export function windowOf({ window = WINDOW }: CollectFeedback): number {
  return milliseconds(window);
}

export function feedbackResult(
  { taken, refused }: Collection,
  undelivered: readonly Undelivered[],
): FeedbackResult {
  return {
    v: 1,
    feedback: taken.map(({ feedback }) => feedback),
    refused,
    ...(undelivered.length === 0 ? {} : { undelivered: [...undelivered] }),
  };
}

/** Reasons are told apart up to a number: a receiver's words must not grow the result without bound. */
const REASONS = 20;
const WHY = 300;

export function undeliver(
  all: readonly Undelivered[],
  to: Undelivered['to'],
  why: string,
  ids: readonly string[],
): Undelivered[] {
  const told = cut(why, WHY);
  const same = all.find((one) => one.to === to && one.why === told);
  const into = same ?? (all.length >= REASONS ? all.find((one) => one.to === to) : undefined);
  if (into === undefined) return [...all, { to, why: told, ids: [...ids] }];
  return all.map((one) => (one === into ? { ...one, ids: [...one.ids, ...ids] } : one));
}
