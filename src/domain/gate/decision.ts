/** What a reviewer says: the object of the signal and the update `decide`. */
import { z } from 'zod';
import { guard } from '../json';
import { Verdict } from '../policy';
import { Id, JsonArgs, JsonValue } from '../proposal';
import { DecisionSignature, Vouch } from './signature';

export const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex characters');

export const Decision = z.strictObject({
  v: z.literal(1),
  /** Made by the sender, new for each decision: a repeat of it is answered with the first receipt. */
  id: Id,
  /** The digest of the revision that was read. */
  digest: Digest,
  verdict: Verdict,
  reviewer: Id,
  comment: z.string().min(1).max(20_000).optional(),
  args: JsonArgs.optional(),
  /** At VERIFY, exactly as the gate shows it. */
  phrase: z.string().max(200).optional(),
  answer: JsonValue.optional(),
  /** Who acts on the delegator's behalf. */
  to: Id.optional(),
  /** The new deadline. */
  until: z.iso.datetime().optional(),
  /** The hash of what was read, as the gate shows it; needed where decisions are signed or vouched for. */
  shown: Digest.optional(),
  /** The person's own, by a key file or a passkey; made by `countersign sign`. */
  signature: DecisionSignature.optional(),
  /** A front door's, for the person that it has authenticated. */
  vouch: Vouch.optional(),
});
export type Decision = z.infer<typeof Decision>;

/** `id` is there where the malformed decision had a readable one, so that it can be given a receipt. */
export type ParsedDecision =
  | { readonly ok: true; readonly decision: Decision }
  | { readonly ok: false; readonly problem: string; readonly id?: string };

/** Never throws, whatever was sent. */
export function parseDecision(payload: unknown): ParsedDecision {
  const unfit = guard(payload);
  const parsed = unfit === undefined ? z.safeParse(Decision, payload) : undefined;
  if (parsed?.success === true) return { ok: true, decision: parsed.data };
  const problem = unfit ?? problems((parsed as z.ZodSafeParseError<Decision>).error);
  const id = z.safeParse(Id, (payload as { id?: unknown } | null | undefined)?.id);
  return id.success ? { ok: false, problem, id: id.data } : { ok: false, problem };
}

/** Each key with what is wrong with it, in one sentence. */
export function problems(error: z.ZodError, root = ''): string {
  const at = (path: readonly PropertyKey[]) =>
    [root, ...path]
      .filter((part) => part !== '')
      .reduce<string>(
        (text, part) =>
          typeof part === 'number'
            ? `${text}[${String(part)}]`
            : text === ''
              ? String(part)
              : `${text}.${String(part)}`,
        '',
      );
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => `${at([...issue.path, key])}: unknown key`).join('; ');
      const path = at(issue.path);
      const message = issue.message.replace(/^Invalid input: /, '');
      return path === '' ? message : `${path}: ${message}`;
    })
    .join('; ')
    .slice(0, 2_000);
}

/** The answer for one decision id: the query `receipt` and the update's result. */
export const Receipt = z.strictObject({
  id: z.string(),
  status: z.enum(['admitted', 'refused', 'pending', 'unknown']),
  code: z.string().optional(),
  message: z.string().optional(),
  gate: z.string(),
  revision: z.int(),
});
export type Receipt = z.infer<typeof Receipt>;
