/** What a model wrote, judged before a person sees any of it: the shape, the action, its arguments. */
import { z } from 'zod';
import { guard, type Json } from '../../domain/json';
import { Evidence, JsonArgs, Proposal } from '../../domain/proposal';
import type { Actions, Catalogue } from './catalogue';
import { complaints } from './malformed';
import { isObject } from './shape';

/** A proposal before anybody has said how sure to be of it. */
export const Draft = Proposal.omit({ confidence: true });
export type Draft = z.infer<typeof Draft>;

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** What else a model says of itself, such as a confidence, is dropped here; of the call nothing is. */
const Written = z.object({
  call: z.strictObject({ action: z.string(), args: JsonArgs }),
  title: z.string(),
  rationale: z.string(),
  evidence: z.array(Evidence.extend({ href: z.string().nullish() })).nullish(),
  sensitive: z.boolean(),
});

export function readDraft(answer: unknown, catalogue: Catalogue, actions: Actions): Read<Draft> {
  const hostile = guard(answer);
  if (hostile !== undefined) return wrong(hostile);
  const written = Written.safeParse(nested(answer));
  if (!written.success) return wrong(complaints(written.error, 'the answer'));
  const { call, evidence, ...words } = written.data;
  const offer = catalogue.get(call.action);
  if (offer === undefined) return wrong(unoffered(call.action, catalogue));
  let args: Json;
  try {
    args = offer.args.read(call.args);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  if (!isObject(args)) return wrong(`the args of ${call.action} must be an object`);
  const shown = (evidence ?? []).map(({ href, ...one }) => (href == null ? one : { ...one, href }));
  const given = {
    action: call.action,
    args,
    title: words.title,
    rationale: words.rationale,
    ...(shown.length === 0 ? {} : { evidence: shown }),
    sensitive: words.sensitive,
  };
  return checkDraft(given, catalogue, actions);
}

/** A model that nobody holds to the schema may write a proposal as it is on the wire: action and args beside the rest. */
function nested(answer: unknown): unknown {
  if (!isObject(answer) || 'call' in answer || !('action' in answer)) return answer;
  const { action, args, ...words } = answer;
  return { call: { action, args }, ...words };
}

/** Also for a draft that comes back from an earlier attempt: it may have been anybody's. */
export function checkDraft(given: unknown, catalogue: Catalogue, actions: Actions): Read<Draft> {
  const hostile = guard(given);
  if (hostile !== undefined) return wrong(hostile);
  const draft = Draft.safeParse(given);
  if (!draft.success) return wrong(complaints(draft.error, 'the proposal'));
  const { action, args } = draft.data;
  if (!catalogue.has(action)) return wrong(unoffered(action, catalogue));
  const checked = actions.check(action, args);
  return checked.ok ? { ok: true, value: draft.data } : wrong(checked.message);
}

const Weighed = z.object({ confidence: z.number().min(0).max(1) });

export function readConfidence(answer: unknown): Read<number> {
  const hostile = guard(answer);
  if (hostile !== undefined) return wrong(hostile);
  const weighed = Weighed.safeParse(answer);
  if (!weighed.success) return wrong(complaints(weighed.error, 'the answer'));
  return { ok: true, value: weighed.data.confidence };
}

function unoffered(action: string, catalogue: Catalogue): string {
  return `there is no action ${JSON.stringify(action)} to propose; there are: ${[...catalogue.keys()].join(', ')}`;
}

function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
