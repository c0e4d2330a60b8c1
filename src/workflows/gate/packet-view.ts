/** The reviewer's packet of a gate at any moment of its workflow: before it opens, while it is there, and where none opened. */
import { wordsOf } from '../../domain/changes';
import type { Gate } from '../../domain/gate';
import { packetOf, type Packet } from '../../domain/packet';
import type { RuntimeState } from './runtime-state';

export function packetView(state: RuntimeState): () => Packet {
  const wordChanges = wordChangesOnce();
  return () => {
    const { gate, unstored, queued, context } = state;
    const standstill = unstored ?? queued;
    const waitingFor = standstill === undefined ? {} : { waitingFor: standstill };
    if (gate === undefined) return { ...withoutGate(state), ...waitingFor };
    // The agent was shown examples of what people did not take.
    const lessons = context.lessons === undefined ? {} : { lessons: context.lessons };
    return { ...packetOf(gate), ...wordChanges(gate), ...lessons, ...waitingFor };
  };
}

function withoutGate({ root, name, requester, plan, unopened, child }: RuntimeState): Packet {
  return {
    v: 1,
    workflowId: root.workflowId,
    gate: name,
    status: unopened !== undefined ? 'closed' : child === undefined ? 'proposing' : 'waiting',
    requester,
    revision: 0,
    signatures: [],
    verdicts: [],
    authentication: 'open',
    ...(plan === undefined ? {} : { plan }),
    ...unopened,
    ...child,
  };
}

/** Word by word what changed in its texts, found out once a revision: it follows from what is on record. */
function wordChangesOnce(): (gate: Gate) => Pick<Packet, 'words'> {
  let known: { readonly digest: string; readonly words: Pick<Packet, 'words'> } | undefined;
  return (gate) => {
    const { digest } = gate;
    if (known?.digest === digest) return known.words;
    const words = wordsOf(gate);
    known = { digest, words: words.length === 0 ? {} : { words } };
    return known.words;
  };
}
