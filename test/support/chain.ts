/** What holds in a chain, by the verifier and by the tests' own means: what they check is not trusted to check itself alone. */
import { GENESIS, type StoredEntry } from '../../src/domain/audit';
import { checkChain, type Fault } from '../../src/domain/chain';
import { canonical, sha256Hex, type Root } from '../../src/domain/digest';

/** What the verifier finds first in the entries of one run, forks and all, in whatever order they are; undefined where all of it holds. */
export function faultIn(
  root: Root,
  entries: readonly StoredEntry[],
  end?: { readonly entries: number; readonly head: string },
): Fault | undefined {
  const rows = entries.map((entry) => ({ ...root, ...entry })).sort((one, other) => one.seq - other.seq);
  const witness = end && {
    seq: end.entries,
    hash: end.head,
    by: "the workflow's result",
    last: true as const,
  };
  return checkChain(root, rows, witness === undefined ? [] : [witness]).faults[0];
}

/** The first thing that does not hold in a whole chain without forks, read from its first entry; undefined where all of it holds. */
export function broken(
  { workflowId, firstRunId }: Root,
  entries: readonly StoredEntry[],
  expected?: { readonly entries: number; readonly head: string },
): string | undefined {
  let head = GENESIS;
  for (const [index, entry] of entries.entries()) {
    const seq = index + 1;
    if (entry.seq !== seq)
      return `entry ${String(seq)} is missing: number ${String(entry.seq)} stands in its place`;
    if (entry.prev !== head) return `entry ${String(seq)} does not follow the entry before it`;
    const { meta, commit, text = '' } = entry;
    if (sha256Hex(text) !== commit) return `entry ${String(seq)} was changed: its text has another hash`;
    if (sha256Hex(canonical([workflowId, firstRunId, seq, head, meta, commit])) !== entry.hash)
      return `entry ${String(seq)} was changed: it has another hash`;
    const told = toldBy(text);
    const place = canonical({ workflowId, firstRunId, seq, ...meta });
    if (canonical(Object.fromEntries(PLACE.map((key) => [key, told[key] ?? null]))) !== place)
      return `entry ${String(seq)} tells another place in the chain than it has`;
    if (!/^[0-9a-f]{32}$/.test(String(told['salt']))) return `entry ${String(seq)} has no salt`;
    head = entry.hash;
  }
  if (expected !== undefined && expected.entries !== entries.length)
    return `the workflow has ${String(expected.entries)} entries, the store ${String(entries.length)}`;
  if (expected !== undefined && expected.head !== head)
    return "the last entry's hash is not the workflow's head";
  return undefined;
}

const PLACE = ['workflowId', 'firstRunId', 'seq', 'type', 'at'];

/** A forged text may be anything, also not JSON. */
function toldBy(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}
