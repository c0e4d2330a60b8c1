/**
 * Who people are: names, aliases, roles and public keys, as the worker loads them and a gate records them at opening.
 * Without a directory names are believed as they are sent (open mode), and a role means nobody.
 */
import { isWithin, type Occasion } from './confirmation';
import {
  isPasskey,
  type Directory,
  type Door,
  type Identity,
  type PersonKey,
  type Reviewer,
  type ReviewerKey,
} from './directory';
import type { Grade } from './grade';

export {
  Directory,
  Door,
  Identity,
  isPasskey,
  KeyedRequester,
  KeyedWorker,
  OwnedAgent,
  PersonKey,
  PublicKey,
  Reviewer,
  ReviewerKey,
} from './directory';

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

/** Where anybody has a key, be it revoked, the floor of what counts is higher. */
export function holdsKeys(directory: Directory | undefined): boolean {
  return directory?.people.some(({ keys = [] }) => keys.length > 0) === true;
}

/** Holds a key that nobody has revoked; whether it is valid now, its time says. */
export function maySign(directory: Directory, person: string): boolean {
  return (
    reviewerOf(directory, person)?.keys?.some(
      (key) => key.revoked === undefined && takesKey(directory, key),
    ) === true
  );
}

/** Whoever makes authenticators may copy a passkey between devices: a directory may take none of that kind. */
export function takesKey(directory: Directory, key: PersonKey): boolean {
  return !(isPasskey(key) && key.backupEligible && directory.passkeys?.synced === 'refuse');
}

export type KeyRole = 'person' | 'requester' | 'door' | 'worker';

export interface Holder<Key> {
  readonly name: string;
  readonly keys: readonly Key[];
}

/** Whose key it may be, by its role. A person is found by an alias, too; everybody else by the very name. */
export function holderOf(
  directory: Directory | undefined,
  role: 'person',
  name: string,
): Holder<PersonKey> | undefined;
export function holderOf(
  directory: Directory | undefined,
  role: Exclude<KeyRole, 'person'>,
  name: string,
): Holder<ReviewerKey> | undefined;
export function holderOf(
  directory: Directory | undefined,
  role: KeyRole,
  name: string,
): Holder<PersonKey> | undefined {
  if (role === 'person') {
    const person = reviewerOf(directory, name);
    return person === undefined ? undefined : { name: person.name, keys: person.keys ?? [] };
  }
  const listed = { requester: directory?.requesters, door: directory?.doors, worker: directory?.workers };
  return (listed[role] ?? []).find((one) => one.name === name);
}

/** The person of an identity: issuer and subject, and how it was proven, character for character. */
export function identified(directory: Directory | undefined, one: Identity): Reviewer | undefined {
  return directory?.people.find(({ identities = [] }) =>
    identities.some(
      ({ method, issuer, subject }) =>
        method === one.method && issuer === one.issuer && subject === one.subject,
    ),
  );
}

export function hasDoors(directory: Directory | undefined): boolean {
  return (directory?.doors ?? []).length > 0;
}

/** Whether the door's word is enough there for anybody. Where people hold keys, VERIFY and high risk take their own signature. */
export function reachesTo(directory: Directory, door: Door, { confirmation, risk }: Occasion): boolean {
  const keys = holdsKeys(directory);
  const { upTo = keys ? 'CONFIRM' : 'VERIFY', risks } = door;
  if (keys && (confirmation === 'VERIFY' || risk === 'high')) return false;
  return isWithin(confirmation, upTo) && (risks === undefined || risks.includes(risk));
}

/** Whether some door's word is enough there. */
export function anyDoor(directory: Directory | undefined, occasion: Occasion): boolean {
  return directory?.doors?.some((door) => reachesTo(directory, door, occasion)) === true;
}

/** Whether that door may say that this person has decided, authenticated in this way. Its key and its times are not looked at. */
export function doorVouches(
  directory: Directory | undefined,
  name: string,
  { person, method, ...occasion }: Occasion & { readonly person: string; readonly method: string },
): boolean {
  const door = directory?.doors?.find((one) => one.name === name);
  const found = directory?.people.find((one) => one.name === person);
  if (directory === undefined || door === undefined || found === undefined) return false;
  return (
    door.methods.includes(method) &&
    reachesTo(directory, door, occasion) &&
    (door.roles === undefined || door.roles.some((role) => found.roles?.includes(role)))
  );
}

/** Whether a person's decisions could be of this grade there. */
export function mayReach(directory: Directory, person: string, grade: Grade, occasion: Occasion): boolean {
  if (grade === 'open' || maySign(directory, person)) return true;
  const found = reviewerOf(directory, person);
  if (grade === 'signed' || found === undefined) return false;
  return (directory.doors ?? []).some(({ name }) =>
    found.identities?.some(({ method }) =>
      doorVouches(directory, name, { ...occasion, person: found.name, method }),
    ),
  );
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
