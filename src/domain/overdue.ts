/** How long an approval may be acted on: until the limit that it names, and no longer after its signatures than the policy says. */
import type { Evidence } from './gate/evidence';
import { milliseconds } from './duration';
import type { Instant } from './gate';
import type { Shortfall } from './case';
import type { Policy } from './policy';

/** Undefined where it is in time. */
export function overdue(evidence: Evidence, policy: Policy, now: Instant): Shortfall | undefined {
  const { executeBefore } = evidence;
  if (executeBefore !== undefined && !(now < Date.parse(executeBefore)))
    return expired(`the approval had to be acted on before ${executeBefore}`);
  if (policy.executeWithin === undefined) return undefined;
  if (executeBefore === undefined)
    return expired('the policy limits the time to act, and the approval names no limit');
  // A decision is admitted within that time of its being signed, and an approval is acted on within that time of the last one.
  const last = Math.max(...issuedAt(evidence));
  const latest = last + 2 * milliseconds(policy.executeWithin);
  return Number.isFinite(last) && now >= latest
    ? expired(`the last signature was issued at ${new Date(last).toISOString()}`)
    : undefined;
}

const expired = (message: string): Shortfall => ({ code: 'APPROVAL_EXPIRED', message });

/** Of the decisions behind signatures alone: nobody has looked at what else the evidence brings along. */
function issuedAt({ signatures, decisions }: Evidence): number[] {
  return decisions
    .filter(({ id, at }) => signatures.some((one) => one.decision === id && one.at === at))
    .flatMap(({ signature, vouch }) => [signature?.issued, vouch?.issued])
    .map((at) => Date.parse(at ?? ''))
    .filter((at) => !Number.isNaN(at));
}
