/** One question, played honestly: who said what in which order, what the store and the histories hold of it, and the evidence that it leaves. */
import type { Evidence } from '../../src/domain/gate/evidence';
import type { Decision } from '../../src/domain/gate/decision';
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Dice } from './naive-dice';
import { called, isAsked, person, type Edge } from './naive-people';
import {
  digestAt,
  iso,
  MINUTE,
  NAMES,
  ROOT,
  saidAt,
  shownOf,
  START,
  withSignature,
  withVouch,
  ALIASES,
} from './naive-scenes';
import { ARGS, opened, type Play } from './naive-opening';
import type { World } from './naive-world';

interface Stage {
  readonly roll: Dice;
  readonly world: Play;
  readonly policy: Policy;
  readonly level: PeopleLevel;
  minute: number;
  said: number;
}

export const levelOf = (world: Pick<World, 'evidence'>) =>
  world.evidence.policy.levels[world.evidence.rung] ?? world.evidence.policy.levels[0]!;

export function placeOf(world: World, level = levelOf(world).name) {
  const { files, question } = world;
  return { deployment: files.deployment, root: { ...ROOT }, gate: question.gate, level };
}

/** With what the policy asks to stand on it, or more. */
export function proven(roll: Dice, world: World, decision: Decision, at: number, level?: string): Decision {
  const place = placeOf(world, level);
  const { authentication } = world.evidence.policy;
  const { directory } = world.files;
  const keys = directory?.people.find(({ name }) => name === called(directory, decision.reviewer))?.keys;
  const door = (directory?.doors ?? []).length > 0;
  const sign = keys !== undefined && (authentication === 'signed' || roll.often(50));
  const vouch = door && authentication !== 'signed' && (!sign || roll.often(15));
  const once = sign ? withSignature(place, decision, at) : decision;
  return vouch ? withVouch(place, once, at) : once;
}

export interface Speaking {
  readonly level?: string;
  readonly at?: number;
  readonly digest?: string;
  readonly shown?: string;
  readonly unknownLevel?: boolean;
  readonly rest?: Partial<Decision>;
}

/** Somebody says something: signed as asked, received, and on record. */
export function speak(
  { roll, world, ...stage }: { roll: Dice; world: Play; said: number },
  reviewer: string,
  verdict: Decision['verdict'],
  at: number,
  { level = levelOf(world).name, digest, shown, unknownLevel = false, rest = {} }: Speaking = {},
): Decision {
  const { question, evidence } = world;
  const hash =
    shown ??
    shownOf({ ...evidence, rung: rungOf(evidence, level) }, question.action, question.args, question.undo);
  const named = evidence.policy.authentication !== 'open' || roll.often(50);
  const typed = ['approve', 'edit'].includes(verdict) && evidence.phrase !== undefined;
  const decision: Decision = {
    v: 1,
    id: `d${String(stage.said)}`,
    digest: digest ?? question.digest,
    verdict,
    reviewer: ALIASES[reviewer] !== undefined && roll.often(15) ? ALIASES[reviewer] : reviewer,
    ...(named ? { shown: hash } : {}),
    ...(typed ? { phrase: evidence.phrase! } : {}),
    ...(verdict === 'reject' ? { comment: 'no' } : {}),
    ...rest,
  };
  const sent = proven(roll, world, decision, at, level);
  world.server.heard.push(saidAt(sent, at, unknownLevel ? undefined : level));
  world.server.received.push(saidAt(sent, at));
  return sent;
}

const rungOf = ({ policy, rung }: Evidence, level: string) => {
  const found = policy.levels.findIndex(({ name }) => name === level);
  return found < 0 ? rung : found;
};

function candidates({ world, level }: Stage, edges: readonly Edge[] = [], at = level): string[] {
  const { files, evidence } = world;
  const { directory } = files;
  const { requester, owners: own, policy } = evidence;
  const out = policy.separation.requester ? [called(directory, requester), ...own] : [];
  return NAMES.filter((name) => !out.includes(name) && isAsked(directory, at, edges, name));
}

/** An honest approval of a question, with what else was said on the way. */
export function honest(roll: Dice): Play {
  const world = opened(roll);
  const { evidence } = world;
  const stage: Stage = { roll, world, policy: evidence.policy, level: levelOf(world), minute: 1, said: 0 };
  recordShown(stage);
  const editor = world.question.revision > 1 && roll.often(60) ? edited(stage) : undefined;
  if (roll.often(20)) delegated(stage);
  if (roll.often(15)) rejectedAndTakenBack(stage);
  const { delegations } = world.evidence;
  const able = roll.mixed(candidates(stage, delegations).filter((name) => name !== editor));
  const { quorum, groups = [], signedAtLeast = 0 } = stage.level;
  const count =
    Math.max(quorum, signedAtLeast, groups.length) + (groups.length > 0 ? 2 : roll.one([0, 0, 0, 1, -1]));
  const more = Math.max(1, count - (editor === undefined ? 0 : 1));
  for (const name of able.slice(0, more)) approved(stage, name);
  if (roll.often(15)) elsewhere(stage);
  ended(stage);
  return world;
}

