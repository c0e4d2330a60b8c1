/** Gets what people will be asked: given by the caller, or proposed by an agent, and in either case assessed. */
import { ActivityFailure, isCancellation, type CancellationScope } from '@temporalio/workflow';
import type { Assessed, Proposed } from '../../activities/types';
import { ANSWER } from '../../domain/climb';
import type { PlanContext, Tried } from '../../domain/context';
import { cut } from '../../domain/cut';
import {
  sentBack,
  type Asked,
  type Escalation,
  type Failure,
  type ProposingGate,
  type Reproposed,
  type SetUp,
} from '../../domain/gate';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy';
import type { Start } from '../../domain/start';
import { unproposed } from '../../domain/unproposed';
import { assess, propose } from '../runtime/activities';
import type { Desk } from './gate-runtime';

export interface Unasked {
  readonly failed: 'failed' | 'cancelled' | 'expired';
  readonly reason: string;
  /** Of a ladder, what it had climbed. */
  readonly escalations?: readonly Escalation[];
}

/** Where a gate's question comes from: the first one, and the next one where people sent it back. */
export interface Source {
  readonly first: (desk: Desk, cancellable: CancellationScope) => Promise<Asked | Unasked>;
  /** Never rejects. */
  readonly again: (desk: Desk, gate: ProposingGate) => Promise<Reproposed>;
}

/** Who is asked for it, what for, and what goes with the question. */
export interface Asking {
  readonly start: Pick<Start, 'task' | 'requester' | 'proposal' | 'policy' | 'confirmation' | 'callback'>;
  /** Where neither the caller nor a file of rules says who is asked. */
  readonly otherwise?: Policy | undefined;
  /** The agent's rung. @default AGENT */
  readonly agent?: { readonly name: string; readonly model?: string | undefined } | undefined;
  /** The agent writes an output, and nothing else: that is what people review. */
  readonly produce?: 'answer';
  readonly plan?: PlanContext | undefined;
  readonly tried?: readonly Tried[];
  readonly escalations?: readonly Escalation[];
  readonly root?: Asked['root'];
  readonly setUp?: SetUp | undefined;
}

/** Who proposes where the caller gave nothing. */
const AGENT_LEVEL = 'AGENT';
export const CANCELLED = 'the workflow was cancelled';

/** From the caller, where a proposal is given, else from the agent; revisions always from the agent. */
export function callerOrAgent(asking: Asking): Source {
  return {
    first: (desk, cancellable) => ask(desk, asking, cancellable),
    again: (desk, gate) => askAgain(desk, asking, gate),
  };
}

/** An action that is not registered, or args that do not fit, never open a gate; an agent that fails asks people. */
async function ask(desk: Desk, asking: Asking, cancellable: CancellationScope): Promise<Asked | Unasked> {
  const { proposal: given, requester, task } = asking.start;
  try {
    const proposed: Proposed =
      given === undefined
        ? await cancellable.run(() => fromAgent(asking, { task }))
        : { ok: true, proposal: given, by: requester };
    note(desk, asking, proposed);
    return await question(desk, asking, proposed, cancellable);
  } catch (error) {
    if (isCancellation(error)) return { failed: 'cancelled', reason: CANCELLED };
    return { failed: 'failed', reason: `PROPOSE_FAILED: ${causeOf(error)}` };
  }
}

/** What was proposed, or that nothing was, as a question to people: assessed, under a policy. */
export async function question(
  desk: Desk,
  asking: Asking,
  proposed: Proposed,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const called = () => cancellable.consideredCancelled;
  const head = headOf(desk, asking);
  if (!proposed.ok) {
    if (called()) return { failed: 'cancelled', reason: CANCELLED };
    const nothing = withoutProposal(asking, proposed, proposed.by);
    const found = await cancellable.run(() => assessed(asking, nothing.proposal, nothing.by, head));
    desk.ledger.seeded(found.seed);
    if (called()) return { failed: 'cancelled', reason: CANCELLED };
    return found.ok ? { ...head, ...nothing, ...opening(desk, found) } : unopened(found);
  }
  const { proposal, by } = proposed;
  const found = await cancellable.run(() => assessed(asking, proposal, by, head));
  desk.ledger.seeded(found.seed);
  if (!found.ok) return unopened(found);
  if (called()) return { failed: 'cancelled', reason: CANCELLED };
  return { ...head, proposal, by, ...opening(desk, found) };
}

