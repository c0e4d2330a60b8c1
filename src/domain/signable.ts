/**
 * What a signer binds a signature to, made anew from what was read, whoever answered for the gate: the digest of what runs, what takes it
 * back included, and the hash of all that is said around it. What cannot be stood for is not signed.
 */
import type { Decision } from './gate/decision';
import { digestOfPacket, shownOfPacket, type Packet } from './packet';
import { refusal } from './gate/refusals';
import type { Where } from './gate/where';

/** Where the signature counts, and the decision with the hash of what was shown; while nobody is asked there is none. */
export type Signable =
  | { readonly ok: true; readonly where: Where; readonly decision: Decision }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What the signer says of it, and no gate. */
export interface Signer {
  /** The workflow that was asked for the packet. @default the one that it says it is of */
  readonly asked?: string | undefined;
  /** The deployment that is signed for, and no other. */
  readonly signsFor?: string | undefined;
}

export function signable(packet: Packet, decision: Decision, { asked, signsFor }: Signer = {}): Signable {
  const { workflowId, root, gate, level, digest, revision, deployment, status } = packet;
  const anew = digestOfPacket(packet);
  const not = (code: string, message: string): Signable => ({ ok: false, code, message });
  const otherwise = (code: string, than: string) =>
    not(code, `the gate of ${workflowId} shows something else than ${than} stands for`);
  if (root === undefined || level === undefined || digest === undefined || anew === undefined)
    return not('GATE_CLOSED', `nothing is open to sign: ${status}`);
  // Whoever asks one workflow signs nothing of another, whatever is shown: a signature counts where the root is.
  const its = asked === undefined || asked === workflowId;
  if (!its || !(workflowId === root.workflowId || workflowId.startsWith(`${root.workflowId}/`)))
    return not(
      'ROOT_OTHERWISE',
      `${asked ?? workflowId} shows the gate of another workflow, ${its ? root.workflowId : workflowId}; ` +
        'read that one, and decide there',
    );
  if (deployment === undefined)
    return not('DEPLOYMENT_OTHERWISE', `the gate of ${workflowId} does not say of which deployment it is`);
  if (decision.digest !== digest) {
    const { code, message } = refusal('STALE_REVISION', { seen: undefined, current: revision, digest });
    return not(code, message);
  }
  if (anew !== digest) return otherwise('DIGEST_MISMATCH', 'its digest');
  if (signsFor !== undefined && signsFor !== deployment)
    return not(
      'DEPLOYMENT_OTHERWISE',
      `the gate of ${workflowId} is of the deployment ${deployment}, and you sign for ${signsFor}`,
    );
  const where = { deployment, root, gate, level };
  // What is closed, or at its execution, shows nothing to be named.
  if (status !== 'open' && packet.shown === undefined && decision.shown === undefined)
    return { ok: true, where, decision };
  const shown = shownOfPacket(packet);
  if (shown === undefined || shown !== packet.shown) return otherwise('SHOWN_OTHERWISE', 'its hash');
  if (decision.shown !== undefined && decision.shown !== shown) {
    const { code, message } = refusal('SHOWN_OTHERWISE', { missing: false });
    return not(code, message);
  }
  return { ok: true, where, decision: { ...decision, shown } };
}
