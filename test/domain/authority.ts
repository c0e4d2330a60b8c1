/**
 * Who may sign, and whose signatures stand, told from what was admitted and nothing else: the simplest code that follows the words
 * of the design, none of it shared with what it checks. It knows nothing of a gate's lists, counts or voices.
 */
import type { Decision } from '../../src/domain/gate/decision';
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';

/** An admitted decision: when it was received, on which revision and at which level. */
export interface Heard {
  readonly decision: Decision;
  readonly at: number;
  readonly revision: number;
  readonly level: string;
}

/** One revision: what it met, and where it was first asked. */
export interface Asking {
  readonly policy: Policy;
  readonly level: string;
  readonly by: string;
  readonly phrase: string | undefined;
  /** The edit that made it. */
  readonly edit?: Heard;
}

export interface Story {
  readonly directory: Directory | undefined;
  readonly requester: string;
  /** The first is revision 1. */
  readonly askings: readonly Asking[];
  readonly heard: readonly Heard[];
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly heard: Heard;
}

export const asking = (story: Story, revision: number) => story.askings[revision - 1]!;

export function personOf({ directory }: Story, name: string): string {
  return directory?.people.find((one) => [one.name, ...(one.aliases ?? [])].includes(name))?.name ?? name;
}

export function rolesOf({ directory }: Story, person: string): readonly string[] {
  return directory?.people.find(({ name }) => name === person)?.roles ?? [];
}

function rolesAsked({ approvers, groups = [] }: PeopleLevel): string[] {
  return [...(approvers.roles ?? []), ...groups.map(({ role }) => role)];
}

/** The requester, and who answers for the requester or for an agent that proposed any revision so far. */
export function barred(story: Story, revision: number, person: string): boolean {
  if (!asking(story, revision).policy.separation.requester) return false;
  if (person === personOf(story, story.requester)) return true;
  const proposers = story.askings.slice(0, revision).map(({ by }) => by);
  const proposed = (name: string) =>
    name === story.requester ||
    proposers.some((by) => by === name || by.startsWith(`${name} (`) || by.endsWith(` (${name})`));
  return (story.directory?.agents ?? []).some(
    ({ name, owners }) => proposed(name) && owners.some((owner) => personOf(story, owner) === person),
  );
}

export function listed(story: Story, level: PeopleLevel, person: string): boolean {
  const people = level.approvers.people ?? [];
  if (people.includes('*') || people.some((name) => personOf(story, name) === person)) return true;
  return rolesAsked(level).some((role) => rolesOf(story, person).includes(role));
}

export const levelNamed = (policy: Policy, name: string) =>
  policy.levels.find((level) => level.name === name)!;

/** Where nobody can be proven, and where nothing stands on it in open mode, anything does; else a key of that person's, good at that time. */
export function authentic(story: Story, revision: number, { decision, at }: Heard): boolean {
  const { authentication = 'open' } = asking(story, revision).policy;
  const { signature, reviewer } = decision;
  const keyed = story.directory?.people.some(({ keys = [] }) => keys.length > 0) === true;
  if (signature === undefined || !keyed) return authentication === 'open';
  const person = story.directory.people.find(({ name }) => name === personOf(story, reviewer));
  const key = person?.keys?.find(({ id }) => id === signature.key);
  if (key === undefined) return false;
  const [issued, expires] = [Date.parse(signature.issued), Date.parse(signature.expires)];
  return (
    (key.from === undefined || Date.parse(key.from) <= at) &&
    (key.until === undefined || at < Date.parse(key.until)) &&
    (key.revoked === undefined || at < Date.parse(key.revoked)) &&
    issued < expires &&
    expires - issued <= 24 * 3_600_000 &&
    issued <= at + 300_000 &&
    at < expires
  );
}

/** Who acts for whom at a level: what was said there, and what goes on from before an edit. */
function edgesOf(story: Story, revision: number, name: string): Edge[] {
  const { edit, level: first } = asking(story, revision);
  const goesOn = edit !== undefined && edit.level === name && first === name;
  const before = goesOn ? rooted(story, revision, name, edgesOf(story, revision - 1, name)) : [];
  const own = said(story, revision, name)
    .filter(({ decision }) => decision.verdict === 'delegate')
    .map((heard) => ({
      from: personOf(story, heard.decision.reviewer),
      to: personOf(story, heard.decision.to!),
      heard,
    }));
  return rooted(story, revision, name, [...before, ...own]);
}

