/** What the worker says of a proposal before people are asked: whether it could run, what it would do, and who has to be asked. */
import { ApplicationFailure } from '@temporalio/activity';
import type { Action } from '../actions/action';
import type { Registry } from '../actions/registry';
import type { Risk } from '../domain/confirmation';
import { milliseconds } from '../domain/duration';
import { floored } from '../domain/floor';
import type { Runs } from '../domain/gate';
import { guard, type Json } from '../domain/json';
import { messageOf } from '../domain/message';
import type { AssessedValues, AssessmentSeal } from '../domain/permit';
import { rolesOf, unreachable, type Policy } from '../domain/policy';
import { anyDoor, holdsKeys, known, ownersOf, type Directory } from '../domain/reviewers';
import type { Picked, Ruled, Rules } from '../domain/gate/policy-source';
import type { RequesterProof } from '../domain/gate/shown-hash';
import { provesStarts } from '../domain/start-proof';
import { tightened } from '../domain/tighten';
import { timeLimit } from '../time-limit';
import { requesterProofOf } from './proven';
import { firstRunOf } from './server';
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
  /** What signed texts call this installation, now. */
  readonly deployment: () => string;
  /** Signs what was computed. @default nothing is signed */
  readonly sign?: (values: AssessedValues) => Promise<AssessmentSeal>;
}

const ATTEMPT = '1 minute';
const PREVIEW_WITHIN = 5_000;

export async function assess(
  { registry, rules, reviewers, channels, deployment: deployed, sign }: AssessDependencies,
  request: Request,
): Promise<Assessed> {
  const { action: name, confidence, sensitive, requester } = request;
  const checked = registry.check(name, request.args);
  if (!checked.ok) return checked;
  const { action, args } = checked;
  const { risk } = action;
  const directory = reviewers();
  const deployment = deployed();
  const requesterProof = await provenBy(request, directory, deployment);
  const requesterProven = requesterProof !== 'claimed';
  const picked = picks(rules, request, {
    action: name,
    args,
    confidence,
    sensitive,
    requester,
    requesterProven,
    risk,
  });
  if (!picked.ok) return picked;
  const effect = !('effect' in action);
  const met = floored(picked.policy, { directory, risk, effect, ruled: rules.configured });
  if (!met.ok) return { ok: false, code: 'POLICY_TOO_WEAK', message: met.problem };
  const { policy } = met;
  const wrong = unproven(policy, requesterProven, requester) ?? unaskable(policy, directory, request, risk);
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
      ...(sign === undefined ? {} : { assessed: await sign({ preview, policy, phrase, risk }) }),
    },
    policy,
    deployment,
    requesterProof,
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

async function provenBy(
  { root, requester }: Request,
  directory: Directory | undefined,
  deployment: string,
): Promise<RequesterProof> {
  // Without keys to prove it by, the server need not be asked for anything.
  if (!provesStarts(directory)) return 'claimed';
  return requesterProofOf(root ?? (await firstRunOf()), directory, deployment, requester);
}

/** Whoever must not decide could be anybody: nobody is asked. */
function unproven({ separation }: Policy, proven: boolean, requester: string): Refused | undefined {
  if (separation.proven !== true || proven) return undefined;
  return {
    ok: false,
    code: 'REQUESTER_UNPROVEN',
    message:
      `the policy takes proven requesters alone (separation.proven), and nothing proves that ${requester} has started this; ` +
      'sign the start with a key that the reviewers directory lists for the requester, or have a door do so',
  };
}

/** Nobody could ever answer: the gate does not open. */
function unaskable(
  policy: Policy,
  directory: Directory | undefined,
  { requester, by }: Pick<Request, 'requester' | 'by'>,
  risk: Risk,
): Refused | undefined {
  const nobody = unknownTo(directory, policy, risk);
  if (nobody !== undefined) return { ok: false, code: 'NO_DIRECTORY', message: nobody };
  const barred = [known(directory, requester), ...ownersOf(directory, requester, by)];
  const never = unreachable(policy, barred, directory, risk);
  return never.length === 0
    ? undefined
    : { ok: false, code: 'QUORUM_UNREACHABLE', message: `policy.${never.join('; policy.')}` };
}

/** What the policy asks that no directory, or this one, can say. */
function unknownTo(directory: Directory | undefined, policy: Policy, risk: Risk): string | undefined {
  const { authentication = 'open', confirmation, levels } = policy;
  const [asked] = rolesOf(policy);
  if (asked !== undefined && directory === undefined)
    return (
      `level ${asked.level} asks the role ${asked.role}, and there is no reviewers directory that says who that is; ` +
      'set COUNTERSIGN_REVIEWERS, or name people'
    );
  if (holdsKeys(directory)) return undefined;
  const signing = levels.find(({ signedAtLeast = 0 }) => signedAtLeast > 0);
  const words = signing === undefined ? 'the policy asks' : `level ${signing.name} asks`;
  if (authentication === 'signed' || signing !== undefined)
    return `${words} for signed decisions, and there is no reviewers directory that holds keys; set COUNTERSIGN_REVIEWERS`;
  if (authentication === 'open' || anyDoor(directory, { confirmation, risk })) return undefined;
  return (
    `the policy asks for decisions that a door vouches for, and no door of a reviewers directory does at ${confirmation} and ${risk} risk; ` +
    'list one under doors in the file that COUNTERSIGN_REVIEWERS names'
  );
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
