/** Whether each group of a level is met by voices of its own: a person in two roles sits in one of them. */
import { hasRole, type Directory } from './reviewers';

export interface Group {
  readonly role: string;
  readonly quorum: number;
}

/** The persons of one voice. */
type Voice = readonly string[];
type Place = Group & { readonly seated: Voice[] };

export function groupsMet(
  reviewers: Directory | undefined,
  groups: readonly Group[],
  heard: readonly Voice[],
): boolean {
  const needed = groups.reduce((sum, { quorum }) => sum + quorum, 0);
  const places = groups.map(({ role, quorum }): Place => ({ role, quorum, seated: [] }));
  /** Finds a voice a place in a group, where need be by moving others to another group of theirs. */
  const seat = (voice: Voice, tried: Set<Place>): boolean =>
    places.some((place) => {
      const { role, quorum, seated } = place;
      if (tried.has(place) || !voice.some((person) => hasRole(reviewers, person, role))) return false;
      tried.add(place);
      if (seated.length < quorum) {
        seated.push(voice);
        return true;
      }
      const moved = seated.findIndex((other) => seat(other, tried));
      if (moved >= 0) seated[moved] = voice;
      return moved >= 0;
    });
  return heard.filter((voice) => seat(voice, new Set())).length === needed;
}
