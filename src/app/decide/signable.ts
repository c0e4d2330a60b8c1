/** What a person binds a signature to: recomputed from what they have read, whoever has shown it to them. The key is not here. */
import type { Decision, Packet } from '../../client';
import { signable, type Signer } from '../../domain/signable';
import type { Where } from '../../domain/gate/where';
import { AppError, type AppErrorCode } from '../errors';

/** Where the signature counts, and the decision with the hash of all that was shown. */
export interface ToSign {
  readonly where: Where;
  readonly decision: Decision;
}

/**
 * @throws AppError GATE_CLOSED, STALE_REVISION, and, where the gate shows something else than its hashes stand for, or is another than
 * the one that was asked for: DIGEST_MISMATCH, SHOWN_OTHERWISE, ROOT_OTHERWISE, DEPLOYMENT_OTHERWISE
 */
export function toSign(packet: Packet, decision: Decision, signer: Signer = {}): ToSign {
  const found = signable(packet, decision, signer);
  if (found.ok) return { where: found.where, decision: found.decision };
  throw new AppError(found.code as AppErrorCode, `${found.message}; nothing was signed`);
}
