/** The policy that counts now: what the worker's rules and directory ask, and nothing looser because somebody has recorded it. */
import type { PeopleLevel, Policy } from '../../src/domain/policy';
import type { Directory, Door } from '../../src/domain/reviewers';
import { ask } from './naive-people';
import type { Files, Grade, Risk } from './naive-world';

const CONFIRMATIONS = ['INFO', 'CONFIRM', 'VERIFY'];
const GRADES: readonly Grade[] = ['open', 'vouched', 'signed'];
const VERDICTS = 'approve edit reject revise respond escalate delegate withdraw extend comment cancel'.split(
  ' ',
);
const SILENCES = ['expire', 'escalate', 'approve'];

export const enough = (grade: Grade, least: Grade) => GRADES.indexOf(grade) >= GRADES.indexOf(least);
const higher = (one: Grade, other: Grade) => (enough(one, other) ? one : other);

export const keyed = (directory: Directory | undefined) =>
  (directory?.people ?? []).some(({ keys = [] }) => keys.length > 0);
export const doorsOf = (directory: Directory | undefined) => directory?.doors ?? [];

/** Whether a door's word is enough for what people are to confirm. */
export function reaches(directory: Directory, door: Door, confirmation: string, risk: Risk): boolean {
  if (keyed(directory) && (confirmation === 'VERIFY' || risk === 'high')) return false;
  const upTo = door.upTo ?? (keyed(directory) ? 'CONFIRM' : 'VERIFY');
  return (
    CONFIRMATIONS.indexOf(confirmation) <= CONFIRMATIONS.indexOf(upTo) &&
    (door.risks === undefined || door.risks.includes(risk))
  );
}

/** Keys and no doors: signed. Doors: vouched as far as one reaches, else signed where anybody holds keys. Neither: open. */
export function floor(directory: Directory | undefined, confirmation: string, risk: Risk): Grade {
  if (directory === undefined) return 'open';
  const doors = doorsOf(directory);
  if (doors.length === 0) return keyed(directory) ? 'signed' : 'open';
  return doors.some((door) => reaches(directory, door, confirmation, risk)) || !keyed(directory)
    ? 'vouched'
    : 'signed';
}

/** Undefined where the recorded policy is no policy, or looser than the worker's files allow. */
export function policyNow({ directory, rules, risk }: Files, recorded: Policy): Policy | undefined {
  if (!whole(recorded)) return undefined;
  const least = floor(directory, recorded.confirmation, risk);
  if (rules === undefined) {
    if (least !== 'open' && (recorded.confirmation === 'INFO' || silent(recorded))) return undefined;
    const { authentication = least } = recorded;
    return enough(authentication, least) ? { ...recorded, authentication } : undefined;
  }
  const ruled = higher(rules.authentication ?? 'open', floor(directory, rules.confirmation, risk));
  const { authentication = ruled } = recorded;
  if (!enough(authentication, ruled) || !isTighter(rules, recorded)) return undefined;
  const levels = recorded.levels.map((level, at) => filled(rules.levels[at]!, level));
  const { proven } = rules.separation;
  return {
    ...recorded,
    ...(recorded.phrase === undefined && rules.phrase !== undefined ? { phrase: rules.phrase } : {}),
    ...(recorded.executeWithin === undefined && rules.executeWithin !== undefined
      ? { executeWithin: rules.executeWithin }
      : {}),
    separation: { ...(proven === undefined ? {} : { proven }), ...recorded.separation },
    levels,
    authentication: higher(authentication, least),
  };
}

const isCount = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000;
const isName = (value: unknown) => typeof value === 'string' && value !== '';
const isFull = (list: readonly unknown[] | undefined) =>
  list === undefined || (list.length > 0 && list.every(isName));
const isPeople = (kind: string) => kind === 'people';
const isTime = (value: unknown) => /^[1-9]\d* (minute|hour|day)s?$/.test(String(value));

/** A field that is missing is never a field that is satisfied. */
function whole({
  confirmation,
  levels,
  onSilence,
  separation,
  authentication = 'open',
  ...rest
}: Policy): boolean {
  const { phrase = 'x', executeWithin = '1 hour', verdicts = ['reject'] } = rest;
  const { requester, acrossLevels, proven = false } = separation;
  return (
    CONFIRMATIONS.includes(confirmation) &&
    SILENCES.includes(onSilence) &&
    GRADES.includes(authentication) &&
    [requester, acrossLevels, proven].every((one) => typeof one === 'boolean') &&
    isName(phrase) &&
    isTime(executeWithin) &&
    isFull(verdicts) &&
    verdicts.every((one) => VERDICTS.includes(one)) &&
    new Set(levels.map(({ name }) => name)).size === levels.length &&
    levels.every(wholeLevel)
  );
}

