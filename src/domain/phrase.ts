/** What a person types at VERIFY. It is ours, verb and target, and printable ASCII: nothing else can look like it. */
import { Phrase, type Policy } from './policy';
import { z } from 'zod';

/** Where an action's own words make no phrase, so much of the digest names the target. */
const SHORT = 8;

/** `DELETE orders-eu` of a verb and a target; undefined where they are not printable ASCII, or too long to be typed. */
export function verbAndTarget(verb: string, target: string): string | undefined {
  const phrase = typable(`${verb.toUpperCase()} ${target}`.trim());
  return phrase !== undefined && phrase.length <= 80 ? phrase : undefined;
}

/** Whatever an action makes of its args, what has to be typed is printable ASCII. */
function typable(text: string | undefined): string | undefined {
  return z.safeParse(Phrase, text).data;
}

/** The phrase of one revision: the policy's, the action's, or the action's name and the beginning of the digest. */
export function phraseOf(
  policy: Policy,
  { phrase }: { readonly phrase?: string | undefined },
  action: string,
  digest: string,
): string | undefined {
  if (policy.confirmation !== 'VERIFY') return undefined;
  const short = digest.slice(0, SHORT);
  return policy.phrase ?? typable(phrase) ?? verbAndTarget(action, short) ?? `RUN ${short}`;
}

/** Of a question in words, such as "Delete resource orders-eu": its first word and its last. */
export function phraseOfWords(text: string): string | undefined {
  const [verb, ...rest] = text.trim().split(/\s/);
  const target = rest.at(-1);
  return verb === undefined || target === undefined ? undefined : verbAndTarget(verb, target);
}
