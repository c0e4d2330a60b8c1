/**
 * Whether it is proven who has asked. Argument, type and time of the start are those of the root's first event, as the server has
 * it: whatever a workflow, or a request, says of its own requester is a claim.
 */
import { verify } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { z } from 'zod';
import type { Root } from '../domain/digest';
import { guard } from '../domain/json';
import { PLAN_LIMITS } from '../domain/plan-start';
import type { Directory } from '../domain/reviewers';
import type { RequesterProof } from '../domain/gate/shown-hash';
import {
  inputHashOf,
  proofBy,
  startKey,
  StartProof,
  startText,
  provesStarts,
  type SignedStart,
} from '../domain/start-proof';
import { REQUESTED_TYPES } from '../domain/workflow-types';
import { publicKey } from '../providers/reviewers/public-key';
import { isGone } from './server';

/** A start with a proof, short of whether that holds. */
interface Claimed extends Omit<SignedStart, 'deployment'> {
  readonly proof: StartProof;
  readonly startedAt: number;
}

/** The start of a run never changes. */
const KEPT = 1_000;
const starts = new Map<string, Claimed | undefined>();

/**
 * @param root the workflow whose argument names the requester: of a step, its plan
 * @param requester as the gate has it; another one than that argument's is proven by nothing
 */
export async function requesterProofOf(
  root: Root,
  directory: Directory | undefined,
  deployment: string,
  requester: string,
): Promise<RequesterProof> {
  if (!provesStarts(directory)) return 'claimed';
  const start = await startOf(root);
  if (start === undefined || start.requester !== requester) return 'claimed';
  const { proof, startedAt } = start;
  const key = startKey(directory, requester, proof, { startedAt, now: Date.now() });
  if (key === undefined) return 'claimed';
  const text = Buffer.from(startText({ ...start, deployment }, proof), 'utf8');
  return verify(null, text, publicKey(key.public), Buffer.from(proof.value, 'base64'))
    ? proofBy(proof)
    : 'claimed';
}

/** Undefined where it has no proof, or the server has it no more. */
async function startOf({ workflowId, firstRunId }: Root): Promise<Claimed | undefined> {
  const { workflowService, options } = Context.current().client;
  const { namespace } = options;
  const key = JSON.stringify([namespace, workflowId, firstRunId]);
  if (starts.has(key)) return starts.get(key);
  const answer = await workflowService
    .getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId, runId: firstRunId },
      maximumPageSize: 1,
    })
    .catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
  const [first] = answer?.history?.events ?? [];
  const began = first?.workflowExecutionStartedEventAttributes;
  const type = began?.workflowType?.name ?? '';
  const { seconds, nanos } = first?.eventTime ?? {};
  const startedAt = Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1e6);
  const itself = began?.firstExecutionRunId === firstRunId;
  // Only an argument of ours names the requester; in a workflow of one's own its code names whomever it likes.
  const claimed =
    itself && REQUESTED_TYPES.includes(type)
      ? claimedIn(await argumentIn(began.input?.payloads), { namespace, workflowId, type, startedAt })
      : undefined;
  const [oldest] = starts.keys();
  if (starts.size >= KEPT && oldest !== undefined) starts.delete(oldest);
  starts.set(key, claimed);
  return claimed;
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

/** As the workflow was given it, through the worker's own data converter. */
async function argumentIn(payloads: Payloads): Promise<unknown> {
  const { loadedDataConverter } = Context.current().client.options;
  const [argument] = await decodeArrayFromPayloads(loadedDataConverter, payloads);
  return argument;
}

const Proving = z.looseObject({ requester: z.string(), proof: StartProof });

function claimedIn(
  argument: unknown,
  started: Pick<Claimed, 'namespace' | 'workflowId' | 'type' | 'startedAt'>,
): Claimed | undefined {
  if (guard(argument, PLAN_LIMITS) !== undefined) return undefined;
  const parsed = Proving.safeParse(argument);
  if (!parsed.success) return undefined;
  const { requester, proof } = parsed.data;
  return { ...started, requester, proof, inputHash: inputHashOf(argument as object) };
}
