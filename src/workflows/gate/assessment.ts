/** What the worker's registry and rules say of a proposal: whether it may be asked about, under which policy, and by whom. */
import type { Assessed } from '../../activities/types';
import type { Asked } from '../../domain/gate';
import { assess } from '../runtime/activities';
import type { GateContext } from './context';
import type { GateRuntime } from './gate-runtime';
import type { Asking, Unasked } from './question';

/** @param opens the gate that is to be opened, where it is not open already */
export function assessProposal(
  { start, otherwise, root }: Asking,
  proposal: Asked['proposal'],
  by: string,
  opens?: Pick<Asked, 'root' | 'gate'>,
): Promise<Assessed> {
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

/** What cannot run, or is denied, opens no gate. */
export function notAskable({ code, message }: Extract<Assessed, { ok: false }>): Unasked {
  return { failed: 'failed', reason: `${code}: ${message}` };
}

/** Keeps what the worker says of itself, and returns what it says of the gate that is to be opened. */
export function learnFrom(runtime: GateRuntime, found: Extract<Assessed, { ok: true }>) {
  const { assessment, policy, reviewers, deployment, requesterProof, channels, ruled, limits } = found;
  const learnt: GateContext = {
    ...runtime.context(),
    ...(channels === true ? { channels } : {}),
    ...(ruled === true ? { ruled } : {}),
    ...(limits === undefined ? {} : { limits }),
  };
  runtime.learn(learnt);
  return {
    deployment,
    requesterProof,
    assessment,
    policy,
    ...(reviewers === undefined ? {} : { reviewers }),
  };
}
