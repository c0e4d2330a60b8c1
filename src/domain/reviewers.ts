/**
 * Who people are: names, aliases, roles and public keys, as the worker loads them and a gate records them at opening.
 * Without a directory names are believed as they are sent (open mode), and a role means nobody.
 */
import { z } from 'zod';
import { Id } from './proposal';

/** An Ed25519 public key: its 32 raw bytes in base64. */
export const PublicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be the 32 bytes of an Ed25519 public key in base64');

export const ReviewerKey = z.strictObject({
  /** Named in each signature; a person has each id once. */
  id: Id,
  public: PublicKey,
  /** Valid from then on. @default always */
  from: z.iso.datetime().optional(),
  /** Valid before then. @default for ever */
  until: z.iso.datetime().optional(),
  /** From then on nothing it signs counts, and nothing that it signed before is executed any more. */
  revoked: z.iso.datetime().optional(),
});
export type ReviewerKey = z.infer<typeof ReviewerKey>;

export const Reviewer = z.strictObject({
  name: Id,
  aliases: z.array(Id).max(50).optional(),
  roles: z.array(Id).max(50).optional(),
  keys: z.array(ReviewerKey).max(20).optional(),
});
export type Reviewer = z.infer<typeof Reviewer>;

/** An agent, by its level (AGENT), its own name (openai/gpt-5-mini) or the requester's (svc-orders): who answers for it. */
export const OwnedAgent = z.strictObject({ name: Id, owners: z.array(Id).min(1).max(50) });

/** No name or alias, no agent and no key stands there twice, and who answers for an agent is one of the people. */
export const Directory = z
  .strictObject({
    people: z.array(Reviewer).min(1).max(1_000),
    agents: z.array(OwnedAgent).max(1_000).optional(),
  })
  .superRefine((directory, context) => {
    for (const [path, message] of [...namesakes(directory), ...twins(directory), ...strangers(directory)])
      context.addIssue({ code: 'custom', path, message });
  });
export type Directory = z.infer<typeof Directory>;

type Fault = [path: (string | number)[], what: string];

function namesakes({ people, agents = [] }: Directory): Fault[] {
  // An agent that signs, such as a service that may cancel, is among the people, too.
  return [
    ...repeated(
      people.flatMap(({ name, aliases = [] }, nth) => [
        [['people', nth, 'name'], name],
        ...aliases.map((alias, index): Fault => [['people', nth, 'aliases', index], alias]),
      ]),
    ),
    ...repeated(agents.map(({ name }, nth): Fault => [['agents', nth, 'name'], name])),
  ];
}

function repeated(names: readonly Fault[]): Fault[] {
  const taken = new Set<string>();
  return names.flatMap(([path, name]): Fault[] => {
    if (name === '*') return [[path, '* is anybody, and nobody is called that']];
    if (taken.has(name)) return [[path, `${name} is taken`]];
    taken.add(name);
    return [];
  });
}

/** One key under two names would let one person count twice, and under two ids outlive its revocation. */
function twins({ people }: Directory): Fault[] {
  const taken = new Map<string, string>();
  return people.flatMap(({ name, keys = [] }, nth) =>
    keys.flatMap(({ id, public: key, from, until }, index): Fault[] => {
      const path = ['people', nth, 'keys', index];
      const other = taken.get(key);
      taken.set(key, other ?? `key ${id} of ${name}`);
      const never = from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until);
      return [
        ...(keys.findIndex((one) => one.id === id) < index
          ? [[[...path, 'id'], `${id} is taken`] satisfies Fault]
          : []),
        ...(other === undefined ? [] : [[[...path, 'public'], `is ${other}, too`] satisfies Fault]),
        ...(never ? [[[...path, 'until'], 'must be later than from'] satisfies Fault] : []),
      ];
    }),
  );
}

/** A misspelt owner would leave the agent without one. */
function strangers(directory: Directory): Fault[] {
  return (directory.agents ?? []).flatMap(({ owners }, nth) =>
    owners.flatMap((owner, index): Fault[] =>
      reviewerOf(directory, owner) === undefined
        ? [[['agents', nth, 'owners', index], `${owner} is not among the people`]]
        : [],
    ),
  );
}

/** The person behind a name or an alias; the name itself without a directory; undefined where the directory has nobody. */
export function personOf(directory: Directory | undefined, name: string): string | undefined {
  return directory === undefined ? name : reviewerOf(directory, name)?.name;
}

/** As `personOf`, for names that need not be people: a service that asks, somebody a policy names. */
export function known(directory: Directory | undefined, name: string): string {
  return personOf(directory, name) ?? name;
}

export function reviewerOf(directory: Directory | undefined, name: string): Reviewer | undefined {
  return directory?.people.find((one) => one.name === name || one.aliases?.includes(name) === true);
}

export function hasRole(directory: Directory | undefined, person: string, role: string): boolean {
  return reviewerOf(directory, person)?.roles?.includes(role) === true;
}

/** The names of those who hold a role, in the directory's order. */
export function holders(directory: Directory | undefined, role: string): string[] {
  return (directory?.people ?? []).filter(({ roles = [] }) => roles.includes(role)).map(({ name }) => name);
}

/** Where anybody has a key, decisions are signed unless a policy says otherwise. */
export function holdsKeys(directory: Directory | undefined): boolean {
  return directory?.people.some(({ keys = [] }) => keys.length > 0) === true;
}

/** Holds a key that nobody has revoked; whether it is valid now, its time says. */
export function maySign(directory: Directory, person: string): boolean {
  return reviewerOf(directory, person)?.keys?.some(({ revoked }) => revoked === undefined) === true;
}

/**
 * Who answers for what was proposed: the owners of the requester, where that is an agent, and of the agent that proposed.
 * @param by `AGENT (offline)`: a level and, in brackets, an agent's own name
 */
export function ownersOf(directory: Directory | undefined, requester: string, by: string): string[] {
  const [, level = by, own = by] = /^(.+?) \((.*)\)$/.exec(by) ?? [];
  const names = [requester, by, level, own].map((name) => known(directory, name));
  return [
    ...new Set(
      (directory?.agents ?? [])
        .filter(({ name }) => names.includes(known(directory, name)))
        .flatMap(({ owners }) => owners.map((owner) => known(directory, owner))),
    ),
  ];
}
