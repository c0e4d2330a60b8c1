/**
 * Goes through an approval once more, before anything is done by it. The executor believes its own configuration (directory, rules,
 * registry), people's signatures, its own earlier receipts, and the server's word on which run this is; everything in the request,
 * workflow state included, is a claim. That holds for `signed` decisions and, as far as the doors are trusted, for `vouched` ones. INFO,
 * consent by silence, open decisions and an undo without a policy of its own are the rules' own consent: whoever may start a workflow
 * may bring these about.
 */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Action } from '../actions/action';
import type { Registry } from '../actions/registry';
import { evidenceFault } from '../domain/gate/evidence';
import { canonical, digestOf, effectKey } from '../domain/digest';
import { judge, type Own } from '../domain/judgement';
import type { JsonObject } from '../domain/json';
import { phraseOf } from '../domain/phrase';
import type { Policy } from '../domain/policy';
import { policyNow, type Meeting } from '../domain/policy-now';
import type { Directory } from '../domain/reviewers';
import type { Rules } from '../domain/gate/policy-source';
import type { RequesterProof } from '../domain/gate/shown-hash';
import { WORKFLOW } from '../domain/workflow-types';
import { gradeAt } from '../providers/reviewers/verify';
import { approvedOnRecord, type Entries } from './entries';
import { requesterProofOf } from './proven';
import { saidOf } from './said';
import type { Execution } from './types';
import { uncovered, type Effects } from './undo';
import { itsWorkflow } from './whose';

export interface ExecutorDependencies {
  readonly registry: Registry;
  readonly rules: Rules;
  /** As the worker holds it now. */
  readonly reviewers: () => Directory | undefined;
  /** Which deployment the worker's signatures and decisions belong to. */
  readonly deployment: () => string;
  /** What the executor's own tables hold under a key. */
  readonly effectUnder: Effects['effect'];
}

const refused = (code: string, message: string) => ApplicationFailure.nonRetryable(message, code);

export interface Verified {
  readonly action: Action;
  /** Runs whose histories the server has no more: what people were sent there was not read. */
  readonly gone: readonly string[];
}

/**
 * The approved action, where everything behind its approval holds.
 * @throws ApplicationFailure with the code of what does not hold; nothing has been executed then
 */
export async function verified(
  dependencies: ExecutorDependencies,
  execution: Execution,
  entries: Entries,
): Promise<Verified> {
  const self = await itsWorkflow(execution);
  const { registry, effectUnder } = dependencies;
  const { root, gate, revision, digest, action, args, undo, key, approval } = execution;
  if (digestOf({ ...root, gate, revision, action, args, undo }) !== digest)
    throw refused('DIGEST_MISMATCH', 'the args are not those of the approved digest');
  if (effectKey(root, gate, digest) !== key)
    throw refused('KEY_MISMATCH', 'the key is not that of the approved digest');
  const here = await entries(self.root);
  approvedOnRecord(execution, here);
  const missing = evidenceFault(approval);
  if (missing !== undefined)
    throw refused('EVIDENCE_MISMATCH', `what stands behind the approval cannot be judged: ${missing}`);
  const checked = registry.check(action, args);
  if (!checked.ok) throw refused(checked.code, checked.message);
  if (canonical(checked.args) !== canonical(args))
    throw refused('ACTION_CHANGED', `the action ${action} is another one than was approved`);
  const requesterProof = await proofOf(dependencies, execution);
  const policy = policyFor(dependencies, execution, checked.action, {
    requesterProof,
    ladder: self.type === WORKFLOW.escalation,
  });
  const now = timeOf(execution);
  const said = approval.basis === 'step' ? undefined : await saidOf(execution, { self, here, entries, now });
  const wrong =
    said === undefined
      ? await uncovered(execution, policy, now, entries, {
          effect: effectUnder,
          runsElsewhere: (name) => 'dispatch' in (registry.find(name) ?? {}),
        })
      : judge(approval, execution, {
          ...said,
          ...ownOf(dependencies, execution, checked.action, policy),
          directory: dependencies.reviewers(),
          policy,
          requesterProof,
          now,
        });
  if (wrong !== undefined) throw refused(wrong.code, wrong.message);
  return { action: checked.action, gone: said === undefined ? [] : said.gone };
}

/** The later of the worker's clock and the time that the workflow gives: in a test that skips time people sign by the latter. */
export function timeOf({ at }: Partial<Execution>): number {
  return Math.max(Date.now(), activityInfo().currentAttemptScheduledTimestampMs, Date.parse(at ?? '') || 0);
}

/** A requester who is only claimed needs no proof; anything more is proved anew, from the server's history. */
function proofOf(
  { reviewers, deployment }: ExecutorDependencies,
  { root, approval }: Execution,
): Promise<RequesterProof> {
  return approval.requesterProof === 'claimed'
    ? Promise.resolve('claimed')
    : requesterProofOf(root, reviewers(), deployment(), approval.requester);
}

/** @throws ApplicationFailure DENIED, POLICY_TOO_WEAK, POLICY_ERROR */
function policyFor(
  { rules, reviewers }: ExecutorDependencies,
  { action, args, approval }: Execution,
  { risk, ...runs }: Action,
  by: Pick<Meeting, 'requesterProof' | 'ladder'>,
): Policy {
  const effect = !('effect' in runs);
  const directory = reviewers();
  const found = policyNow(approval, { rules, directory, action, args, risk, effect, ...by });
  if (!found.ok) throw refused(found.code, found.message);
  return found.policy;
}

function ownOf(
  { registry, deployment }: ExecutorDependencies,
  { root, gate, action, args, digest }: Execution,
  { risk, phrase }: Action,
  policy: Policy,
): Pick<Own, 'phrase' | 'grade' | 'normal'> {
  const stakes = { confirmation: policy.confirmation, risk };
  return {
    phrase: phraseOf(policy, { phrase: phraseBy(phrase, args) }, action, digest),
    grade: (directory, decision, level, at) =>
      gradeAt(directory, { deployment: deployment(), root, gate, level }, decision, stakes, at),
    normal(edited: JsonObject) {
      const normal = registry.check(action, edited);
      return normal.ok ? normal.args : undefined;
    },
  };
}

/** What an action makes of its args; one that throws makes nothing, as when people were asked. */
function phraseBy(phrase: Action['phrase'], args: JsonObject): string | undefined {
  try {
    return phrase?.(args);
  } catch {
    return undefined;
  }
}
