/**
 * The executor trusts nobody who can start an activity: whose workflow it is, digest, key, record, signatures, quorum, rules and time
 * are checked just before the effect, and each thing that does not hold has its code.
 */
import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import type { Action } from '../actions/action';
import type { Registry } from '../actions/registry';
import { evidenceHash, overdue, shortfall, type Examiner, type Shortfall } from '../domain/approval';
import { canonical, digestOf, effectKey, undoHash, type Root } from '../domain/digest';
import { factIn, type StoredEntry } from '../domain/entry';
import { stepWorkflow, undoGate } from '../domain/plan-names';
import { levelAt } from '../domain/policy';
import type { Directory } from '../domain/reviewers';
import type { Rules } from '../domain/rules';
import { verifies } from '../providers/reviewers/verify';
import type { Execution } from './types';

export interface ExecutorDependencies {
  readonly registry: Registry;
  readonly rules: Rules;
  /** As the worker holds it now. */
  readonly reviewers: () => Directory | undefined;
}

/** The entries of one run, as the store holds them. */
export type Record = (chain: Root) => Promise<readonly StoredEntry[]>;

const refused = (code: string, message: string) => ApplicationFailure.nonRetryable(message, code);

/**
 * The approved action, where everything behind its approval holds.
 * @throws ApplicationFailure with the code of what does not hold; nothing has been executed then
 */
export async function verified(
  { registry, rules, reviewers }: ExecutorDependencies,
  execution: Execution,
  record: Record,
): Promise<Action> {
  await inItsWorkflow(execution);
  const { root, gate, revision, digest, action, args, undo, key, approval, claims } = execution;
  if (digestOf({ ...root, gate, revision, action, args, undo }) !== digest)
    throw refused('DIGEST_MISMATCH', 'the args are not those of the approved digest');
  if (effectKey(root, gate, digest) !== key)
    throw refused('KEY_MISMATCH', 'the key is not that of the approved digest');
  onRecord(execution, await record(execution.record ?? root));
  const checked = registry.check(action, args);
  if (!checked.ok) throw refused(checked.code, checked.message);
  if (canonical(checked.args) !== canonical(args))
    throw refused('ACTION_CHANGED', `the action ${action} is another one than was approved`);
  const { confidence, sensitive } = claims;
  const { requester, policy } = approval;
  const { risk } = checked.action;
  const ruled = rules.pick(
    { action, args, confidence, sensitive, requester, requesterProven: false, risk },
    policy,
  );
  if (!ruled.ok) throw refused(ruled.code, ruled.message);
  const by: Examiner = {
    reviewers: reviewers(),
    now: Date.now(),
    verifies: (where, decision) => verifies(reviewers(), where, decision),
    normal(edited) {
      const normal = registry.check(action, edited);
      return normal.ok ? normal.args : undefined;
    },
  };
  const short =
    approval.basis === 'step'
      ? await uncovered(execution, by.now, record)
      : shortfall(approval, execution, by);
  if (short !== undefined) throw refused(short.code, short.message);
  return checked.action;
}

/**
 * The server says which workflow schedules an activity; nobody else's workflow executes this one's approvals, and nobody without one
 * does, whatever was sent. A step lives in a workflow of its own, named after its root and gate, which its root has started.
 */
async function inItsWorkflow(execution: Partial<Execution> | undefined): Promise<void> {
  const by = activityInfo().workflowExecution;
  const { root, gate } = execution ?? {};
  const { workflowId, firstRunId } = execution?.record ?? root ?? {};
  const own = workflowId === root?.workflowId && firstRunId === root?.firstRunId;
  const child = root !== undefined && childrenOf(root, execution).includes(workflowId ?? '');
  if (
    by === undefined ||
    by.workflowId !== workflowId ||
    !(own || (child && (await startedBy(by, root, gate))))
  )
    throw refused('NOT_ITS_WORKFLOW', 'an approval is executed by the workflow that it was given to alone');
}

