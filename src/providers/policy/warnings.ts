/**
 * What a policy file lets somebody's mere word decide. Whoever may start a workflow says who asks, and whoever proposes says how
 * sure it is and whether it is sensitive: a rule that asks less of people for it is let through by it, and who must not decide may be
 * anybody. A rule that only asks more for it is as it should be: without a word of doubt the file asks what it asks of everybody.
 */
import type { Policy } from '../../domain/policy';
import { tightened } from '../../domain/tighten';
import type { Chosen, Condition, PolicyFile } from './file';
import { namesIn, nodesIn, type Known, type Partly } from './partly';

/** In the file's order, policies first. Never throws. */
export function warnings(file: PolicyFile): string[] {
  return [...alone(file), ...byWord(file)];
}

/** Policies under which one person decides, and the requester's own name is all that keeps that person from being the requester. */
function alone(file: PolicyFile): string[] {
  const policies = new Map<string, Policy>(file.policies);
  for (const { called, policy } of [...file.rules, file.otherwise]) policies.set(called, policy);
  return [...policies].flatMap(([called, { confirmation, separation, levels }]) => {
    if (confirmation === 'INFO' || !separation.requester || separation.proven === true) return [];
    const few = levels.filter(({ quorum, groups = [] }) => Math.max(quorum, seats(groups)) === 1);
    if (few.length === 0) return [];
    return [
      `${file.named}: the policy ${called} keeps the requester from deciding by the name that the start claims, and one person ` +
        `decides at ${few.map(({ name }) => name).join(', ')}: say separation: { proven: true }, or ask two`,
    ];
  });
}

const seats = (groups: readonly { readonly quorum: number }[]) =>
  groups.reduce((sum, { quorum }) => sum + quorum, 0);

/** What anybody may say, and what to do instead. */
const CLAIMS = {
  requester: 'which whoever starts a workflow claims: add && requesterProven, or go by something else',
  confidence: 'which whoever proposes claims: go by the args',
  sensitive: 'which whoever proposes claims: go by the args',
};
type Claim = keyof typeof CLAIMS;

function byWord(file: PolicyFile): string[] {
  const all: Condition[] = [...file.deny, ...file.rules];
  const { deny } = file;
  const worlds = actionsIn(all).map(
    (action): Known =>
      new Map<string, unknown>([
        ['action', action],
        ['requesterProven', false],
      ]),
  );
  return all.flatMap((one, nth) =>
    (Object.keys(CLAIMS) as Claim[]).flatMap((claim) => {
      const found = worlds.map((known) =>
        nth < deny.length ? denied(one, known, claim) : decides(file, nth - deny.length, known, claim),
      );
      const choice = found.find((between) => between !== undefined);
      return choice === undefined
        ? []
        : [
            `${one.place}: the rule ${one.name} goes by ${claim}, ${CLAIMS[claim]}. It decides between ${choice}`,
          ];
    }),
  );
}

/** The actions that the conditions tell apart, and one more that stands for all others. */
function actionsIn(conditions: readonly Condition[]): string[] {
  const named = conditions.flatMap(({ ast }) =>
    nodesIn(ast).flatMap((node) => {
      if (!['==', '!=', 'in'].includes(node.op) || !namesIn(node).includes('action')) return [];
      return nodesIn(node).flatMap((one) =>
        one.op === 'value' && typeof one.args === 'string' ? [one.args] : [],
      );
    }),
  );
  return [...new Set([...named, ''])];
}

/** Of whom no file speaks. */
const STRANGER = '\0';

/** Whether a claim lets one off that rule: by a name that it spares, where it is met by everybody else. */
function spares(rule: Condition, known: Known, claim: Claim): boolean {
  return claim === 'requester' && !never(rule.under(new Map(known).set(claim, STRANGER)));
}

const hangsOn = (found: Partly, claim: Claim) => !found.decided && found.by.has(claim);
const never = (found: Partly) => found.decided && found.value !== true;
const always = (found: Partly) => found.decided && found.value === true;

function denied(rule: Condition, known: Known, claim: Claim): string | undefined {
  const lets = hangsOn(rule.under(known), claim) && spares(rule, known, claim);
  return lets ? 'a denial and none' : undefined;
}

/** The two policies between which the claim decides, where it brings the looser one. */
function decides(file: PolicyFile, nth: number, known: Known, claim: Claim): string | undefined {
  const rule = file.rules[nth];
  if (rule === undefined || !hangsOn(rule.under(known), claim)) return undefined;
  const before = [...file.deny, ...file.rules.slice(0, nth)];
  if (before.some((one) => always(one.under(known)))) return undefined;
  const other = otherwise(file, nth + 1, known).find(
    ({ policy }) =>
      !tightened(policy, rule.policy).ok ||
      (spares(rule, known, claim) && !tightened(rule.policy, policy).ok),
  );
  return other === undefined ? undefined : `the policies ${rule.called} and ${other.called}`;
}

/** What may be met where the rules before do not match. */
function otherwise(file: PolicyFile, from: number, known: Known): Chosen[] {
  const met: Chosen[] = [];
  for (const rule of file.rules.slice(from)) {
    const found = rule.under(known);
    if (never(found)) continue;
    met.push(rule);
    if (always(found)) return met;
  }
  return [...met, file.otherwise];
}
