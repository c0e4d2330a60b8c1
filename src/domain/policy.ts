/** Who is asked, how they confirm, how long, and what silence means. */
import { z } from 'zod';
import { ConfirmationLevel, type Risk } from './confirmation';
import { Duration, milliseconds } from './duration';
import { Grade } from './grade';
import { groupsMet } from './groups';
import { Id } from './proposal';
import { hasRole, holders, known, mayReach, maySign, personOf, type Directory } from './reviewers';
import { Verdict } from './verdicts';

export { ConfirmationLevel, Verdict };

const OnSilence = z.enum(['escalate', 'expire', 'approve']);
export type OnSilence = z.infer<typeof OnSilence>;
const Count = z.int().min(1).max(1_000);

/** What a person types at VERIFY, character for character: printable ASCII, so that nothing can look like it. */
export const Phrase = z
  .string()
  .max(200)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be 1–200 printable ASCII characters');

/** `people: ["*"]` is anybody. */
export const Approvers = z
  .strictObject({
    people: z.array(Id).min(1).max(1_000).optional(),
    roles: z.array(Id).min(1).max(100).optional(),
  })
  .refine((a) => a.people !== undefined || a.roles !== undefined, {
    error: 'names nobody: give people or roles',
  });

/** Reminders of one level: each is a timer, and an entry. */
const MOST_REMINDERS = 1_000;

export const PeopleLevel = z
  .strictObject({
    kind: z.literal('people').default('people'),
    name: Id,
    approvers: Approvers,
    /** Each of them must be met, by different people; `rejections` of its members end the gate, if given. */
    groups: z
      .array(z.strictObject({ role: Id, quorum: Count, rejections: Count.optional() }))
      .min(1)
      .max(100)
      .optional(),
    quorum: Count.default(1),
    /** So many of them have signed with keys of their own, whatever else is enough for the others. */
    signedAtLeast: Count.optional(),
    rejections: Count.default(1),
    respondWithin: Duration,
    remindEvery: Duration.optional(),
    warnBefore: Duration.optional(),
    onSilence: OnSilence.optional(),
  })
  .refine(
    ({ respondWithin, remindEvery }) =>
      remindEvery === undefined ||
      !(milliseconds(respondWithin) > MOST_REMINDERS * milliseconds(remindEvery)),
    {
      path: ['remindEvery'],
      error: `would remind more than ${String(MOST_REMINDERS)} times within respondWithin`,
    },
  );
export type PeopleLevel = z.infer<typeof PeopleLevel>;

export const Separation = z.strictObject({
  requester: z.boolean().default(true),
  acrossLevels: z.boolean().default(true),
  /** An unproven requester may be anybody, also whoever decides: nobody is asked then. @default false */
  proven: z.boolean().optional(),
});

export const Policy = z.strictObject({
  confirmation: ConfirmationLevel,
  phrase: Phrase.optional(),
  levels: z
    .array(PeopleLevel)
    .min(1)
    .max(20)
    .refine((levels) => new Set(levels.map(({ name }) => name)).size === levels.length, {
      error: 'two levels have the same name',
    }),
  onSilence: OnSilence.default('escalate'),
  separation: Separation.default({ requester: true, acrossLevels: true }),
  maxRevisions: z.int().min(0).max(100).optional(),
  maxExtension: Duration.optional(),
  executeWithin: Duration.optional(),
  verdicts: z.array(Verdict).min(1).optional(),
  /** At least. @default the floor of the reviewers directory */
  authentication: Grade.optional(),
});
export type Policy = z.infer<typeof Policy>;

/** Where nobody says otherwise: one person, anybody but the requester, within 24 hours. */
export const DEFAULT_POLICY: Policy = Policy.parse({
  confirmation: 'CONFIRM',
  levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '24 hours' }],
});

/** How often a gate may be sent back, and how far its deadline may be moved, where the policy does not say. */
const MAX_REVISIONS = 3;
const MAX_EXTENSION = '7 days';

export function maxRevisions({ maxRevisions = MAX_REVISIONS }: Policy): number {
  return maxRevisions;
}

/** In milliseconds, from a level's first deadline. */
export function maxExtension({ maxExtension = MAX_EXTENSION }: Policy): number {
  return milliseconds(maxExtension);
}

/** @throws RangeError for a level that is not there */
export function levelAt({ levels }: Policy, rung: number): PeopleLevel {
  const level = levels[rung];
  if (level === undefined) throw new RangeError(`the policy has no level ${String(rung + 1)}`);
  return level;
}

/** The index of the level of a name; -1 where the policy has none. */
export function rungNamed({ levels }: Policy, wanted: string): number {
  return levels.findIndex(({ name }) => name === wanted);
}

