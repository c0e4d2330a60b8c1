/** The levels of a policy that a caller brings, beside those of the rules: who is asked, how many, how long, and what then. */
import { defined } from './defined';
import { list, shown, span, unless } from './looser';
import { silence, type PeopleLevel, type Policy } from './policy';

/** What silence leads to, from the strictest on. */
const ENDS = ['expire', 'escalate', 'approve'];

type Groups = NonNullable<PeopleLevel['groups']>;
type Asked = readonly [Policy, PeopleLevel];

/** The given level, with what it leaves out taken from the ruled one. */
export function completedLevel(ruled: PeopleLevel | undefined, given: PeopleLevel): PeopleLevel {
  const { remindEvery, warnBefore, signedAtLeast, groups: ruledGroups = [], onSilence } = ruled ?? {};
  const groups = (given.groups ?? ruledGroups).map((group) => {
    const most = rejections(ruledGroups, group.role);
    const said = Number.isFinite(rejections(given.groups ?? [], group.role));
    return said || !Number.isFinite(most) ? group : { ...group, rejections: most };
  });
  return {
    // Consent by silence is said by whoever wants it, never filled in, and neither is more than an end.
    ...defined({
      remindEvery,
      warnBefore,
      signedAtLeast,
      onSilence: onSilence === 'expire' ? onSilence : undefined,
    }),
    ...given,
    ...(groups.length === 0 ? {} : { groups }),
  };
}

/** How many rejections of a role end the gate; infinite where none do. */
function rejections(groups: Groups, role: string): number {
  return Math.min(
    ...groups.filter((group) => group.role === role).map((group) => group.rejections ?? Infinity),
  );
}

function quorum(groups: Groups, role: string): number {
  return groups.reduce((sum, group) => (group.role === role ? sum + group.quorum : sum), 0);
}

/** What is looser at the levels, which are compared by their place. */
export function looserLevels(ruled: Policy, given: Policy): string[] {
  const count = (of: Policy) => `${String(of.levels.length)} ${of.levels.length === 1 ? 'level' : 'levels'}`;
  if (given.levels.length !== ruled.levels.length)
    return [`levels: ${count(given)}, and the rules have ${count(ruled)}; there must be as many`];
  return ruled.levels.flatMap((level, rung) => {
    const other = given.levels[rung];
    if (other === undefined) return [];
    const at = `levels[${String(rung)}]`;
    return [
      ...approvers(at, level, other),
      ...unless(other.quorum >= level.quorum, `${at}.quorum`, other.quorum, level.quorum),
      ...unless(
        (other.signedAtLeast ?? 0) >= (level.signedAtLeast ?? 0),
        `${at}.signedAtLeast`,
        other.signedAtLeast,
        level.signedAtLeast,
      ),
      ...unless(other.rejections <= level.rejections, `${at}.rejections`, other.rejections, level.rejections),
      ...groups(at, level.groups ?? [], other.groups ?? []),
      ...time(at, [ruled, level], [given, other], rung),
    ];
  });
}

/** Whoever may decide, may decide by the rules: a group's members may, too. A person is in no role by name alone. */
function approvers(at: string, ruled: PeopleLevel, given: PeopleLevel): string[] {
  const { people = [] } = ruled.approvers;
  if (people.includes('*')) return [];
  const rolesOf = ({ approvers: { roles = [] }, groups: asked = [] }: PeopleLevel) => [
    ...new Set([...roles, ...asked.map(({ role }) => role)]),
  ];
  const roles = rolesOf(ruled);
  const others = (given.approvers.people ?? []).filter((name) => !people.includes(name));
  const otherRoles = rolesOf(given).filter((role) => !roles.includes(role));
  const among = (field: string, more: readonly string[], of: readonly string[]) =>
    more.length === 0
      ? []
      : [`${at}.approvers.${field}: ${list(more)} is not among those of the rules, ${list(of)}`];
  return [...among('people', others, people), ...among('roles', otherRoles, roles)];
}

function groups(at: string, ruled: Groups, given: Groups): string[] {
  return [...new Set(ruled.map(({ role }) => role))].flatMap((role) => {
    const [least, most] = [quorum(ruled, role), rejections(ruled, role)];
    return [
      ...unless(quorum(given, role) >= least, `${at}.groups[${role}].quorum`, quorum(given, role), least),
      ...unless(
        rejections(given, role) <= most,
        `${at}.groups[${role}].rejections`,
        rejections(given, role),
        most,
      ),
    ];
  });
}

/**
 * Silence may end it where the rules pass it up, and pass it up where they take it for consent, not the other way around. Less
 * time is stricter only where silence ends it: otherwise whoever shortens it has the next level, or nobody, asked instead.
 */
function time(at: string, ruled: Asked, given: Asked, rung: number): string[] {
  const [was, is] = [leadsTo(ruled, rung), leadsTo(given, rung)];
  const [most, within] = [span(ruled[1].respondWithin), span(given[1].respondWithin)];
  const { respondWithin, remindEvery, warnBefore } = ruled[1];
  return [
    ...unless(ENDS.indexOf(is) <= ENDS.indexOf(was), `${at}.onSilence`, is, was),
    ...unless(within <= most, `${at}.respondWithin`, given[1].respondWithin, respondWithin),
    ...(within < most && is !== 'expire'
      ? [
          `${at}.respondWithin: ${given[1].respondWithin} is less than what the rules say, ${respondWithin}, and silence would ${is}`,
        ]
      : []),
    ...unless(
      span(given[1].remindEvery) <= span(remindEvery),
      `${at}.remindEvery`,
      given[1].remindEvery,
      remindEvery,
    ),
    ...(warnBefore === undefined || span(given[1].warnBefore) === span(warnBefore)
      ? []
      : [`${at}.warnBefore: ${shown(given[1].warnBefore)} is not what the rules say, ${warnBefore}`]),
  ];
}

/** At the last level there is nobody to pass it up to: that is an end. */
function leadsTo([policy, level]: Asked, rung: number): string {
  const said = silence(policy, level);
  return said === 'escalate' && rung === policy.levels.length - 1 ? 'expire' : said;
}
