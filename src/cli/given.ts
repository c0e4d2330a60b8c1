/** What each verdict needs beside the digest: by flag; at a terminal whatever is missing is asked for. */
import { DEADLINE_FORMS, deadlineIn } from '../app/decide/deadline';
import type { Draft } from '../app/decide/prepare';
import { missingFields } from '../app/decide/requirements';
import type { Need } from '../domain/verdicts';
import { AppError } from '../app/errors';
import type { Verdict } from '../domain/policy';
import { isId } from '../domain/proposal';
import { silent, type Deps } from './command';
import { isProven, type DecideOptions, type GivenOptions } from './decide-options';
import { missingFlag, notSent } from './output';
import { phrase, prompts } from './prompt';

type Field = Exclude<Need, 'phrase'>;

interface Asking {
  /** Why its flag is needed where nobody can be asked. */
  readonly why: (verdict: Verdict) => string;
  readonly question: string;
  /** What is said to an empty answer, and to a wrong one. */
  readonly needed: string;
  readonly wrong?: (given: string) => string | undefined;
  readonly read?: (given: string) => string;
}

const ASKS: Readonly<Record<Field, Asking>> = {
  // Its text is made in an editor, before anything is asked.
  args: { why: () => 'there is nobody to edit', question: 'The args?', needed: 'They are needed.' },
  // As it stands: somebody who types @ana means nobody's file.
  answer: {
    why: () => 'it stands in place of the action',
    question: 'Your answer?',
    needed: 'An answer is needed.',
  },
  until: {
    why: () => `it is the new deadline, ${DEADLINE_FORMS}`,
    question: `The new deadline? (${DEADLINE_FORMS})`,
    needed: 'It is needed.',
    wrong: (given) => (deadlineIn(given, Date.now()) === undefined ? `Give ${DEADLINE_FORMS}.` : undefined),
    read: (given) => newDeadline(given),
  },
  to: {
    why: () => 'it names the person who acts on your behalf',
    question: 'Who acts on your behalf?',
    needed: 'A name is needed.',
    wrong: (given) => (isId(given.trim()) ? undefined : 'A name is 1–200 printable ASCII characters.'),
    read: (given) => given.trim(),
  },
  comment: { why: (verdict) => `${verdict} says why`, question: 'Why?', needed: 'A comment is needed.' },
};

/** What is known to be missing before any server is asked. @throws Failure FLAG_MISSING; AppError INVALID_INPUT */
export function required(
  deps: Deps,
  verdict: Verdict,
  options: GivenOptions & { readonly answer?: string | undefined },
): void {
  if (options.until !== undefined) newDeadline(options.until);
  if (!silent(deps, options)) return;
  const { comment, to, until, answer } = options;
  // What is edited is read first.
  const [missing] = missingFields(verdict, { comment, to, until, answer, args: 'later' });
  if (missing !== undefined) throw missingField(missing, verdict);
}

export function missingField(field: Field, verdict: Verdict): Error {
  return missingFlag(`--${field}`, ASKS[field].why(verdict));
}

/** As far as flags say it. @param more what is known besides, such as an answer */
export function draftFrom(verdict: Verdict, options: GivenOptions, more: Partial<Draft> = {}): Draft {
  const { digest, shown, comment, to, until, phrase: typed } = options;
  return {
    verdict,
    digest,
    shown,
    proven: isProven(options),
    ...(comment === undefined ? {} : { comment }),
    ...(to === undefined ? {} : { to }),
    ...(until === undefined ? {} : { until: newDeadline(until) }),
    ...(typed === undefined ? {} : { phrase: typed }),
    ...more,
  };
}

/** @throws Failure FLAG_MISSING where there is nobody to ask, NOT_SENT where the person leaves */
export async function fieldAsked(
  deps: Deps,
  field: Field,
  verdict: Verdict,
  options: DecideOptions,
): Promise<Partial<Draft>> {
  if (silent(deps, options)) throw missingField(field, verdict);
  const { question, needed, wrong, read = String } = ASKS[field];
  const given = await prompts(deps).text(question, needed, wrong);
  if (given === undefined) throw notSent();
  return { [field]: read(given) };
}

/** Who types it has said yes: nobody is asked once more. @throws as `fieldAsked` */
export async function phraseAsked(
  deps: Deps,
  wanted: string,
  verdict: Verdict,
  options: DecideOptions,
): Promise<Partial<Draft>> {
  if (silent(deps, options))
    throw missingFlag('--phrase', `this gate takes ${verdict} with the phrase, exactly: ${wanted}`);
  const typed = await phrase(deps, wanted, verdict);
  if (typed === undefined) throw notSent();
  return { phrase: typed, confirmed: true };
}

/** ISO 8601 UTC. @throws AppError INVALID_INPUT */
function newDeadline(text: string): string {
  const deadline = deadlineIn(text, Date.now());
  if (deadline !== undefined) return deadline;
  throw new AppError('INVALID_INPUT', `--until takes ${DEADLINE_FORMS}`);
}