/** A step's workflow, and those that the approval's level is asked in. */
function childrenOf(root: Root, { gate = '', approval }: Partial<Execution> = {}): string[] {
  const step = stepWorkflow(root, gate);
  if (approval === undefined) return [step];
  const { name } = levelAt(approval.policy, approval.rung);
  return [step, `${root.workflowId}/${name}`, `${step}/${name}`];
}

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** Its parent is the root, in a run of the root's own, or a step of it: a workflow id may be used again by somebody else. */
async function startedBy(child: Run, root: Root, gate = ''): Promise<boolean> {
  const describe = async (id: string, runId: string) =>
    (await Context.current().client.workflow.getHandle(id, runId).describe()).raw.workflowExecutionInfo;
  const { workflowId, runId } = (await describe(child.workflowId, child.runId))?.parentExecution ?? {};
  if (!workflowId || !runId) return false;
  if (workflowId === root.workflowId)
    return ((await describe(workflowId, runId))?.firstRunId ?? runId) === root.firstRunId;
  return workflowId === stepWorkflow(root, gate) && startedBy({ workflowId, runId }, root, gate);
}

/** Outcomes that take an approval back. */
const VOID = ['cancelled', 'expired', 'rejected', 'answered'];

interface Told {
  readonly type?: unknown;
  readonly gate?: unknown;
  readonly key?: unknown;
  readonly digest?: unknown;
  readonly evidence?: unknown;
  readonly outcome?: unknown;
  readonly undo?: unknown;
  readonly policy?: unknown;
}

/** The store has the approval, of this very digest and evidence, and nothing behind it that takes it back. */
function onRecord(
  { root, record: chain = root, digest, evidence, approval }: Execution,
  entries: readonly StoredEntry[],
): void {
  const told = (entry: StoredEntry): Told => factIn(chain, entry);
  const found = entries.find(({ seq, hash }) => seq === evidence.seq && hash === evidence.hash);
  const fact = found === undefined ? undefined : told(found);
  if (fact?.type !== 'approved' || fact.digest !== digest)
    throw refused('NO_EVIDENCE', 'the audit store holds no approval of this digest');
  if (fact.evidence !== evidenceHash(approval))
    throw refused('EVIDENCE_MISMATCH', 'what stands behind the approval is not what was put on record');
  for (let heads = [evidence.hash]; heads.length > 0;) {
    const next = entries.filter(({ prev }) => heads.includes(prev));
    const end = next.map(told).find((one) => one.type === 'closed' && VOID.includes(String(one.outcome)));
    if (end !== undefined)
      throw refused('APPROVAL_VOID', `after the approval the gate was closed: ${String(end.outcome)}`);
    heads = next.map(({ hash }) => hash);
  }
}

/**
 * An undo that nobody was asked about again runs on its step's approval: the step's own record says that it was approved together
 * with this very undo, under this policy, and that it was executed.
 */
async function uncovered(
  { root, gate, action, args, approval }: Execution,
  now: number,
  record: Record,
): Promise<Shortfall | undefined> {
  const late = overdue(approval, now);
  if (late !== undefined) return late;
  const not = (why: string): Shortfall => ({
    code: 'NOT_CONSENT',
    message: `it takes back a step that ${why}`,
  });
  const { undoes, policy } = approval;
  if (undoes === undefined) return not('is not named');
  const entries = await record(undoes.record);
  const at = entries.findIndex(({ seq, hash }) => seq === undoes.seq && hash === undoes.hash);
  const facts = entries.map((entry): Told => factIn(undoes.record, entry));
  const step = facts[at];
  if (step?.type !== 'approved' || typeof step.gate !== 'string')
    return not('the audit store does not know as approved');
  if (gate !== undoGate(step.gate) || undoes.record.workflowId !== stepWorkflow(root, step.gate))
    return not('is another one');
  if (step.undo !== undoHash({ action, args })) return not('was approved with another undo');
  const [under] = facts
    .slice(0, at)
    .flatMap((one) => one.policy ?? [])
    .slice(-1);
  if (under === undefined || canonical(under) !== canonical(policy))
    return not('was approved under another policy');
  const done = facts.slice(at).some(({ type, key }) => type === 'executed' && key === step.key);
  return done ? undefined : not('was not executed');
}
