/** Whether an approval stands: its quorum, counted by trying every way, and the digest of what would run, computed again. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../src/domain/json';
import {
  asking,
  authentic,
  behind,
  levelNamed,
  maySign,
  personOf,
  rolesOf,
  spokeElsewhere,
  standing,
  voiceOf,
  type Edge,
  type Heard,
  type Story,
} from './authority';
import { ROOT } from './given';

/** By trying every way to give each seat of each group a voice of its own. */
function seats(wanted: readonly string[], voices: readonly (readonly string[])[]): boolean {
  const [role, ...rest] = wanted;
  if (role === undefined) return true;
  return voices.some(
    (roles, nth) =>
      roles.includes(role) &&
      seats(
        rest,
        voices.filter((_, other) => other !== nth),
      ),
  );
}

/** Each voice once, with the roles of those who spoke and of those on whose behalf. */
function voicesOf(story: Story, spoke: readonly Heard[], edges: readonly Edge[]): string[][] {
  const voices = new Map<string, string[]>();
  for (const { decision } of spoke) {
    const person = personOf(story, decision.reviewer);
    const voice = voiceOf(edges, person).sort().join('|');
    const roles = behind(edges, person).flatMap((one) => rolesOf(story, one));
    voices.set(voice, [...(voices.get(voice) ?? []), ...roles]);
  }
  return [...voices.values()];
}

/** What the signatures at a level are short of; undefined where they are all that the policy asks. */
export function quorumLacks(story: Story, revision: number, name: string): string | undefined {
  const level = levelNamed(asking(story, revision).policy, name);
  const { yes, edges } = standing(story, revision, name);
  const voices = voicesOf(story, yes, edges);
  if (voices.length < level.quorum) return `${String(voices.length)} voices of ${String(level.quorum)}`;
  const wanted = (level.groups ?? []).flatMap(({ role, quorum }) =>
    Array.from({ length: quorum }, () => role),
  );
  return seats(wanted, voices) ? undefined : 'a group was not met';
}

/** As many voices as the level asks, or of one of its groups as many as that asks, have rejected. */
export function turnedDown(story: Story, revision: number, name: string): boolean {
  const { rejections, groups = [] } = levelNamed(asking(story, revision).policy, name);
  const { no, edges } = standing(story, revision, name);
  const voices = voicesOf(story, no, edges);
  const of = (role: string) => voices.filter((roles) => roles.includes(role)).length;
  return (
    voices.length >= rejections ||
    groups.some(({ role, rejections: most }) => most !== undefined && of(role) >= most)
  );
}

export interface Approved {
  readonly revision: number;
  readonly level: string;
  readonly digest: string;
  readonly args: JsonObject;
  readonly action: string;
  readonly signers: readonly string[];
}

/** Of the questions that were hashed last: the model asks for the same ones over and over. */
const digests = new Map<string, string>();

/** As any language would compute it: the keys are sorted by hand, and none of these values needs more of RFC 8785. */
export function digestAgain({
  revision,
  action,
  args,
}: Pick<Approved, 'revision' | 'action' | 'args'>): string {
  return hashed({ ...ROOT, gate: 'main', revision, action, args });
}

/** SHA-256 of it, sorted; what is undefined is left out. */
export function hashed(value: object): string {
  const text = JSON.stringify(value);
  const known = digests.get(text);
  if (known !== undefined) return known;
  if (digests.size > 1_000) digests.clear();
  const canonical = JSON.stringify(sorted(JSON.parse(text)));
  const digest = createHash('sha256').update(canonical).digest('hex');
  digests.set(text, digest);
  return digest;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, sorted(part)] as const);
  return Object.fromEntries(parts.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Why an approval by signatures does not stand; undefined where it does. `taken`: what the action makes of args. */
export function unauthorised(
  story: Story,
  approved: Approved,
  taken: (args: JsonObject) => JsonObject,
): string | undefined {
  const { revision, level: name, digest, args, signers } = approved;
  const { policy, phrase } = asking(story, revision);
  const { yes, edges } = standing(story, revision, name);
  const spent = policy.separation.acrossLevels ? spokeElsewhere(story, revision, name) : [];
  for (const one of yes) {
    const { decision } = one;
    const person = personOf(story, decision.reviewer);
    if (!maySign(story, revision, name, edges, person)) return `${person} may not sign`;
    if (spent.includes(person)) return `${person} signed at another level`;
    if (!authentic(story, revision, one)) return `${person} did not sign with a key`;
    if (phrase !== undefined && decision.phrase !== phrase) return `${person} did not type the phrase`;
    if (decision.verdict === 'approve' && decision.digest !== digest) return `${person} read another digest`;
    const same = (sent: JsonObject) => digestAgain({ ...approved, args: taken(sent) }) === digest;
    if (decision.verdict === 'edit' && !same(decision.args!)) return `${person} wrote something else`;
  }
  if (digestAgain({ ...approved, args }) !== digest) return 'the digest is not that of what would run';
  const told = yes.map(({ decision }) => decision.reviewer);
  if ([...told].sort().join() !== [...signers].sort().join()) return `the record tells of ${told.join()}`;
  return quorumLacks(story, revision, name);
}
