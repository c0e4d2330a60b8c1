/**
 * What has gone from a reviewers directory since earlier versions of it. Nothing is deleted there, it ends (`until`) or is revoked:
 * of a key that is gone nobody can say any more what it signed, and a revocation that is gone lets it sign again.
 */
import { isPasskey, type Directory, type PersonKey } from './directory';

interface Version {
  readonly directory: Directory;
  /** ISO 8601 UTC: when it was loaded for the first time. */
  readonly at: string;
}

const materialOf = (key: PersonKey) => (isPasskey(key) ? key.spki : key.public);

/** What stands in a version: what it is called in a sentence, by what it is found again. */
function contents({ people, agents = [], requesters = [], doors = [], workers = [] }: Directory) {
  const keyed = [
    ['', people],
    ['the requester ', requesters],
    ['the door ', doors],
    ['the worker ', workers],
  ] as const;
  return new Map<string, string>([
    ...keyed.flatMap(([role, holders]) =>
      holders.flatMap(({ name, keys = [] }): [string, string][] => [
        [JSON.stringify([role, name]), `${role}${name}`],
        ...keys.flatMap((key): [string, string][] => [
          [JSON.stringify([role, name, materialOf(key)]), `the key ${key.id} of ${role}${name}`],
          ...(key.revoked === undefined
            ? []
            : [
                [
                  JSON.stringify([role, name, materialOf(key), 'revoked']),
                  `the revocation of the key ${key.id} of ${role}${name}`,
                ] satisfies [string, string],
              ]),
        ]),
      ]),
    ),
    ...people.flatMap(({ name, identities = [] }) =>
      identities.map(({ issuer, subject }): [string, string] => [
        JSON.stringify([name, issuer, subject]),
        `the identity ${subject} (${issuer}) of ${name}`,
      ]),
    ),
    ...agents.map(({ name }): [string, string] => [JSON.stringify(['agent', name]), `the agent ${name}`]),
  ]);
}

/** @param before in the order in which they were loaded @returns a sentence each, each thing once */
export function vanished(before: readonly Version[], now: Directory): string[] {
  const there = contents(now);
  const gone = new Map<string, string>();
  for (const { directory, at } of before)
    for (const [id, called] of contents(directory))
      if (!there.has(id)) gone.set(id, `${called} is gone since the version that was loaded at ${at}`);
  return [...gone.values()];
}
