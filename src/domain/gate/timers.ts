/** When an open gate has to be looked after: reminders, the warning, the deadline. Computed here, so that no test needs a clock. */
import { milliseconds } from '../duration';
import type { Instant, OpenGate } from './state';

export interface Wake {
  readonly at: Instant;
  readonly what: 'reminder' | 'warning' | 'deadline';
}

/** What comes next, and nothing at the deadline or after it. Without `remindEvery` and `warnBefore` that is the deadline alone. */
export function wakeOf(gate: OpenGate): Wake {
  const { deadline } = gate;
  return [...reminder(gate), ...warning(gate)].reduce<Wake>(
    (first, one) => (one.at < first.at ? one : first),
    { at: deadline, what: 'deadline' },
  );
}

function reminder(gate: OpenGate): Wake[] {
  const { level, reminded } = gate;
  if (level.remindEvery === undefined) return [];
  return [{ at: askedAt(gate) + (reminded + 1) * milliseconds(level.remindEvery), what: 'reminder' }];
}

function warning(gate: OpenGate): Wake[] {
  const { level, warned, deadline } = gate;
  if (level.warnBefore === undefined || warned === deadline) return [];
  const at = deadline - milliseconds(level.warnBefore);
  return at > askedAt(gate) ? [{ at, what: 'warning' }] : [];
}

/** A reminder or a warning is due. Those that were missed meanwhile are one. */
export function nudge(gate: OpenGate, now: Instant): OpenGate {
  const { what, at } = wakeOf(gate);
  if (what === 'deadline' || now < at) return gate;
  if (what === 'warning') return { ...gate, warned: gate.deadline };
  const every = milliseconds(gate.level.remindEvery ?? '');
  return { ...gate, reminded: Math.floor((now - askedAt(gate)) / every) };
}

function askedAt({ level, firstDeadline }: OpenGate): Instant {
  return firstDeadline - milliseconds(level.respondWithin);
}
