/**
 * Who is asked, how they confirm, how long, and what silence means. The schemas cover the whole wire contract;
 * `notBuilt` names what this version does not do yet, so that a field is refused by name and never ignored.
 */
import { z } from 'zod';
import { Duration } from './duration';
import { Id } from './proposal';

export const VERDICTS = [
  'approve',
  'edit',
  'reject',
  'revise',
  'respond',
  'escalate',
  'delegate',
  'withdraw',
  'extend',
  'comment',
  'cancel',
] as const;
export const Verdict = z.enum(VERDICTS);
export type Verdict = z.infer<typeof Verdict>;

/** The verdicts this version admits. */
export const BUILT_VERDICTS: readonly Verdict[] = [
  'approve',
  'edit',
  'reject',
  'revise',
  'respond',
  'comment',
  'cancel',
];

export const ConfirmationLevel = z.enum(['INFO', 'CONFIRM', 'VERIFY']);
const OnSilence = z.enum(['escalate', 'expire', 'approve']);
const Count = z.int().min(1).max(1_000);

/** `people: ["*"]` is anybody. */
export const Approvers = z
  .strictObject({
    people: z.array(Id).min(1).max(1_000).optional(),
    roles: z.array(Id).min(1).max(100).optional(),
  })
  .refine((a) => a.people !== undefined || a.roles !== undefined, {
    error: 'names nobody: give people or roles',
  });

export const PeopleLevel = z.strictObject({
  kind: z.literal('people').default('people'),
  name: Id,
  approvers: Approvers,
  groups: z
    .array(z.strictObject({ role: Id, quorum: Count }))
    .min(1)
    .max(100)
    .optional(),
  quorum: Count.default(1),
  rejections: Count.default(1),
  respondWithin: Duration,
  remindEvery: Duration.optional(),
  warnBefore: Duration.optional(),
  onSilence: OnSilence.optional(),
});
export type PeopleLevel = z.infer<typeof PeopleLevel>;

export const Separation = z.strictObject({
  requester: z.boolean().default(true),
  acrossLevels: z.boolean().default(true),
});

export const Policy = z.strictObject({
  confirmation: ConfirmationLevel,
  phrase: z.string().min(1).max(200).optional(),
  levels: z.array(PeopleLevel).min(1).max(20),
  onSilence: OnSilence.default('escalate'),
  separation: Separation.default({ requester: true, acrossLevels: true }),
  maxRevisions: z.int().min(0).max(100).optional(),
  maxExtension: Duration.optional(),
  executeWithin: Duration.optional(),
  verdicts: z.array(Verdict).min(1).optional(),
  authentication: z.enum(['open', 'signed']).default('open'),
});
export type Policy = z.infer<typeof Policy>;

/** Where nobody says otherwise: one person, anybody but the requester, within 24 hours. */
export const DEFAULT_POLICY: Policy = Policy.parse({
  confirmation: 'CONFIRM',
  levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '24 hours' }],
});

/** The level that is asked: this version has one. */
export function firstLevel(policy: Policy): PeopleLevel {
  const [level] = policy.levels;
  if (level === undefined) throw new RangeError('a policy has at least one level'); // the schema refuses an empty list
  return level;
}

/** Each thing a policy asks for that this version does not do yet, by name; empty where it can be held to. */
export function notBuilt(policy: Policy): string[] {
  const later: string[] = [];
  const say = (asked: boolean, field: string) => {
    if (asked) later.push(`${field} is not supported yet`);
  };
  say(policy.confirmation !== 'CONFIRM', `confirmation ${policy.confirmation}`);
  say(policy.phrase !== undefined, 'phrase');
  say(policy.levels.length > 1, 'more than one of levels');
  say(policy.onSilence === 'approve', 'onSilence approve');
  say(policy.maxExtension !== undefined, 'maxExtension');
  say(policy.executeWithin !== undefined, 'executeWithin');
  say(policy.authentication === 'signed', 'authentication signed');
  for (const verdict of policy.verdicts ?? [])
    say(!BUILT_VERDICTS.includes(verdict), `the verdict ${verdict} in verdicts`);
  policy.levels.forEach((level, index) => {
    const at = `levels[${String(index)}]`;
    say(level.approvers.roles !== undefined, `${at}.approvers.roles`);
    say(level.groups !== undefined, `${at}.groups`);
    say(level.remindEvery !== undefined, `${at}.remindEvery`);
    say(level.warnBefore !== undefined, `${at}.warnBefore`);
    say(level.onSilence === 'approve', `${at}.onSilence approve`);
  });
  return later;
}

/** Each way in which a policy could never be met: nobody may sign, or a quorum asks more people than may. */
export function unreachable(policy: Policy, requester: string): string[] {
  const { verdicts } = policy;
  const signing = verdicts === undefined || verdicts.includes('approve') || verdicts.includes('edit');
  return [
    ...(signing ? [] : ['verdicts: offers neither approve nor edit, so nothing could ever be approved']),
    ...policy.levels.flatMap((level, index) => tooFew(policy, requester, level, `levels[${String(index)}]`)),
  ];
}

function tooFew(policy: Policy, requester: string, level: PeopleLevel, at: string): string[] {
  // An edit starts the quorum over, so that without approve it never gets past one.
  if (level.quorum > 1 && policy.verdicts?.includes('approve') === false && policy.verdicts.includes('edit'))
    return [
      `${at}.quorum: asks ${String(level.quorum)} signatures, and each edit starts over; offer approve`,
    ];
  const people = level.approvers.people;
  if (people === undefined || people.includes('*')) return [];
  const barred = policy.separation.requester ? requester : undefined;
  const able = new Set(people.filter((person) => person !== barred)).size;
  const asked = (count: number, field: string) =>
    count > able ? [`${at}.${field}: asks ${String(count)} of ${String(able)} people who may decide`] : [];
  return [...asked(level.quorum, 'quorum'), ...asked(level.rejections, 'rejections')];
}