/** What silence at a level means. Consent only where the policy says so in words. */
export function silence(policy: Policy, level: PeopleLevel): OnSilence {
  return level.onSilence ?? policy.onSilence;
}

/** The roles that a policy asks, which somebody has to hold. */
export function rolesOf({ levels }: Policy): { readonly role: string; readonly level: string }[] {
  return levels.flatMap(({ name, approvers, groups = [] }) =>
    [...(approvers.roles ?? []), ...groups.map(({ role }) => role)].map((role) => ({ role, level: name })),
  );
}

/** The people that a level names and those who hold a role of it; `*` is anybody. */
export function approversOf(level: PeopleLevel, directory?: Directory): string[] {
  const { approvers, groups = [] } = level;
  const roles = [...(approvers.roles ?? []), ...groups.map(({ role }) => role)];
  return [
    ...new Set([
      ...(approvers.people ?? []).map((name) => known(directory, name)),
      ...roles.flatMap((role) => holders(directory, role)),
    ]),
  ];
}

/**
 * Each way in which a policy could never be met: nobody may sign, or a quorum asks more people than may. Roles are looked up
 * in the directory; without one they are left to whoever opens the gate.
 * @param barred who may not decide: the requester, and who answers for the agent
 * @param risk of the action, which bears upon whose word a door's is enough for
 */
export function unreachable(
  policy: Policy,
  barred: readonly string[],
  directory?: Directory,
  risk: Risk = 'low',
): string[] {
  const { verdicts } = policy;
  if (policy.confirmation === 'INFO') return [];
  const signing = verdicts === undefined || verdicts.includes('approve') || verdicts.includes('edit');
  return [
    ...(signing ? [] : ['verdicts: offers neither approve nor edit, so nothing could ever be approved']),
    ...policy.levels.flatMap((level, index) =>
      tooFew({ policy, barred, level, at: `levels[${String(index)}]`, directory, risk }),
    ),
  ];
}

interface Asked {
  readonly policy: Policy;
  readonly barred: readonly string[];
  readonly level: PeopleLevel;
  readonly at: string;
  readonly directory: Directory | undefined;
  readonly risk: Risk;
}

/** Of people who may decide, those that count. */
const ABLE = {
  open: 'who may decide',
  vouched: 'who may decide and for whom a door vouches, or who hold a key that is not revoked',
  signed: 'who may decide and hold a key that is not revoked',
} as const;

function tooFew(asked: Asked): string[] {
  const { policy, level, at, directory } = asked;
  const { verdicts } = policy;
  const { groups = [], approvers, signedAtLeast = 0 } = level;
  // An edit starts the quorum over, so that without approve it never gets past one.
  const least = Math.max(
    level.quorum,
    signedAtLeast,
    groups.reduce((sum, { quorum }) => sum + quorum, 0),
  );
  if (least > 1 && verdicts?.includes('approve') === false && verdicts.includes('edit'))
    return [`${at}.quorum: asks ${String(least)} signatures, and each edit starts over; offer approve`];
  const roles = approvers.roles !== undefined || groups.length > 0;
  if (approvers.people?.includes('*') === true || (roles && directory === undefined)) return [];
  const able = ableOf(asked);
  const who = directory === undefined ? ABLE.open : ABLE[policy.authentication ?? 'open'];
  const few = (count: number, of: readonly string[], field: string, those: string = who) =>
    count > of.length
      ? [`${at}.${field}: asks ${String(count)} of ${String(of.length)} people ${those}`]
      : [];
  const short = groups.flatMap(({ role, quorum, rejections = 1 }, index) => {
    const members = able.filter((person) => hasRole(directory, person, role));
    return [
      ...few(quorum, members, `groups[${String(index)}].quorum`),
      ...few(rejections, members, `groups[${String(index)}].rejections`),
    ];
  });
  const voices = able.map((person) => [person]);
  const apart = short.length > 0 || groupsMet(directory, groups, voices);
  const signing = directory === undefined ? able : able.filter((person) => maySign(directory, person));
  return [
    ...few(level.quorum, able, 'quorum'),
    ...few(level.rejections, able, 'rejections'),
    ...few(signedAtLeast, signing, 'signedAtLeast', directory === undefined ? ABLE.open : ABLE.signed),
    ...short,
    ...(apart ? [] : [`${at}.groups: cannot all be met by different people of those ${who}`]),
  ];
}

/** Who may decide at the level, and surely enough. */
function ableOf({ policy, barred, level, directory, risk }: Asked): string[] {
  const { separation, confirmation, authentication = 'open' } = policy;
  const out = separation.requester ? barred.map((name) => known(directory, name)) : [];
  return approversOf(level, directory).filter(
    (person) =>
      !out.includes(person) &&
      personOf(directory, person) !== undefined &&
      (directory === undefined || mayReach(directory, person, authentication, { confirmation, risk })),
  );
}
