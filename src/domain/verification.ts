/**
 * What does not hold in the whole record: chain by chain, and where they tell of each other. Where everything holds, nobody has
 * changed, added or taken away an entry without also having the key of the checkpoints.
 */
import { checkChain, place, type ChainVerdict, type Fault, type Row, type Unvouched } from './chain';
import type { Root } from './digest';
import { factIn } from './entry';
import { messageOf } from './message';
import type { Proofs } from './proofs';
import { openWitnesses, type Witness, type Witnesses } from './vouching';

/** What a parent's record says of where the chains of its levels and steps ended. */
export function* toldOfChildren(rows: readonly Row[]): Generator<readonly [Root, Witness]> {
  const byPlace = new Map(rows.map((row) => [place(row.seq, row.hash), row]));
  for (const row of rows) {
    if (!/^(?:level|step)-ended$/.test(row.meta.type)) continue;
    const { child, audit } = factIn(row, row);
    const { entries, head } = (audit ?? {}) as { readonly entries?: unknown; readonly head?: unknown };
    if (typeof child !== 'string' || !isCount(entries) || typeof head !== 'string') continue;
    const opened = openedBefore(row, child, byPlace);
    if (opened !== undefined)
      yield [
        opened,
        {
          seq: entries,
          hash: head,
          by: `entry ${String(row.seq)} of ${row.workflowId}`,
          last: true,
        },
      ];
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/** Of several runs of a child, the one that was opened last before. */
function openedBefore(from: Row, child: string, byPlace: ReadonlyMap<string, Row>): Root | undefined {
  const seen = new Set<Row>();
  for (
    let row = byPlace.get(place(from.seq - 1, from.prev));
    row !== undefined && !seen.has(row);
    row = byPlace.get(place(row.seq - 1, row.prev))
  ) {
    seen.add(row);
    if (!/^(?:level|step)-opened$/.test(row.meta.type)) continue;
    const opened = factIn(row, row)['child'] as Partial<Root> | null | undefined;
    if (opened?.workflowId === child && typeof opened.firstRunId === 'string')
      return { workflowId: child, firstRunId: opened.firstRunId };
  }
  return undefined;
}

export interface Verification {
  readonly chains: number;
  readonly entries: number;
  /** Entries beside the longest way, left by attempts that were cut off or by runs before a reset. */
  readonly branches: number;
  readonly faults: readonly Fault[];
  /** Empty where no checkpoints vouch for anything. */
  readonly unvouched: readonly Unvouched[];
  /** Chains that nobody could say the end of, though somebody was asked. */
  readonly uncompared: readonly Uncompared[];
  /** Texts that are erased: of these entries type, time and place alone are verified. */
  readonly erased: number;
}

export interface Uncompared extends Root {
  readonly message: string;
}

export interface Beside {
  /** What checkpoints tell; undefined: there are none. */
  readonly checkpoints?: Witnesses | undefined;
  /** What the checkpoints do not tell of was stored by nobody, rather than since the last one. */
  readonly settled?: boolean;
  /** What the workflow's result tells, asked chain by chain. What it rejects with is said of that chain, and the others are verified. */
  readonly ends?: (chain: Root) => Promise<Witness | undefined>;
  /** Chains that are not looked at are also not missed. */
  readonly among?: (chain: Root, rows: readonly Row[]) => boolean;
  /** Called with how many entries are behind, after each chain. */
  readonly progress?: (entries: number) => void;
  /** What its people have signed is checked as well, of chains that hold. */
  readonly proofs?: Proofs | undefined;
}

/** @param chains as the store reads them: each whole, parents before their children */
export async function verify(
  chains: AsyncIterable<readonly Row[]>,
  { checkpoints, settled = false, ends, among = () => true, progress, proofs }: Beside = {},
): Promise<Verification> {
  const parents = openWitnesses();
  const sum = { chains: 0, entries: 0, branches: 0, erased: 0 };
  const faults: Fault[] = [];
  const unvouched: Unvouched[] = [];
  const uncompared: Uncompared[] = [];
  const endOf = async (chain: Root) => {
    try {
      return await ends?.(chain);
    } catch (error) {
      uncompared.push({ ...chain, message: messageOf(error) });
      return undefined;
    }
  };
  for await (const rows of chains) {
    const [first] = rows;
    if (first === undefined) continue;
    const chain = { workflowId: first.workflowId, firstRunId: first.firstRunId };
    const witnesses = [...(checkpoints?.of(chain) ?? []), ...parents.of(chain)];
    if (!among(chain, rows)) continue;
    const end = await endOf(chain);
    const verdict = checkChain(chain, rows, end === undefined ? witnesses : [...witnesses, end]);
    // What a record that does not hold tells of others is no evidence against them.
    if (verdict.faults.length === 0) {
      for (const [child, witness] of toldOfChildren(rows)) parents.add(child, witness);
      proofs?.hear(rows);
    }
    faults.push(...verdict.faults);
    if (checkpoints !== undefined)
      if (settled) faults.push(...nobodys(verdict));
      else unvouched.push(...verdict.unvouched);
    sum.chains += 1;
    sum.entries += rows.length;
    sum.branches += verdict.branches;
    sum.erased += rows.filter(({ text }) => text === undefined).length;
    progress?.(sum.entries);
  }
  // Chains that are missing from the first entry on: of each the checkpoints know more than its parent does.
  for (const [chain] of checkpoints?.left() ?? []) parents.of(chain);
  for (const left of [checkpoints, parents])
    for (const [chain, witnesses] of left?.left() ?? [])
      if (among(chain, [])) faults.push(...checkChain(chain, [], witnesses).faults);
  return { ...sum, faults: [...faults, ...(proofs?.faults() ?? [])], unvouched, uncompared };
}

/** Where something else is wrong, nobody can vouch for what came before it either. */
function nobodys({ faults, unvouched }: ChainVerdict): Fault[] {
  if (faults.length > 0) return [];
  return unvouched.map(({ workflowId, firstRunId, seq, entries }) => ({
    workflowId,
    firstRunId,
    code: 'UNVOUCHED',
    seq,
    message:
      `entry ${String(seq)}${entries > 1 ? ` and ${String(entries - 1)} that follow it are` : ' is'} vouched for by no ` +
      'checkpoint: no worker has stored it',
  }));
}
