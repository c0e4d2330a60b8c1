/** A decision made whole: as it is sent, and as it is signed. */
import { randomUUID } from 'node:crypto';
import type { DecideInput, Decision } from '../../client';
import { parseDecision } from '../../domain/gate/decision';
import { AppError } from '../errors';

/** With `v` and, where it has none, a new id. @throws AppError MALFORMED_DECISION, naming each field */
export function wholeDecision(input: DecideInput): Decision {
  const parsed = parseDecision({ v: 1, id: randomUUID(), ...withoutUndefined(input) });
  if (parsed.ok) return parsed.decision;
  throw new AppError('MALFORMED_DECISION', parsed.problem);
}

/** A key that is undefined is a key that is not there, as it will be on the wire. */
export function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
