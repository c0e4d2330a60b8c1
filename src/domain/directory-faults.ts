/** What no schema of one entry sees: names, keys and identities of a directory that stand there twice, and owners that are nobody. */
import type { DirectoryEntries as Directory, PersonKey } from './directory-entries';

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

interface Holder {
  readonly name: string;
  readonly keys?: readonly PersonKey[] | undefined;
}

/**
 * One key under two names would let one person count twice, under two ids outlive its revocation, and in two roles sign a text
 * of one that passes for the other's.
 */
function twins(directory: Directory): Fault[] {
  const taken = new Map<string, string>();
  return Object.entries(KEYED).flatMap(([list, role]) => {
    const holders: readonly Holder[] = directory[list as keyof typeof KEYED] ?? [];
    return holders.flatMap(({ name, keys = [] }, nth) =>
      keys.flatMap((key, index): Fault[] => {
        const path = [list, nth, 'keys', index];
        const again = materialOf(key).flatMap(([field, material]): Fault[] => {
          const other = taken.get(material);
          taken.set(material, other ?? `key ${key.id} of ${role}${name}`);
          return other === undefined ? [] : [[[...path, field], `is ${other}, too`]];
        });
        return [
          ...(keys.findIndex(({ id }) => id === key.id) < index
            ? [[[...path, 'id'], `${key.id} is taken`] satisfies Fault]
            : []),
          ...again,
          ...(isNever(key) ? [[[...path, 'until'], 'must be later than from'] satisfies Fault] : []),
        ];
      }),
    );
  });
}

/** What stands before the 32 bytes of an Ed25519 key in DER, in base64: it ends where a group of characters does. */
const ED25519_IN_DER = 'MCowBQYDK2VwAyEA';

/** What makes a key that key, by the field that says it. An Ed25519 passkey is the same key as one of a file with its bytes. */
function materialOf(key: PersonKey): [field: string, material: string][] {
  if (!('spki' in key)) return [['public', `key ${key.public}`]];
  const { spki, credential } = key;
  const raw = spki.startsWith(ED25519_IN_DER) ? spki.slice(ED25519_IN_DER.length) : spki;
  return [
    ['spki', `key ${raw}`],
    ['credential', `credential ${credential}`],
  ];
}

function isNever({ from, until }: Pick<PersonKey, 'from' | 'until'>): boolean {
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