const time = (stage: Stage) => START + stage.minute++ * MINUTE;

/** Of this revision and, as hashes alone, of those before. */
function recordShown({ world }: Stage): void {
  const { question, evidence } = world;
  const shown = shownOf(evidence, question.action, question.args, question.undo);
  for (let revision = 1; revision < question.revision; revision++)
    world.server.record.push({ digest: before(revision), revision, shown: earlier(revision) });
  world.server.record.push({ digest: question.digest, revision: question.revision, shown });
}

export const before = (revision: number) => digestAt(revision, { order: 'A-4711', amount: 50 + revision });
export const earlier = (revision: number) => String(revision).repeat(64);

function approved(stage: Stage, name: string): void {
  const at = time(stage);
  stage.said++;
  const sent = speak(stage, name, 'approve', at, { unknownLevel: stage.roll.often(8) });
  signs(stage.world, sent, at, stage.world.question.revision, stage.level.name);
}

/** The decision stands behind a signature of the evidence. */
export function signs(world: Play, sent: Decision, at: number, revision: number, level: string): void {
  const { id, reviewer } = sent;
  const of = world.evidence;
  const authentication =
    sent.signature !== undefined ? 'signed' : sent.vouch !== undefined ? 'vouched' : 'open';
  of.signatures.push({
    reviewer,
    decision: id,
    at: iso(at),
    revision: world.question.revision,
    authentication,
  });
  of.decisions.push({ ...sent, at: iso(at), revision, level });
}

function edited(stage: Stage): string | undefined {
  const { roll, world, level } = stage;
  const read = world.question.revision - 1;
  const [name] = roll.mixed(candidates(stage));
  if (name === undefined) return undefined;
  const at = time(stage);
  stage.said++;
  const there = roll.often(15) ? 'BEFORE' : level.name;
  const args = roll.often(30) ? { ...ARGS, note: 'as it came' } : { ...ARGS };
  const sent = speak(stage, name, 'edit', at, {
    level: there,
    digest: before(read),
    shown: earlier(read),
    rest: { args },
  });
  signs(world, sent, at, read, there);
  return name;
}

function delegated(stage: Stage): void {
  const { roll, world, level } = stage;
  const { directory } = world.files;
  const [from] = roll.mixed(candidates(stage));
  const to = roll.one(NAMES.filter((name) => name !== from));
  if (from === undefined || person(directory, to) === undefined) return;
  const at = time(stage);
  stage.said++;
  const sent = speak(stage, from, 'delegate', at, { rest: { to } });
  const { evidence } = world;
  evidence.delegations.push({ from, to, decision: sent.id, at: iso(at) });
  evidence.decisions.push({ ...sent, at: iso(at), revision: world.question.revision, level: level.name });
}

function rejectedAndTakenBack(stage: Stage): void {
  const [name] = stage.roll.mixed(candidates(stage));
  if (name === undefined) return;
  stage.said++;
  speak(stage, name, 'reject', time(stage));
  stage.said++;
  if (stage.roll.often(60)) speak(stage, name, 'withdraw', time(stage));
}

/** Somebody signed at a level before, which passed it up. */
function elsewhere(stage: Stage): void {
  const { roll, world, policy, level } = stage;
  const other = policy.levels.find(({ name }) => name !== level.name);
  if (other === undefined) return;
  const [name] = roll.mixed(candidates(stage, [], other));
  if (name === undefined) return;
  stage.said++;
  speak(stage, name, roll.one(['approve', 'reject', 'approve']), time(stage), { level: other.name });
  if (roll.often(50)) world.evidence.before.push(name);
}

/** When it is executed: while the signatures are good, or later. */
function ended({ roll, world, policy }: Stage & { world: Play }): void {
  const { heard } = world.server;
  const last = Math.max(START, ...heard.map(({ at }) => at));
  world.server.now = last + roll.one([1, 2, 20, 55, 100]) * MINUTE;
  if (policy.executeWithin !== undefined) world.evidence.executeBefore = iso(last + 120 * MINUTE);
  if (roll.often(10)) world.server.received = [];
}
