/** What somebody has a genuine run of ours go on with, who polls our own queue: a gate of his own making, and the record so far. */
import { append, openChain, type Chain, type Fact } from '../../src/domain/audit';
import type { Decision } from '../../src/domain/gate/decision';
import type { Root } from '../../src/domain/digest';
import { openGate, type Asked, type OpenGate } from '../../src/domain/gate';
import type { Policy } from '../../src/domain/policy';
import { SEED } from './forged';
import { DIRECTORY, type Place } from './reviewers';

/** A gate that is open, in which ana is said to have approved. */
export interface Forgery {
  readonly gate?: Partial<Asked>;
  /** Over the gate as it then is. */
  readonly state?: (gate: OpenGate) => Partial<OpenGate>;
  readonly ana: (packet: Place & { digest: string; root: Root }) => Decision;
  /** As it was recorded so far. */
  readonly record?: (chain: Chain) => Chain;
}

export function carriedBy(
  root: Root,
  { proposal, policy }: { readonly proposal: Asked['proposal']; readonly policy: Policy },
  { gate: more = {}, state, ana, record = (chain) => chain }: Forgery,
) {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const opened = openGate(
    {
      ...{ deployment: 'default', root, gate: 'main', requester: 'rita', requesterProof: 'claimed' as const },
      ...{ proposal, policy, by: 'rita', reviewers: DIRECTORY },
      assessment: {
        args: proposal.args,
        risk: 'low',
        runs: proposal.action === 'ship' ? { in: 'worker', timeout: '1 minute' } : { in: 'nowhere' },
      },
      ...more,
    },
    now,
  ) as OpenGate;
  const gate = { ...opened, ...state?.(opened) };
  const { shown, digest, deployment } = gate;
  const decision = ana({ ...root, root, gate: gate.gate, level: 'HUMAN', shown, digest, deployment });
  const { id, reviewer } = decision;
  const place = { gate: gate.gate, revision: 1, level: 'HUMAN' };
  const fact: Fact = { type: 'decided', ...place, decision, via: 'signal', authentication: 'signed' };
  const chain = append(openChain(root, SEED), fact, at);
  return {
    gate: {
      ...gate,
      decisions: [{ ...decision, at, revision: 1, level: 'HUMAN' }],
      signatures: [{ reviewer, decision: id, at, revision: 1, authentication: 'signed' }],
    },
    ledger: { chain: record(chain), told: 0, counted: 0, lasts: {} },
    setting: {},
  };
}