function wholeLevel(level: PeopleLevel): boolean {
  const { kind, name, approvers, quorum, rejections, signedAtLeast = 1, groups = [] } = level;
  return (
    isPeople(kind) &&
    isName(name) &&
    isTime(level.respondWithin) &&
    SILENCES.includes(level.onSilence ?? 'expire') &&
    (approvers.people ?? approvers.roles) !== undefined &&
    isFull(approvers.people) &&
    isFull(approvers.roles) &&
    [quorum, rejections, signedAtLeast].every(isCount) &&
    (level.groups === undefined || groups.length > 0) &&
    groups.every((one) => isName(one.role) && isCount(one.quorum) && isCount(one.rejections ?? 1))
  );
}

export const silenceAt = (policy: Policy, level: PeopleLevel) => level.onSilence ?? policy.onSilence;

const silent = (policy: Policy) =>
  policy.onSilence === 'approve' || policy.levels.some(({ onSilence }) => onSilence === 'approve');

const minutes = (duration: string | undefined) => {
  if (duration === undefined) return Infinity;
  const [count, unit] = duration.split(' ');
  return Number(count) * (unit!.startsWith('hour') ? 60 : unit!.startsWith('day') ? 1_440 : 1);
};
export const milliseconds = (duration: string) => minutes(duration) * 60_000;

/** What the recorded policy says is at least as strict as the rules, in each of its fields; what it leaves out is the rules'. */
function isTighter(rules: Policy, own: Policy): boolean {
  const separated = (side: 'requester' | 'acrossLevels' | 'proven') =>
    rules.separation[side] !== true ||
    (own.separation[side] ?? (side === 'proven' && rules.separation[side]));
  return (
    CONFIRMATIONS.indexOf(own.confirmation) >= CONFIRMATIONS.indexOf(rules.confirmation) &&
    (own.phrase === undefined ||
      (rules.phrase === undefined ? rules.confirmation !== 'VERIFY' : own.phrase === rules.phrase)) &&
    separated('requester') &&
    separated('acrossLevels') &&
    separated('proven') &&
    minutes(own.executeWithin ?? rules.executeWithin) <= minutes(rules.executeWithin) &&
    offersNo(rules, own) &&
    own.levels.length === rules.levels.length &&
    own.levels.every((level, at) => isTighterAt(rules, own, rules.levels[at]!, level, at))
  );
}

/** A part of what the rules offer, and no is not taken off the ballot. */
function offersNo({ verdicts: ruled }: Policy, { verdicts: own }: Policy): boolean {
  if (own === undefined) return true;
  const part = ruled === undefined || own.every((verdict) => ruled.includes(verdict));
  return part && (own.includes('reject') || ruled?.includes('reject') === false);
}

type Groups = NonNullable<PeopleLevel['groups']>;
const seatsFor = (groups: Groups, role: string) =>
  groups.filter((group) => group.role === role).reduce((sum, { quorum }) => sum + quorum, 0);
const noes = (groups: Groups, role: string) =>
  Math.min(...groups.filter((group) => group.role === role).map(({ rejections = Infinity }) => rejections));

function isTighterAt(
  rules: Policy,
  own: Policy,
  ruled: PeopleLevel,
  given: PeopleLevel,
  at: number,
): boolean {
  const level = filled(ruled, given);
  const { people: may = [] } = ruled.approvers;
  const among =
    may.includes('*') ||
    ((level.approvers.people ?? []).every((name) => may.includes(name)) &&
      ask(level).every((role) => ask(ruled).includes(role)));
  const leads = (policy: Policy, one: PeopleLevel) => {
    const said = silenceAt(policy, one);
    return said === 'escalate' && at === policy.levels.length - 1 ? 'expire' : said;
  };
  const [then, now] = [leads(rules, ruled), leads(own, level)];
  const [most, within] = [minutes(ruled.respondWithin), minutes(level.respondWithin)];
  const { groups = [] } = level;
  return (
    among &&
    level.quorum >= ruled.quorum &&
    (level.signedAtLeast ?? 0) >= (ruled.signedAtLeast ?? 0) &&
    level.rejections <= ruled.rejections &&
    (ruled.groups ?? []).every(
      ({ role }) =>
        seatsFor(groups, role) >= seatsFor(ruled.groups ?? [], role) &&
        noes(groups, role) <= noes(ruled.groups ?? [], role),
    ) &&
    SILENCES.indexOf(now) <= SILENCES.indexOf(then) &&
    (within === most || (within < most && now === 'expire'))
  );
}

/** The recorded level, with the rules' where it says nothing. */
function filled(ruled: PeopleLevel, given: PeopleLevel): PeopleLevel {
  const {
    signedAtLeast = ruled.signedAtLeast,
    onSilence = ruled.onSilence === 'expire' ? 'expire' : undefined,
  } = given;
  const groups = (given.groups ?? ruled.groups ?? []).map((group) => {
    const most = noes(ruled.groups ?? [], group.role);
    const says = Number.isFinite(noes(given.groups ?? [], group.role));
    return says || !Number.isFinite(most) ? group : { ...group, rejections: most };
  });
  return {
    ...given,
    ...(signedAtLeast === undefined ? {} : { signedAtLeast }),
    ...(onSilence === undefined ? {} : { onSilence }),
    ...(groups.length === 0 ? {} : { groups }),
  };
}
