/** Where Temporal says that chains end, asked for ahead of their turn, so that the record is not read at the pace of the server. */
import type { ChainEnd } from '../../client';
import { GRPC, grpcOf } from '../../client/errors';
import type { Root } from '../../domain/digest';
import type { Witness } from '../../domain/vouching';
import type { AuditRecord, Gates } from '../ports';

/** Chains whose ends are asked for at once. */
const AHEAD = 25;

export interface Ends {
  /** The same chains, each with its end under way. */
  readonly chains: AsyncIterable<AuditRecord[]>;
  /** What Temporal says of a chain; undefined where it says nothing, or was not asked. @throws Error where it does not answer */
  of(chain: Root): Promise<Witness | undefined>;
  /** How many ended how, so far. */
  readonly counts: Readonly<Record<ChainEnd['status'], number>>;
}

/** @param among whether a chain is to be asked for */
export function endsAhead(
  gates: Pick<Gates, 'chainEnd'>,
  chains: AsyncIterable<AuditRecord[]>,
  among: (chain: Root, rows: readonly AuditRecord[]) => boolean,
): Ends {
  const counts = { told: 0, open: 0, silent: 0, gone: 0 };
  const ends = new Map<string, Promise<ChainEnd>>();
  const ask = unlessAway(gates);
  const keyOf = ({ workflowId, firstRunId }: Root) => JSON.stringify([workflowId, firstRunId]);
  return {
    counts,
    chains: ahead(chains, AHEAD, (rows) => {
      const [chain] = rows;
      if (chain === undefined || !among(chain, rows)) return;
      const end = ask(chain);
      end.catch(() => undefined); // awaited when it is its turn
      ends.set(keyOf(chain), end);
    }),
    async of(chain) {
      const end = await ends.get(keyOf(chain));
      ends.delete(keyOf(chain));
      if (end === undefined) return undefined;
      counts[end.status] += 1;
      return witness(end);
    },
  };
}

/** Of a server that has gone away no more is asked, so that what is left is not waited for chain after chain. */
function unlessAway(gates: Pick<Gates, 'chainEnd'>): (chain: Root) => Promise<ChainEnd> {
  let failures = 0;
  return async ({ workflowId, firstRunId }) => {
    if (failures >= AHEAD) throw new Error('Temporal does not answer any more');
    try {
      const end = await gates.chainEnd(workflowId, firstRunId);
      failures = 0;
      return end;
    } catch (error) {
      const { code, message } = grpcOf(error);
      failures = code === GRPC.unavailable || code === GRPC.deadlineExceeded ? failures + 1 : 0;
      throw message === '' ? error : new Error(message);
    }
  };
}

function witness(end: ChainEnd): Witness | undefined {
  return end.status === 'told'
    ? { seq: end.entries, hash: end.head, by: "the workflow's own result", last: true }
    : undefined;
}

/** Begins what is to be known of the next ones before it is their turn. */
async function* ahead<T>(items: AsyncIterable<T>, most: number, begin: (item: T) => void): AsyncGenerator<T> {
  const waiting: T[] = [];
  for await (const item of items) {
    begin(item);
    waiting.push(item);
    if (waiting.length >= most) yield waiting.shift() as T;
  }
  yield* waiting;
}
