/** What the worker says of a proposal before people are asked: whether it could run, what it would do, and who has to be asked. */
import { ApplicationFailure } from '@temporalio/activity';
import type { Action } from '../actions/action';
import type { Registry } from '../actions/registry';
import { milliseconds } from '../domain/duration';
import type { Runs } from '../domain/gate';
import { guard, type Json } from '../domain/json';
import { messageOf } from '../domain/message';
import { rolesOf, unreachable, type Policy } from '../domain/policy';
import { holdsKeys, known, ownersOf, type Directory } from '../domain/reviewers';
import type { Picked, Ruled, Rules } from '../domain/rules';
import { tightened } from '../domain/tighten';
import { timeLimit } from '../time-limit';
import type { Activities, Assessed } from './types';

type Request = Parameters<Activities['assess']>[0];
type Refused = Extract<Assessed, { ok: false }>;

export interface AssessDependencies {
  readonly registry: Registry;
  readonly rules: Rules;
  /** As the worker holds it now. */
  readonly reviewers: () => Directory | undefined;
  /** There are channels to tell people by. */
  readonly channels: boolean;
}

const ATTEMPT = '1 minute';
const PREVIEW_WITHIN = 5_000;

export async function assess(
  { registry, rules, reviewers, channels }: AssessDependencies,
  request: Request,
): Promise<Assessed> {
  const { action: name, confidence, sensitive, requester, by } = request;
  const checked = registry.check(name, request.args);
  if (!checked.ok) return checked;
  const { action, args } = checked;
  const { risk } = action;
  const picked = picks(rules, request, { action: name, args, confidence, sensitive, requester, risk });
  if (!picked.ok) return picked;
  const directory = reviewers();
  const policy = authenticated(picked.policy, directory);
  const wrong = unaskable(policy, directory, requester, by);
  if (wrong !== undefined) return wrong;
  const preview = await previewOf(action, args);
  const phrase = phraseOf(action, args);
  return {
    ok: true,
    assessment: {
      args,
      risk,
      runs: runsOf(action, args),
      ...(preview === undefined ? {} : { preview }),
      ...(phrase === undefined ? {} : { phrase }),
    },
    policy,
    ...(directory === undefined ? {} : { reviewers: directory }),
    ...(channels ? { channels } : {}),
    ...(picked.rule === undefined ? {} : { rule: picked.rule }),
    ...(rules.configured ? { ruled: true as const } : {}),
    ...(rules.limits === undefined ? {} : { limits: rules.limits }),
  };
}

/** The level of `confirm` stands for the policy's confirmation, where the rules leave that to the caller. */
function picks(rules: Rules, { policy, otherwise, confirmation }: Request, ruled: Ruled): Picked {
  const picked = rules.pick(ruled, policy ?? (rules.configured ? undefined : otherwise));
  if (!picked.ok || confirmation === undefined) return picked;
  const { level, phrase } = confirmation;
  const leveled = { ...picked.policy, confirmation: level, ...(phrase === undefined ? {} : { phrase }) };
  if (!rules.configured) return { ...picked, policy: leveled };
  // The rules' own phrase stands; where they have none the question's is the target's own words.
  const asked =
    picked.policy.phrase === undefined ? { ...picked.policy, phrase: leveled.phrase } : picked.policy;
  const tight = tightened(asked, leveled);
  return tight.ok
    ? { ...picked, policy: tight.policy }
    : { ok: false, code: 'POLICY_TOO_WEAK', message: tight.problem };
}

function authenticated(policy: Policy, directory: Directory | undefined): Policy {
  return { ...policy, authentication: policy.authentication ?? (holdsKeys(directory) ? 'signed' : 'open') };
}

/** Nobody could ever answer: the gate does not open. */
function unaskable(
  policy: Policy,
  directory: Directory | undefined,
  requester: string,
  by: string,
): Refused | undefined {
  const [asked] = rolesOf(policy);
  if (asked !== undefined && directory === undefined)
    return {
      ok: false,
      code: 'NO_DIRECTORY',
      message:
        `level ${asked.level} asks the role ${asked.role}, and there is no reviewers directory that says who that is; ` +
        'set COUNTERSIGN_REVIEWERS, or name people',
    };
  if (policy.authentication === 'signed' && !holdsKeys(directory))
    return {
      ok: false,
      code: 'NO_DIRECTORY',
      message:
        'the policy asks for signed decisions, and there is no reviewers directory that holds keys; set COUNTERSIGN_REVIEWERS',
    };
  const barred = [known(directory, requester), ...ownersOf(directory, requester, by)];
  const never = unreachable(policy, barred, directory);
  return never.length === 0
    ? undefined
    : { ok: false, code: 'QUORUM_UNREACHABLE', message: `policy.${never.join('; policy.')}` };
}

function phraseOf(action: Action, args: object): string | undefined {
  try {
    return action.phrase?.(args);
  } catch {
    return undefined; // the phrase is then made of the action's name
  }
}

async function previewOf(action: Action, args: object): Promise<Json | undefined> {
  if (action.preview === undefined) return undefined;
  const limit = timeLimit(PREVIEW_WITHIN);
  const { signal } = limit;
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error(`no answer within ${String(PREVIEW_WITHIN / 1000)} s`));
    });
  });
  try {
    const preview = await Promise.race([action.preview(args, { signal }), late]);
    const unfit = guard(preview);
    return unfit === undefined ? preview : { unavailable: unfit };
  } catch (error) {
    return { unavailable: messageOf(error) };
  } finally {
    limit.clear();
  }
}

function runsOf(action: Action, args: object): Runs {
  if ('dispatch' in action) return { in: 'queue', ...action.dispatch(args) };
  if ('effect' in action) return { in: 'nowhere' };
  const { short, timeout = ATTEMPT } = action;
  const attempts = typeof action.attempts === 'function' ? action.attempts(args) : action.attempts;
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts > 0))
    throw ApplicationFailure.nonRetryable(`the action's attempts must be 1 or more, not ${String(attempts)}`);
  if (!(milliseconds(timeout) > 0))
    throw ApplicationFailure.nonRetryable(`the action's timeout ${timeout} is no duration`);
  return {
    in: 'worker',
    timeout,
    ...(attempts === undefined ? {} : { attempts }),
    ...(short === true && attempts === undefined ? { short } : {}),
  };
}
