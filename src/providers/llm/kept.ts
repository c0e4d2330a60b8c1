/**
 * What an attempt that was cut off left for the next one: a proposal, lacking only its confidence. It comes back through
 * the server, where anybody with the namespace may have put it, so it is judged like an answer of the model's.
 */
import { z } from 'zod';
import type { Generation } from '../../domain/generation';
import { guard, type Json } from '../../domain/json';
import type { Actions, Catalogue } from './catalogue';
import { checkDraft, Draft } from './draft';

const count = z.int().min(0).max(1e9);

const Kept = z.strictObject({
  draft: Draft,
  generation: z.strictObject({
    model: z.string().max(201),
    calls: count.min(1),
    inputTokens: count.optional(),
    outputTokens: count.optional(),
    milliseconds: count,
    repairs: z.array(z.string().max(1_001)).max(20),
  }),
});

/** Undefined where nothing was kept, or nothing that can be used: then the model is asked anew. */
export function readKept(
  given: Json | undefined,
  catalogue: Catalogue,
  actions: Actions,
): { readonly draft: Draft; readonly generation: Generation } | undefined {
  if (given === undefined || guard(given) !== undefined) return undefined;
  const kept = Kept.safeParse(given);
  if (!kept.success) return undefined;
  const { draft, generation } = kept.data;
  if (!checkDraft(draft, catalogue, actions).ok) return undefined;
  // It came as JSON, so no key is there without a value.
  return { draft, generation: generation as Generation };
}
