/**
 * Whether an approval carries its effect, a second time: the simplest code that follows the words of the target, from the worker's own
 * files and the server's word. It shares nothing with the judgement that it is held against but types, canonical JSON and SHA-256.
 */
import { canonical, sha256Hex } from '../../src/domain/digest';
import type { Policy } from '../../src/domain/policy';
import { admissible, barred, elsewhere, inOrder, voidUntil, type Case, type Heard } from './naive-heard';
import { called, isAsked, person, seated, voice, voices, type Edge } from './naive-people';
import { enough, milliseconds, policyNow, silenceAt } from './naive-policy';
import { grade, textOf } from './naive-proofs';
import type { Said, World } from './naive-world';

/** Evidence that cannot be read carries nothing. */
export function carries(world: World): boolean {
  try {
    const policy = policyNow(world.files, world.evidence.policy);
    return (
      policy !== undefined && isWhole(world.evidence) && inTime(world, policy) && consented(world, policy)
    );
  } catch {
    return false;
  }
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const areTexts = (of: object, fields: readonly string[]) =>
  fields.every((field) => isText((of as Record<string, unknown>)[field]));

/** A field that is missing is never a field that is satisfied. */
function isWhole(evidence: World['evidence']): boolean {
  const { requesterProof, risk, rung, words } = evidence;
  return (
    areTexts(evidence, ['requester', 'by']) &&
    ['claimed', 'vouched', 'signed'].includes(requesterProof) &&
    ['low', 'medium', 'high'].includes(risk) &&
    Number.isInteger(rung) &&
    typeof words.confidence === 'number' &&
    typeof words.sensitive === 'boolean' &&
    [...evidence.owners, ...evidence.before].every(isText) &&
    evidence.signatures.every((one) => areTexts(one, ['reviewer', 'decision', 'at'])) &&
    evidence.delegations.every((one) => areTexts(one, ['from', 'to', 'decision', 'at'])) &&
    evidence.decisions.every((one) => areTexts(one, ['id', 'reviewer', 'verdict', 'digest', 'level']))
  );
}

type Sent = World['evidence']['decisions'][number];
type Signed = World['evidence']['signatures'][number];

/** The limit that the approval names, and twice the policy's after the last signature, whatever limit it names. */
function inTime({ evidence, server: { now } }: World, { executeWithin }: Policy): boolean {
  const { executeBefore } = evidence;
  if (executeBefore !== undefined && !(now < Date.parse(executeBefore))) return false;
  if (executeWithin === undefined) return true;
  const issued = evidence.signatures
    .flatMap((one) => behindSignature(evidence.decisions, one) ?? [])
    .flatMap(({ signature, vouch }) => [signature, vouch].flatMap((proof) => proof?.issued ?? []))
    .map((at) => Date.parse(at))
    .filter((at) => !Number.isNaN(at));
  const last = issued.length === 0 ? Infinity : Math.max(...issued);
  return executeBefore !== undefined && now < last + 2 * milliseconds(executeWithin);
}

function consented(world: World, policy: Policy): boolean {
  const { evidence, server, files } = world;
  const level = policy.levels[evidence.rung];
  if (level === undefined) return false;
  if (policy.separation.proven === true && server.requesterProof === 'claimed') return false;
  if (evidence.basis === 'notice') return policy.confirmation === 'INFO';
  if (evidence.basis === 'silence') return silenceAt(policy, level) === 'approve';
  if (evidence.basis !== 'signatures') return false;
  const own = { world, policy, level, directory: files.directory };
  const same = JSON.stringify(files.directory) === JSON.stringify(evidence.reviewers);
  return signed(own) && (same || signed({ ...own, directory: evidence.reviewers }));
}

function behindSignature(decisions: readonly Sent[], { decision, at, reviewer }: Signed): Sent | undefined {
  return decisions.find(
    (one) =>
      one.id === decision &&
      one.at === at &&
      one.reviewer === reviewer &&
      ['approve', 'edit'].includes(one.verdict),
  );
}

function signed(of: Case): boolean {
  const { world, policy, level, directory } = of;
  const { signatures, delegations, decisions } = world.evidence;
  const told = policy.levels.map((one) => admissible(of, one));
  const end = Math.max(...policy.levels.map((one, rung) => voidUntil(of, one, told[rung]!)));
  const all = told.flat();
  const here = told[policy.levels.indexOf(level)]!;
  const heard = here.at(-1)?.edges ?? [];
  const spent = policy.separation.acrossLevels ? elsewhere(of, told) : [];
  const seats = { of, spent, edges: delegations, all, end };
  const named = delegations.every((edge) => {
    const sent = decisions.find(
      (one) =>
        one.id === edge.decision &&
        one.at === edge.at &&
        one.verdict === 'delegate' &&
        called(directory, one.reviewer) === called(directory, edge.from) &&
        called(directory, one.to ?? '') === called(directory, edge.to),
    );
    return sent !== undefined && mayBeNamed(of, sent.to ?? '') && gradeOf(seats, sent) !== undefined;
  });
  const grades = signatures.map((one) => {
    const sent = behindSignature(decisions, one);
    return sent === undefined || !covers(of, sent) ? undefined : gradeOf(seats, sent);
  });
  if (!named || grades.includes(undefined)) return false;
  const who = signatures.map(({ reviewer }) => called(directory, reviewer));
  const themselves = who.filter((_, nth) => grades[nth] === 'signed');
  // Who acts for whom counts as the approval names it, and as it was heard.
  return [delegations, [...delegations, ...heard]].every((edges) => {
    const found = voices(directory, edges, who);
    const seatsAsked = (level.groups ?? []).flatMap(({ role, quorum }) =>
      Array.from({ length: quorum }, () => role),
    );
    return (
      found.length >= level.quorum &&
      voices(directory, edges, themselves).length >= (level.signedAtLeast ?? 0) &&
      seated(seatsAsked, found)
    );
  });
}

function mayBeNamed(of: Case, to: string): boolean {
  const { world, directory } = of;
  const { requester, owners: recorded } = world.evidence;
  const who = person(directory, to);
  return who !== undefined && ![...barred(of, recorded), called(directory, requester)].includes(who);
}

interface Seats {
  readonly of: Case;
  readonly spent: readonly string[];
  readonly edges: readonly Edge[];
  readonly all: readonly Heard[];
  readonly end: number;
}

/** How surely it was said, by somebody who may, of what is on record, with no no after it; else undefined. */
function gradeOf({ of, spent, edges, all, end }: Seats, { at: _a, revision, level: there, ...sent }: Sent) {
  const { world, policy, level, directory } = of;
  const { question, evidence } = world;
  const who = person(directory, sent.reviewer);
  if (who === undefined || barred(of, evidence.owners).includes(who) || spent.includes(who)) return undefined;
  if (!isAsked(directory, level, edges, who)) return undefined;
  if (sent.verdict !== 'edit' && there !== level.name) return undefined;
  const found = grade(world, directory, policy.confirmation, sent, there);
  if (found === undefined || !enough(found, policy.authentication!)) return undefined;
  if (!read(of, sent, revision)) return undefined;
  const order = inOrder(world);
  if (!order.some(({ decision }) => textOf(decision).whole === textOf(sent).whole)) return undefined;
  const same = order.filter(({ decision }) => textOf(decision).said === textOf(sent).said);
  const rank = Math.min(...same.map((one) => one.rank));
  const undone = all.some(
    (one) =>
      one.rank > rank &&
      ((one.decision.verdict === 'withdraw' && one.who === who) ||
        (one.decision.verdict === 'reject' && voice(one.edges, one.who).includes(who))),
  );
  return rank < end || (undone && sent.verdict !== 'delegate') ? undefined : found;

  function read({ policy: { authentication } }: Case, one: Said['decision'], on: number): boolean {
    if (one.shown === undefined) return authentication === 'open';
    if (one.verdict !== 'edit' && one.digest === question.digest) return one.shown === shownHere(world);
    const then = world.server.record.filter(
      ({ digest, shown }) => digest === one.digest && shown === one.shown,
    );
    return then.some((row) => one.verdict !== 'edit' || row.revision === on);
  }
}

/** An approval of this very question, or the edit that made it; with the phrase where one is asked. */
function covers({ world, policy }: Case, sent: Sent): boolean {
  const { question, files } = world;
  const { digest, revision, args, action } = question;
  const phrase =
    policy.confirmation === 'VERIFY'
      ? (policy.phrase ?? files.phrase ?? `${action.toUpperCase()} ${digest.slice(0, 8)}`)
      : undefined;
  if (phrase !== undefined && sent.phrase !== phrase) return false;
  if (sent.verdict === 'approve') return sent.digest === digest;
  const made = sent.args === undefined ? undefined : files.normal(sent.args);
  // What the edit made of it is what the record has, where anybody has to have been shown anything.
  const { record } = world.server;
  const now = record.some(
    (row) => row.digest === digest && row.revision === revision && row.shown === shownHere(world),
  );
  if (!now && (sent.shown !== undefined || policy.authentication !== 'open')) return false;
  return sent.revision === revision - 1 && made !== undefined && canonical(made) === canonical(args);
}

const shown = new WeakMap<World, string>();

function shownHere(world: World): string {
  const known = shown.get(world) ?? shownAnew(world);
  shown.set(world, known);
  return known;
}

function shownAnew({ question, evidence }: World): string {
  const { words, requester, requesterProof, by, policy, rung, phrase, risk, preview, plan, callback } =
    evidence;
  const { action, args, undo } = question;
  const level = policy.levels[rung]!.name;
  const all = { proposal: { ...words, action, args }, requester, requesterProof, by, policy, level };
  const some = Object.entries({ phrase, risk, preview, undo, plan, callback }).filter(
    ([, value]) => value !== undefined,
  );
  return sha256Hex(canonical({ v: 1, ...all, ...Object.fromEntries(some) }));
}
