/**
 * The executor trusts nobody who can start an activity: whose workflow it is, digest, key, record, signatures, quorum, rules and time
 * are checked just before the effect, and each thing that does not hold has its code.
 */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Action } from '../actions/action';
import type { Registry } from '../actions/registry';
import { evidenceHash, shortfall, type Examiner } from '../domain/approval';
import { canonical, digestOf, effectKey, sha256Hex } from '../domain/digest';
import type { Directory } from '../domain/reviewers';
import type { Rules } from '../domain/rules';
import { verifies } from '../providers/reviewers/verify';
import type { AuditEntry } from '../domain/audit';
import type { Execution } from './types';

export interface ExecutorDependencies {
  readonly registry: Registry;
  readonly rules: Rules;
  /** As the worker holds it now. */
  readonly reviewers: () => Directory | undefined;
}

/** The entries of the execution's run, as the store holds them. */
export type Record = (
  execution: Execution,
) => Promise<readonly Pick<AuditEntry, 'seq' | 'prev' | 'hash' | 'entry'>[]>;

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
  inItsWorkflow(execution);
  const { root, gate, revision, digest, action, args, key, approval, claims } = execution;
  if (digestOf({ ...root, gate, revision, action, args }) !== digest)
    throw refused('DIGEST_MISMATCH', 'the args are not those of the approved digest');
  if (effectKey(root, gate, digest) !== key)
    throw refused('KEY_MISMATCH', 'the key is not that of the approved digest');
  onRecord(execution, await record(execution));
  const checked = registry.check(action, args);
  if (!checked.ok) throw refused(checked.code, checked.message);
  if (canonical(checked.args) !== canonical(args))
    throw refused('ACTION_CHANGED', `the action ${action} is another one than was approved`);
  const { confidence, sensitive } = claims;
  const { requester, policy } = approval;
  const { risk } = checked.action;
  const ruled = rules.pick({ action, args, confidence, sensitive, requester, risk }, policy);
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
  const short = shortfall(approval, execution, by);
  if (short !== undefined) throw refused(short.code, short.message);
  return checked.action;
}

/**
 * The server says which workflow schedules an activity; nobody else's workflow executes this one's approvals, and nobody without one
 * does, whatever was sent.
 */
function inItsWorkflow(execution: Partial<Execution> | undefined): void {
  const scheduledBy = activityInfo().workflowExecution?.workflowId;
  if (scheduledBy === undefined || scheduledBy !== execution?.root?.workflowId)
    throw refused('NOT_ITS_WORKFLOW', 'an approval is executed by the workflow that it was given to alone');
}

/** Outcomes that take an approval back. */
const VOID = ['cancelled', 'expired', 'rejected', 'answered'];

interface Told {
  readonly type?: unknown;
  readonly digest?: unknown;
  readonly evidence?: unknown;
  readonly outcome?: unknown;
}

/** The store has the approval, of this very digest and evidence, and nothing behind it that takes it back. */
function onRecord({ digest, evidence, approval }: Execution, entries: Awaited<ReturnType<Record>>): void {
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

/** A text that was changed has another hash, wherever it was changed. */
function told({ hash, entry }: Pick<AuditEntry, 'hash' | 'entry'>): Told {
  return sha256Hex(entry) === hash ? ((JSON.parse(entry) as Told | null) ?? {}) : {};
}
