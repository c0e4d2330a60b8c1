/** What no schema of one entry sees: names, keys and identities of a directory that stand there twice, and owners that are nobody. */
import type { Directory, Reviewer, ReviewerKey } from './directory';

type Fault = [path: (string | number)[], what: string];

export function faultsOf(directory: Directory): Fault[] {
  return [...namesakes(directory), ...twins(directory), ...doubles(directory), ...strangers(directory)];
}

type Named = readonly { readonly name: string }[];

function namesakes({ people, agents = [], requesters = [], doors = [], workers = [] }: Directory): Fault[] {
  const names = (list: string, of: Named) => of.map(({ name }, nth): Fault => [[list, nth, 'name'], name]);
  // A service that signs, such as one that may cancel, is among the people, too; and a person may ask.
  return [
    ...repeated(
      people.flatMap(({ name, aliases = [] }, nth) => [
        [['people', nth, 'name'], name],
        ...aliases.map((alias, index): Fault => [['people', nth, 'aliases', index], alias]),
      ]),
    ),
    ...repeated(names('agents', agents)),
    ...repeated(names('requesters', requesters)),
    ...repeated(names('doors', doors)),
    ...repeated(names('workers', workers)),
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

const KEYED = { people: '', requesters: 'the requester ', doors: 'the door ', workers: 'the worker ' };

/**
 * One key under two names would let one person count twice, under two ids outlive its revocation, and in two roles sign a text
 * of one that passes for the other's.
 */
function twins(directory: Directory): Fault[] {
  const taken = new Map<string, string>();
  return Object.entries(KEYED).flatMap(([list, role]) => {
    const holders: readonly Pick<Reviewer, 'name' | 'keys'>[] = directory[list as keyof typeof KEYED] ?? [];
    return holders.flatMap(({ name, keys = [] }, nth) =>
      keys.flatMap((key, index): Fault[] => {
        const path = [list, nth, 'keys', index];
        const other = taken.get(key.public);
        taken.set(key.public, other ?? `key ${key.id} of ${role}${name}`);
        return [
          ...(keys.findIndex(({ id }) => id === key.id) < index
            ? [[[...path, 'id'], `${key.id} is taken`] satisfies Fault]
            : []),
          ...(other === undefined ? [] : [[[...path, 'public'], `is ${other}, too`] satisfies Fault]),
          ...(isNever(key) ? [[[...path, 'until'], 'must be later than from'] satisfies Fault] : []),
        ];
      }),
    );
  });
}

function isNever({ from, until }: ReviewerKey): boolean {
  return from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until);
}

/** Whoever is known there is one person, whatever the method. */
function doubles({ people }: Directory): Fault[] {
  const taken = new Map<string, string>();
  return people.flatMap(({ name, identities = [] }, nth) => {
    const methods = new Set<string>();
    return identities.flatMap(({ method, issuer, subject }, index): Fault[] => {
      const one = JSON.stringify([issuer, subject]);
      const other = taken.get(one);
      const again = methods.has(`${method} ${one}`);
      taken.set(one, other ?? name);
      methods.add(`${method} ${one}`);
      const path = ['people', nth, 'identities', index];
      if (other !== undefined && other !== name) return [[[...path, 'subject'], `is ${other}, too`]];
      return again ? [[path, 'stands there twice']] : [];
    });
  });
}

/** A misspelt owner would leave the agent without one. */
function strangers({ people, agents = [] }: Directory): Fault[] {
  const known = new Set(people.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  return agents.flatMap(({ owners }, nth) =>
    owners.flatMap((owner, index): Fault[] =>
      known.has(owner) ? [] : [[['agents', nth, 'owners', index], `${owner} is not among the people`]],
    ),
  );
}