/** Those of them that begin, along a chain, with somebody whom the level asks. */
function rooted(story: Story, revision: number, name: string, all: readonly Edge[]): Edge[] {
  const level = levelNamed(asking(story, revision).policy, name);
  const good: Edge[] = [];
  for (let found = all.length > 0; found;) {
    const more = all.filter(
      (edge) =>
        !good.includes(edge) &&
        !barred(story, revision, edge.from) &&
        authentic(story, revision, edge.heard) &&
        (listed(story, level, edge.from) || good.some(({ to }) => to === edge.from)),
    );
    found = more.length > 0;
    good.push(...more);
  }
  return good;
}

function said({ heard }: Story, revision: number, level: string): Heard[] {
  return heard.filter((one) => one.revision === revision && one.level === level);
}

export function maySign(
  story: Story,
  revision: number,
  name: string,
  edges: readonly Edge[],
  person: string,
) {
  const level = levelNamed(asking(story, revision).policy, name);
  return (
    !barred(story, revision, person) &&
    (listed(story, level, person) || edges.some(({ to }) => to === person))
  );
}

/** Everybody tied to a person by any delegation, whichever way. */
export function voiceOf(edges: readonly Edge[], person: string): string[] {
  const tied = [person];
  for (const one of tied)
    for (const { from, to } of edges)
      for (const other of from === one ? [to] : to === one ? [from] : [])
        if (!tied.includes(other)) tied.push(other);
  return tied;
}

/** A person, and everybody on whose behalf that person acts. */
export function behind(edges: readonly Edge[], person: string): string[] {
  const found = [person];
  for (const one of found)
    for (const { from, to } of edges) if (to === one && !found.includes(from)) found.push(from);
  return found;
}

export interface Standing {
  readonly yes: readonly Heard[];
  readonly no: readonly Heard[];
  readonly edges: readonly Edge[];
}

/** Whose signatures and rejections stand at a level, minus what was withdrawn or changed. */
export function standing(story: Story, revision: number, name: string): Standing {
  const { edit, level: first, phrase } = asking(story, revision);
  const edges = edgesOf(story, revision, name);
  const person = ({ decision }: Heard) => personOf(story, decision.reviewer);
  const earlier = edges.filter(({ heard }) => heard.revision < revision);
  const editorSigns =
    edit !== undefined &&
    first === name &&
    maySign(story, revision, name, earlier, person(edit)) &&
    authentic(story, revision, edit) &&
    (phrase === undefined || edit.decision.phrase === phrase);
  let yes = editorSigns ? [edit] : [];
  let no: Heard[] = [];
  let tied = earlier;
  for (const one of said(story, revision, name)) {
    const { verdict } = one.decision;
    if (verdict === 'delegate') tied = [...tied, ...edges.filter(({ heard }) => heard === one)];
    const own =
      verdict === 'withdraw'
        ? [person(one)]
        : verdict === 'approve' || verdict === 'reject'
          ? voiceOf(tied, person(one))
          : [];
    yes = yes.filter((other) => !own.includes(person(other)));
    no = no.filter((other) => !own.includes(person(other)));
    if (verdict === 'approve') yes.push(one);
    if (verdict === 'reject') no.push(one);
  }
  return { yes, no, edges };
}

/** Everybody whose voice was used at another level of the same revision; levels are passed upwards only. */
export function spokeElsewhere(story: Story, revision: number, name: string): string[] {
  const { level: first } = asking(story, revision);
  const levels = new Set([
    first,
    ...story.heard.filter((one) => one.revision === revision).map((h) => h.level),
  ]);
  levels.delete(name);
  return [...levels].flatMap((other) => {
    const { yes, no, edges } = standing(story, revision, other);
    return [...yes, ...no].flatMap(({ decision }) => voiceOf(edges, personOf(story, decision.reviewer)));
  });
}
