/** How surely somebody has said something: by what stands on the decision, verified with node:crypto over texts made here by hand. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { canonical } from '../../src/domain/digest';
import type { Decision } from '../../src/domain/gate/decision';
import type { Directory, ReviewerKey } from '../../src/domain/reviewers';
import { doorsOf, keyed, reaches } from './naive-policy';
import type { Grade, World } from './naive-world';

const MINUTE = 60_000;
/** Clocks may differ by so much. */
const SKEW = 5 * MINUTE;

const checked = new Map<string, boolean>();

/** Ed25519 over the text; each is verified once, since that is what these tests spend their time on. */
export function isSigned(key: string, text: string, value: string): boolean {
  const at = `${key} ${value} ${text}`;
  const known = checked.get(at);
  if (known !== undefined) return known;
  const found = verified(key, text, value);
  if (checked.size > 50_000) checked.clear();
  checked.set(at, found);
  return found;
}

/** A key that is none verifies nothing. */
function verified(key: string, text: string, value: string): boolean {
  try {
    return verify(null, Buffer.from(text, 'utf8'), imported(key), Buffer.from(value, 'base64'));
  } catch {
    return false;
  }
}

const keys = new Map<string, KeyObject>();
function imported(key: string): KeyObject {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key, 'base64')]);
  const known = keys.get(key) ?? createPublicKey({ key: spki, format: 'der', type: 'spki' });
  keys.set(key, known);
  return known;
}

const texts = new WeakMap<Decision, { readonly whole: string; readonly said: string }>();

/** The decision as text: whole, and what is said, without what proves it. No decision is changed once it has been read. */
export function textOf(decision: Decision) {
  const known = texts.get(decision);
  if (known !== undefined) return known;
  const { signature: _s, vouch: _v, ...said } = decision;
  const made = { whole: canonical(decision), said: canonical(said) };
  texts.set(decision, made);
  return made;
}

const signable = new WeakMap<Decision, Map<string, string>>();

/** What is signed of a decision there. @param more that stands beside it */
function text(
  type: 'decision' | 'vouch',
  { files, question }: World,
  level: string,
  decision: Decision,
  more: object,
): string {
  const { root, gate } = question;
  const { deployment } = files;
  const at = [type, deployment, root.workflowId, root.firstRunId, gate, level].join('\n');
  const made = signable.get(decision) ?? new Map<string, string>();
  signable.set(decision, made);
  const known = made.get(at);
  if (known !== undefined) return known;
  const { signature: _s, vouch: _v, ...said } = decision;
  const place = { deployment, root: { ...root }, gate, level };
  const found = `countersign/${type}/1\n${canonical({ ...place, decision: said, ...more })}`;
  made.set(at, found);
  return found;
}

const good = (key: ReviewerKey, at: number) =>
  !(key.from !== undefined && at < Date.parse(key.from)) &&
  !(key.until !== undefined && at >= Date.parse(key.until)) &&
  !isRevoked(key, at);
const isRevoked = ({ revoked }: ReviewerKey, at: number) =>
  revoked !== undefined && at >= Date.parse(revoked);

function lives(
  { issued, expires }: { issued: string; expires: string },
  longest: number,
  at: number,
): boolean {
  const [from, to] = [Date.parse(issued), Date.parse(expires)];
  return from < to && to - from <= longest && from <= at + SKEW && at < to;
}

/** The keys that stand behind it, or undefined where the directory has one of them not. */
function keysOf(directory: Directory | undefined, { reviewer, signature, vouch }: Decision) {
  const someone = directory?.people.find((one) => [one.name, ...(one.aliases ?? [])].includes(reviewer));
  const own = someone?.keys?.find(({ id }) => id === signature?.key) as ReviewerKey | undefined;
  const door = vouch && doorsOf(directory).find(({ name }) => name === vouch.door);
  return { someone, own, door, doorKey: door?.keys.find(({ id }) => id === vouch?.key) };
}

/** The grade at a moment, or undefined where something that stands on it does not hold. */
export function gradeThen(
  world: World,
  directory: Directory | undefined,
  confirmation: string,
  decision: Decision,
  level: string,
  at: number,
): Grade | undefined {
  if (!keyed(directory) && doorsOf(directory).length === 0) return 'open';
  const { signature, vouch } = decision;
  const { someone, own, door, doorKey } = keysOf(directory, decision);
  if (signature !== undefined) {
    const { key, issued, expires, value } = signature;
    if (own === undefined || !good(own, at) || !lives(signature, 24 * 60 * MINUTE, at)) return undefined;
    const words = text('decision', world, level, decision, { signer: key, issued, expires });
    if (!isSigned(own.public, words, value)) return undefined;
  }
  if (vouch !== undefined) {
    const { key, value, ...says } = vouch;
    if (door === undefined || doorKey === undefined || someone?.name !== vouch.person) return undefined;
    const its = (someone.identities ?? []).some((one) =>
      (['method', 'issuer', 'subject'] as const).every((part) => one[part] === vouch[part]),
    );
    const may =
      door.methods.includes(vouch.method) &&
      reaches(directory!, door, confirmation, world.files.risk) &&
      (door.roles === undefined || door.roles.some((role) => someone.roles?.includes(role)));
    if (!its || !may || Date.parse(vouch.authTime) > Date.parse(vouch.issued) + SKEW) return undefined;
    if (!good(doorKey, at) || !lives(vouch, 5 * MINUTE, at)) return undefined;
    if (!isSigned(doorKey.public, text('vouch', world, level, decision, { ...says, signer: key }), value))
      return undefined;
  }
  return signature !== undefined ? 'signed' : vouch !== undefined ? 'vouched' : 'open';
}

/** Good now, or good when the server received it; by no key that has been revoked since. */
export function grade(
  world: World,
  directory: Directory | undefined,
  confirmation: string,
  decision: Decision,
  level: string,
): Grade | undefined {
  const { now, received } = world.server;
  const { own, doorKey } = keysOf(directory, decision);
  if ([own, doorKey].some((key) => key !== undefined && isRevoked(key, now))) return undefined;
  const first = received
    .filter((one) => textOf(one.decision).whole === textOf(decision).whole)
    .map(({ at }) => at)
    .sort((one, other) => one - other)[0];
  const at = (moment: number) => gradeThen(world, directory, confirmation, decision, level, moment);
  return at(now) ?? (first === undefined || first > now ? undefined : at(first));
}
