/** How many open gates a revocation hits: what a revoked key has signed there counts no more, and its person has to decide again. */
import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { Config } from '../config';
import { temporalClient } from '../connection';
import { known, type Directory } from '../domain/reviewers';
import { visibleId } from '../domain/visible';
import { loadDirectory } from '../providers/reviewers/file';
import { decideForOutcomeUpdate, decideSignal, decideUpdate } from '../workflows/messages';
import { checked, ok, warn, type Check } from './check';
import type { Server } from './server';

/** Gates whose histories are read. */
const MOST = 200;
/** Lines of one check. */
const SAID = 20;

const DECISIONS: readonly (string | undefined)[] = [
  decideSignal.name,
  decideUpdate.name,
  decideForOutcomeUpdate.name,
];
/** Not yet executed: what was approved waits for its effect, too. */
const OPEN = `CountersignState IN ('open', 'approved', 'executing') AND ExecutionStatus = 'Running'`;

export function checkRevoked(server: Server, config: Config): Promise<Check> {
  return checked('revoked', 'see above', async () => {
    const directory = await loadDirectory(config.reviewers, process.cwd());
    const revoked = revokedIn(directory);
    if (directory === undefined || revoked.size === 0) return ok('revoked', 'no key of a person is revoked');
    const client = temporalClient(server);
    const hit: string[] = [];
    let looked = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query: OPEN })) {
      if (looked === MOST) break;
      looked += 1;
      const by = (await signedIn(client, workflowId, runId)).flatMap(({ reviewer, key }) => {
        const name = keyOf(known(directory, reviewer), key);
        return revoked.has(name) ? [name] : [];
      });
      if (by.length > 0)
        hit.push(
          `${visibleId(workflowId)}: signed with ${[...new Set(by)].join(', ')}, which is to be signed again`,
        );
    }
    const keys = `${String(revoked.size)} revoked ${revoked.size === 1 ? 'key' : 'keys'}`;
    const gates = `${looked === MOST ? 'the first ' : ''}${String(looked)} open gates`;
    if (hit.length === 0) return ok('revoked', `${keys}; none of ${gates} has a decision by one`);
    const more = hit.length - SAID;
    return warn(
      'revoked',
      `${keys}; ${String(hit.length)} of ${gates} ${hit.length === 1 ? 'has' : 'have'} decisions that count no more`,
      ...hit.slice(0, SAID),
      ...(more > 0 ? [`and ${String(more)} more`] : []),
    );
  });
}

const keyOf = (person: string, id: string) => `${id} of ${person}`;

function revokedIn(directory: Directory | undefined): Set<string> {
  return new Set(
    (directory?.people ?? []).flatMap(({ name, keys = [] }) =>
      keys.flatMap(({ id, revoked }) => (revoked === undefined ? [] : [keyOf(name, id)])),
    ),
  );
}

interface SignedBy {
  readonly reviewer: string;
  readonly key: string;
}

/** By the signed decisions that its run was sent, however they came. */
async function signedIn(client: Client, workflowId: string, runId: string): Promise<SignedBy[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const sent = (events ?? []).flatMap((event) => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    if (DECISIONS.includes(signal?.signalName ?? undefined)) return [signal?.input?.payloads];
    return DECISIONS.includes(update?.name ?? undefined) ? [update?.args?.payloads] : [];
  });
  const { loadedDataConverter } = client.options;
  const decisions = await Promise.all(
    sent.map(async (payloads) => (await decodeArrayFromPayloads(loadedDataConverter, payloads))[0]),
  );
  return decisions.flatMap(signatureIn);
}

function signatureIn(decision: unknown): SignedBy[] {
  const { reviewer, signature } = (decision ?? {}) as { reviewer?: unknown; signature?: { key?: unknown } };
  const key = signature?.key;
  return typeof reviewer === 'string' && typeof key === 'string' ? [{ reviewer, key }] : [];
}
