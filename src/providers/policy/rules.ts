/**
 * Who is asked, by the rules of a file. Whatever keeps a rule from being evaluated refuses the proposal: nothing is let through
 * because somebody has misspelt a key, or an agent has left one out.
 */
import type { Occasion } from '../../domain/confirmation';
import { raised } from '../../domain/floor';
import type { Grade } from '../../domain/grade';
import { messageOf } from '../../domain/message';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy';
import type { Picked, Ruled, Rules } from '../../domain/gate/policy-source';
import { tightened } from '../../domain/tighten';
import { limited, variablesOf, type Variables } from './expression';
import type { Chosen, Condition, PolicyFile } from './file';
import { NO_RULE, thereAre } from './meaning';

/** Milliseconds for all rules together, some thousand times what they take: a pattern that backtracks without end is cut off. */
const WITHIN = 500;

/** How a proposal met one rule. */
export interface Met {
  readonly kind: 'deny' | 'rule';
  readonly name: string;
  readonly place: string;
  readonly outcome: 'matched' | 'did not match' | 'failed' | 'was not tried';
  /** Why it failed. */
  readonly problem?: string;
}

type Floor = (occasion: Occasion) => Grade;
type Refused = Extract<Picked, { ok: false }>;

/** What the rules say of a proposal, and how each of them came to it, in the file's order. */
export type Weighed = { readonly met: readonly Met[] } & (
  Refused | ({ readonly ok: true; readonly rule?: string } & Chosen)
);

/**
 * @param file of COUNTERSIGN_POLICY; undefined: whatever the caller gives stands, as far as `tooWeak` lets it
 * @param floor what every ruled policy asks at least, by the worker's directory, whatever the file says
 */
export function createRules(file: PolicyFile | undefined, floor?: Floor): Rules {
  if (file === undefined) return { configured: false, pick: (_, given) => unruled(given) };
  return {
    configured: true,
    limits: file.limits,
    pick(ruled, given) {
      const weighed = weigh(file, ruled);
      if (!weighed.ok) return { ok: false, code: weighed.code, message: weighed.message };
      const rule = weighed.rule === undefined ? {} : { rule: weighed.rule };
      const { risk } = ruled;
      const onFloor = (policy: Policy) =>
        floor === undefined ? policy : raised(policy, floor({ confirmation: policy.confirmation, risk }));
      const asked = onFloor(weighed.policy);
      if (given === undefined) return { ok: true, policy: asked, ...rule };
      const own = typeof given === 'string' ? named(file, given) : given;
      if ('ok' in own) return own;
      const tight = tightened(asked, own);
      if (tight.ok) return { ok: true, policy: onFloor(tight.policy), ...rule };
      const by = `; the rules ask for the policy of ${weighed.rule ?? NO_RULE}`;
      return { ok: false, code: 'POLICY_TOO_WEAK', message: `${tight.problem}${by}` };
    },
  };
}

function unruled(given: Policy | string | undefined): Picked {
  if (typeof given !== 'string') return { ok: true, policy: given ?? DEFAULT_POLICY };
  return {
    ok: false,
    code: 'UNKNOWN_POLICY',
    message: `there is no policy "${given}": COUNTERSIGN_POLICY, which names the file with policies, is not set for the worker`,
  };
}

function named({ policies }: PolicyFile, given: string): Policy | Refused {
  const message = `there is no policy "${given}"; ${thereAre([...policies.keys()])}`;
  return policies.get(given) ?? { ok: false, code: 'UNKNOWN_POLICY', message };
}

/** Deny rules first, all of them; then the first rule that matches, else the default. Never throws. */
export function weigh(file: PolicyFile, ruled: Ruled): Weighed {
  const variables = variablesOf(ruled);
  const all: [Met['kind'], Condition][] = [
    ...file.deny.map((rule) => ['deny', rule] as [Met['kind'], Condition]),
    ...file.rules.map((rule) => ['rule', rule] as [Met['kind'], Condition]),
  ];
  const met: Met[] = [];
  const inTime = limited(WITHIN, () => {
    for (const [kind, rule] of all) {
      // A rule that failed might have been the one: nothing behind it is tried, either.
      if (kind === 'rule' && met.some(decides)) break;
      met.push(tried(kind, rule, variables));
    }
  });
  const [cut] = inTime === undefined ? all.slice(met.length) : [];
  if (cut !== undefined) met.push(failed(...cut, `${cut[1].place}: takes longer than ${String(WITHIN)} ms`));
  const rest = all.slice(met.length).map(([kind, { name, place }]) => ({ kind, name, place }));
  return {
    met: [...met, ...rest.map((one) => ({ ...one, outcome: 'was not tried' as const }))],
    ...concluded(file, met),
  };
}

const decides = ({ outcome }: Met) => outcome === 'matched' || outcome === 'failed';

function tried(kind: Met['kind'], rule: Condition, variables: Variables): Met {
  const { name, place } = rule;
  try {
    return { kind, name, place, outcome: rule.holds(variables) ? 'matched' : 'did not match' };
  } catch (error) {
    return failed(kind, rule, messageOf(error));
  }
}

function failed(kind: Met['kind'], { name, place }: Condition, problem: string): Met {
  return { kind, name, place, outcome: 'failed', problem };
}

function concluded(file: PolicyFile, met: readonly Met[]): Refused | ({ ok: true; rule?: string } & Chosen) {
  const matched = met.filter(({ outcome }) => outcome === 'matched').map(({ name }) => name);
  const denied = file.deny.filter(({ name }) => matched.includes(name));
  if (denied.length > 0) {
    const said = denied.map(({ name, because }) => `${because} (${name})`).join('; ');
    return { ok: false, code: 'DENIED', message: said };
  }
  const wrong = met.find(({ outcome }) => outcome === 'failed');
  if (wrong !== undefined) {
    const message = `the rule "${wrong.name}" cannot be evaluated: ${wrong.problem ?? ''}`;
    return { ok: false, code: 'POLICY_ERROR', message };
  }
  const rule = file.rules.find(({ name }) => matched.includes(name));
  if (rule === undefined) return { ok: true, ...file.otherwise };
  return { ok: true, rule: rule.name, called: rule.called, policy: rule.policy };
}
