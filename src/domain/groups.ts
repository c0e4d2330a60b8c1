/** Whether each group of a level is met by voices of its own: a person in two roles sits in one of them. */
import { hasRole, type Directory } from './reviewers';

export interface Group {
  readonly role: string;
  readonly quorum: number;
}

/** @param heard the persons of each voice */
export function groupsMet(
  reviewers: Directory | undefined,
  groups: readonly Group[],
  heard: readonly (readonly string[])[],
): boolean {
  const needed = groups.reduce((sum, { quorum }) => sum + quorum, 0);
  const seated: number[][] = groups.map(() => []);
  const fits = (voice: number, { role }: Group) =>
    heard[voice]?.some((person) => hasRole(reviewers, person, role)) === true;
  /** Finds a voice a place in a group, where need be by moving others to another group of theirs. */
  const seat = (voice: number, tried: Set<number>): boolean =>
    groups.some((group, index) => {
      if (tried.has(index) || !fits(voice, group)) return false;
      tried.add(index);
      const here = seated[index] ?? [];
      if (here.length < group.quorum) {
        here.push(voice);
        return true;
      }
      const moved = here.findIndex((other) => seat(other, tried));
      if (moved === -1) return false;
      here[moved] = voice;
      return true;
    });
  return heard.filter((_, voice) => seat(voice, new Set())).length === needed;
}
