/** What each verdict needs beside the digest: by flag; at a terminal whatever is missing is asked for. */
import { AppError } from '../app/errors';
import type { DecideInput, Packet } from '../client';
import { Duration, milliseconds } from '../domain/duration';
import type { Verdict } from '../domain/policy';
import { isId } from '../domain/proposal';
import type { Deps } from './command';
import { silent, type DecideOptions } from './decide';
import { Failure, missingFlag } from './output';
import { phrase, prompts } from './prompt';

export interface GivenOptions extends DecideOptions {
  readonly to?: string | undefined;
  readonly until?: string | undefined;
  readonly phrase?: string | undefined;
}

export type Given = Pick<DecideInput, 'comment' | 'to' | 'until' | 'phrase'>;

export interface Completed {
  readonly given: Given;
  /** The phrase was typed at the terminal: nobody needs to be asked once more. */
  readonly typed: boolean;
}

export const SAYS_WHY: readonly Verdict[] = ['reject', 'revise', 'escalate', 'comment'];
const TYPES_THE_PHRASE: readonly Verdict[] = ['approve', 'edit'];

/** What is known to be missing before any server is asked. @throws Failure FLAG_MISSING, INVALID_INPUT */
export function required(deps: Deps, verdict: Verdict, options: GivenOptions): void {
  const { comment, to, until } = options;
  if (until !== undefined) newDeadline(until);
  if (!silent(deps, options)) return;
  if (SAYS_WHY.includes(verdict) && comment === undefined)
    throw missingFlag('--comment', `${verdict} says why`);
  if (verdict === 'delegate' && to === undefined)
    throw missingFlag('--to', 'it names the person who acts on your behalf');
  if (verdict === 'extend' && until === undefined)
    throw missingFlag('--until', `it is the new deadline, ${FORMS}`);
}

/** All that the verdict needs, asked for where no flag says it. @throws Failure NOT_SENT where the person leaves */
export async function completed(
  deps: Deps,
  packet: Packet | undefined,
  verdict: Verdict,
  options: GivenOptions,
): Promise<Completed> {
  const asks = prompted(deps);
  const until =
    options.until ??
    (verdict === 'extend'
      ? await asks(`The new deadline? (${FORMS})`, 'It is needed.', wrongDeadline)
      : undefined);
  const to =
    options.to ??
    (verdict === 'delegate'
      ? (await asks('Who acts on your behalf?', 'A name is needed.', wrongName)).trim()
      : undefined);
  const comment =
    options.comment ?? (SAYS_WHY.includes(verdict) ? await asks('Why?', 'A comment is needed.') : undefined);
  const typed = options.phrase === undefined ? await typedPhrase(deps, packet, verdict, options) : undefined;
  const phrased = options.phrase ?? typed;
  return {
    given: {
      ...(comment === undefined ? {} : { comment }),
      ...(to === undefined ? {} : { to }),
      ...(until === undefined ? {} : { until: newDeadline(until) }),
      ...(phrased === undefined ? {} : { phrase: phrased }),
    },
    typed: typed !== undefined,
  };
}

/** An answer in words, as it stands: somebody who types @ana means nobody's file. @throws Failure NOT_SENT */
export function words(deps: Deps): Promise<string> {
  return prompted(deps)('Your answer?', 'An answer is needed.');
}

const prompted =
  (deps: Deps) =>
  async (message: string, needed: string, wrong?: (given: string) => string | undefined): Promise<string> =>
    answered(await prompts(deps).text(message, needed, wrong));

function answered(given: string | undefined): string {
  if (given === undefined) throw new Failure('NOT_SENT', 'nothing was sent');
  return given;
}

async function typedPhrase(
  deps: Deps,
  packet: Packet | undefined,
  verdict: Verdict,
  options: DecideOptions,
): Promise<string | undefined> {
  const wanted = packet?.phrase;
  if (wanted === undefined || !TYPES_THE_PHRASE.includes(verdict)) return undefined;
  if (silent(deps, options))
    throw missingFlag('--phrase', `this gate takes ${verdict} with the phrase, exactly: ${wanted}`);
  return answered(await phrase(deps, wanted, verdict));
}

const FORMS = 'an instant such as 2030-05-01T09:00Z or a duration from now such as "2 hours"';
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i;

/** ISO 8601 UTC. @throws AppError INVALID_INPUT */
export function newDeadline(text: string, now = Date.now()): string {
  const deadline = instantOf(text.trim(), now);
  if (deadline !== undefined) return deadline;
  throw new AppError('INVALID_INPUT', `--until takes ${FORMS}`);
}

function instantOf(text: string, now: number): string | undefined {
  const instant = INSTANT.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(instant)) return new Date(instant).toISOString();
  // A bare number would be milliseconds, which nobody means.
  if (!/[a-z]/i.test(text) || !Duration.safeParse(text).success) return undefined;
  return new Date(now + milliseconds(text)).toISOString();
}

const wrongDeadline = (given: string) =>
  instantOf(given.trim(), Date.now()) === undefined ? `Give ${FORMS}.` : undefined;

const wrongName = (given: string) =>
  isId(given.trim()) ? undefined : 'A name is 1–200 printable ASCII characters.';
