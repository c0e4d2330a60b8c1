/** What a schema says is wrong with a proposal, one sentence a key, for a person and for the model that must mend it. */
import type { z } from 'zod';

/** @param whole what to call the value itself, such as "the proposal" */
export function complaints(error: z.ZodError, whole: string): string {
  const sentences = error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`}: unknown key`).join('; ');
    return `${path === '' ? whole : path}: ${issue.message.replace(/^Invalid input: /, '')}`;
  });
  return sentences.join('; ');
}

/** Text from outside, cut to a length in characters, and always Unicode: half a pair would have no digest. */
export function bounded(text: string, length: number): string {
  const characters = [...text.replace(/\p{Cs}/gu, '\ufffd')];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length).join('')}…`;
}
