/** What went wrong at a provider, as one of two things: to be tried again, or for a person to mend. */
import { retryAfter, TryLater } from '../try-later';
import { bounded } from './malformed';

export { retryAfter };

/** Another attempt would be refused the same way. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface Failure {
  /** Undefined: no answer came. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The provider's own words, or the network's. */
  readonly words: string;
  /** An answer came, but the connection broke before its end. */
  readonly broken?: boolean;
}

export interface Asked {
  /** Such as openai/gpt-5. */
  readonly name: string;
  /** The variable that holds the key. */
  readonly keyName: string;
  /** Where the model is named: a variable, or the ladder of the workflow. */
  readonly namedIn: string;
  /** Never to be shown. */
  readonly key?: string | undefined;
}

const PASSING = [408, 409, 425, 429];

/** @param now milliseconds since the epoch, for a retry-after that is a date */
export function judged(failure: Failure, asked: Asked, now: number): TryLater | Refused {
  const { status, headers = {}, broken = false } = failure;
  const words = bounded(withoutKeys(failure.words, asked.key).replace(/\s+/g, ' ').trim(), 300);
  if (status === undefined) return new TryLater(`${asked.name} cannot be reached: ${words}`);
  const told = words === '' ? '' : `: ${words}`;
  if (broken || PASSING.includes(status) || status >= 500)
    return new TryLater(`${asked.name} answered ${status}${told}`, retryAfter(headers, now));
  return new Refused(`${asked.name} answered ${status}${told}. ${mend(status, asked)}`);
}

function mend(status: number, { keyName, namedIn }: Asked): string {
  if (status < 400)
    return 'Check COUNTERSIGN_MODEL_URL: it must be the base URL of the API itself, and redirects are not followed';
  switch (status) {
    case 401:
      return `Check the key in ${keyName}`;
    case 402:
      return 'Check the billing of the account at the provider';
    case 403:
      return `Check that the key in ${keyName} may use this model`;
    case 404:
      return `Check the name of the model in ${namedIn}, and COUNTERSIGN_MODEL_URL`;
    case 413:
      return 'The task is longer than the provider takes; shorten it';
    default:
      return `Check that the model in ${namedIn} takes structured output (a JSON schema), and that the task is not longer than its context`;
  }
}

/** Providers, and runtimes that choke on a header, may quote the key, whole or with its middle left out. */
export function withoutKeys(text: string, key: string | undefined): string {
  const own = key === undefined || key === '' ? text : text.replaceAll(key, '[key]');
  return own.replace(/\b(?:sk|pk|key)-[\w*.…-]{6,}/g, '[key]').replace(/\bBearer\s+\S+/gi, 'Bearer [key]');
}