/** The next revision, for people who sent one back. Where the agent has none, people are asked about that. */
async function askAgain(desk: Desk, asking: Asking, gate: ProposingGate): Promise<Reproposed> {
  try {
    const proposed = await fromAgent(asking, { task: asking.start.task, earlier: sentBack(gate) });
    note(desk, asking, proposed);
    if (!proposed.ok) return withoutProposal(asking, proposed, proposed.by, gate.policy);
    const { proposal, by } = proposed;
    const found = await assessed(asking, proposal, by);
    if (!found.ok) return withoutProposal(asking, found, by, gate.policy);
    const { assessment, policy } = found;
    return { assessment, policy, proposal, by };
  } catch (error) {
    // Where it was called off nobody will read this.
    const failure = { code: 'PROPOSE_FAILED', message: causeOf(error) };
    return withoutProposal(asking, failure, AGENT_LEVEL, gate.policy);
  }
}

/** What is the same for every revision of it, as far as the workflow knows. */
export function headOf(desk: Desk, { start, root, setUp, escalations }: Asking) {
  return {
    root: root ?? desk.root,
    gate: desk.name,
    requester: start.requester,
    ...(start.callback === undefined ? {} : { callback: start.callback }),
    ...(escalations === undefined ? {} : { escalations }),
    ...(setUp === undefined ? {} : { setUp }),
  };
}

type Request = Parameters<typeof propose>[0];

/** A day of failed attempts is an answer, too: the agent is not to be had. */
export async function fromAgent(
  { agent = { name: AGENT_LEVEL }, produce, plan, tried = [] }: Asking,
  request: Pick<Request, 'task' | 'earlier'>,
): Promise<Proposed> {
  const { name: level, model } = agent;
  try {
    const proposed = await propose({
      ...request,
      level,
      ...(model === undefined ? {} : { model }),
      ...(produce === undefined ? {} : { produce }),
      ...(plan === undefined ? {} : { plan }),
      ...(tried.length === 0 ? {} : { tried }),
    });
    if (!proposed.ok || produce === undefined || proposed.proposal.action === ANSWER) return proposed;
    const message = `an output is reviewed here, and the agent proposed the action ${proposed.proposal.action}`;
    return { ok: false, code: 'MALFORMED_PROPOSAL', message, by: proposed.by };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return { ok: false, code: 'MODEL_UNAVAILABLE', message: causeOf(error), by: level };
  }
}

/** @param opens the gate that is to be opened, where it is not open already */
export function assessed(
  { start, otherwise, root }: Asking,
  proposal: Asked['proposal'],
  by: string,
  opens?: Pick<Asked, 'root' | 'gate'>,
) {
  const { policy, confirmation, requester } = start;
  const { action, args, confidence, sensitive } = proposal;
  return assess({
    action,
    args,
    confidence,
    sensitive,
    requester,
    by,
    ...(root === undefined ? {} : { root }),
    ...(policy === undefined ? {} : { policy }),
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(confirmation === undefined ? {} : { confirmation }),
    ...(opens === undefined ? {} : { opens: { root: opens.root, gate: opens.gate } }),
  });
}

export function unopened({ code, message }: Extract<Assessed, { ok: false }>): Unasked {
  return { failed: 'failed', reason: `${code}: ${message}` };
}

/** What the worker says of the gate that is to be opened, and of itself. */
export function opening(desk: Desk, found: Extract<Assessed, { ok: true }>) {
  const { assessment, policy, reviewers, deployment, requesterProof, channels, ruled, limits } = found;
  const told = {
    ...(channels === true ? { channels } : {}),
    ...(ruled === true ? { ruled } : {}),
    ...(limits === undefined ? {} : { limits }),
  };
  desk.set({ ...desk.setting(), ...told });
  return {
    deployment,
    requesterProof,
    assessment,
    policy,
    ...(reviewers === undefined ? {} : { reviewers }),
  };
}

/** @param under the policy that the question is asked under. @default the caller's own, else the default */
function withoutProposal(
  { start: { task, policy: given }, otherwise = DEFAULT_POLICY }: Asking,
  failure: Failure,
  by: string,
  under?: Policy,
): Reproposed {
  const { code, message } = failure;
  const policy = under ?? (typeof given === 'object' ? given : otherwise);
  return unproposed(task, { code, message: cut(message, 2_000) }, policy, by);
}

export function note(desk: Desk, { start: { task, requester } }: Asking, proposed: Proposed): void {
  const { by, generation, seed } = proposed;
  desk.ledger.seeded(seed);
  const made = generation === undefined ? {} : { generation };
  const { lessons: _, ...setting } = desk.setting();
  const { lessons } = generation ?? {};
  desk.set({ ...setting, ...(lessons === undefined ? {} : { lessons }) });
  if (proposed.ok)
    desk.ledger.note({ type: 'proposed', by, requester, task, proposal: proposed.proposal, ...made });
  else {
    const { code, message } = proposed;
    desk.ledger.note({ type: 'proposal-failed', by, requester, task, code, message, ...made });
  }
}

/** The innermost error's own words. */
export function causeOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}
