/** Who is who, and who counts: by the directory and by who acts for whom, counted by trying every way. */
import type { PeopleLevel } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Whom a directory knows by a name or an alias. Without a directory names are believed. */
export function person(directory: Directory | undefined, name: string): string | undefined {
  if (directory === undefined) return name;
  return directory.people.find((one) => [one.name, ...(one.aliases ?? [])].includes(name))?.name;
}

export const called = (directory: Directory | undefined, name: string) => person(directory, name) ?? name;

export function rolesOf(directory: Directory | undefined, name: string): readonly string[] {
  return directory?.people.find((one) => one.name === name)?.roles ?? [];
}

export function ask({ approvers, groups = [] }: PeopleLevel): string[] {
  return [...(approvers.roles ?? []), ...groups.map(({ role }) => role)];
}

function listed(directory: Directory | undefined, level: PeopleLevel, name: string): boolean {
  const people = level.approvers.people ?? [];
  return (
    people.includes('*') ||
    people.some((one) => called(directory, one) === name) ||
    ask(level).some((role) => rolesOf(directory, name).includes(role))
  );
}

/** By name or role, or on behalf of somebody who is asked. */
export function isAsked(
  directory: Directory | undefined,
  level: PeopleLevel,
  edges: readonly Edge[],
  name: string,
  seen: readonly string[] = [],
): boolean {
  if (seen.includes(name)) return false;
  const before = edges.filter(({ to }) => to === name).map(({ from }) => from);
  return (
    listed(directory, level, name) ||
    before.some((from) => isAsked(directory, level, edges, from, [...seen, name]))
  );
}

/** Everybody tied to a person by who acts for whom, whichever way. */
export function voice(edges: readonly Edge[], name: string): string[] {
  const tied = [name];
  for (const one of tied)
    for (const { from, to } of edges)
      for (const other of from === one ? [to] : to === one ? [from] : [])
        if (!tied.includes(other)) tied.push(other);
  return tied.sort();
}

/** Everybody for whom a person acts, that person among them. */
function behalf(edges: readonly Edge[], name: string): string[] {
  const found = [name];
  for (const one of found)
    for (const { from, to } of edges) if (to === one && !found.includes(from)) found.push(from);
  return found;
}

/** Each voice once, with the roles of those who spoke and of those they spoke for. */
export function voices(
  directory: Directory | undefined,
  edges: readonly Edge[],
  spoke: readonly string[],
): string[][] {
  const found = new Map<string, string[]>();
  for (const name of spoke) {
    const key = voice(edges, name).join('|');
    const roles = behalf(edges, name).flatMap((one) => rolesOf(directory, one));
    found.set(key, [...(found.get(key) ?? []), ...roles]);
  }
  return [...found.values()];
}

/** By trying every way to give each seat a voice of its own. */
export function seated(seats: readonly string[], among: readonly (readonly string[])[]): boolean {
  const [role, ...rest] = seats;
  if (role === undefined) return true;
  return among.some(
    (roles, at) => roles.includes(role) && seated(rest, [...among.slice(0, at), ...among.slice(at + 1)]),
  );
}

/** Who answers for the requester or for the agent that made the revision. */
export function owners(directory: Directory | undefined, requester: string, by: string): string[] {
  const bracket = by.endsWith(')') ? by.indexOf(' (') : -1;
  const parts = bracket < 1 ? [by] : [by, by.slice(0, bracket), by.slice(bracket + 2, -1)];
  const names = [requester, ...parts].map((name) => called(directory, name));
  return (directory?.agents ?? [])
    .filter(({ name }) => names.includes(called(directory, name)))
    .flatMap((agent) => agent.owners.map((owner) => called(directory, owner)));
}
