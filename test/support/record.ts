/** An honest record, small and made the same way each time: chains of all kinds, forks, parents with levels of their own. */
import { append, openChain, type AuditEntry, type Chain, type Fact } from '../../src/domain/audit';
import type { Root } from '../../src/domain/digest';
import type { AuditRecord } from '../../src/store/audit-store';
import { rewritten, SEED } from './forged';

const START = Date.UTC(2026, 2, 2, 9);
const HASH = 'a'.repeat(64);

export const byPlace = (one: AuditRecord, other: AuditRecord): number =>
  Buffer.compare(Buffer.from(one.workflowId), Buffer.from(other.workflowId)) ||
  Buffer.compare(Buffer.from(one.firstRunId), Buffer.from(other.firstRunId)) ||
  one.seq - other.seq;

/** A number below `below`, the same ones each time. */
export type Random = (below: number) => number;

export function random(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function fact(nth: number, of: string): Fact {
  const decision = {
    v: 1 as const,
    id: `d${String(nth)}`,
    digest: HASH,
    verdict: 'comment' as const,
    reviewer: 'ana',
    comment: of,
  };
  return nth % 3 === 0
    ? { type: 'repeated', gate: 'main', id: `d${String(nth)}`, via: 'signal' }
    : {
        type: 'decided',
        gate: 'main',
        revision: 1,
        level: 'HUMAN',
        decision,
        via: 'signal',
        authentication: 'open',
      };
}

const at = (minutes: number) => new Date(START + minutes * 60_000).toISOString();

function grown(chain: Chain, count: number, minute: number): Chain {
  let next = chain;
  for (let nth = 0; nth < count; nth++)
    next = append(next, fact(next.seq, chain.root.workflowId), at(minute + nth));
  return next;
}

const rows = (root: Root, entries: readonly AuditEntry[]): AuditRecord[] =>
  entries.map((entry) => ({ ...root, ...entry }));
const fresh = (chain: Chain): Chain => ({ ...chain, pending: [] });

/**
 * Batches, as workflows store them: before the effect and at the end.
 * @param workflows how many; a third of them fork, a third have a level of their own, and each fifth is a second run
 */
export function honestRecord(workflows: number, seed = 1): AuditRecord[][] {
  const pick = random(seed);
  const queues: AuditRecord[][][] = [];
  for (let nth = 0; nth < workflows; nth++) {
    const minute = nth * 100;
    const root = {
      workflowId: `order-${String(nth - (nth % 5 === 4 ? 1 : 0))}`,
      firstRunId: `run-${String(nth)}`,
    };
    const first = grown(openChain(root, SEED), 1 + pick(4), minute);
    const batches = [rows(root, first.pending)];
    if (nth % 3 === 1) {
      const cutOff = grown(fresh(first), 1 + pick(3), minute + 20);
      batches.push(rows(root, cutOff.pending));
    }
    let on = fresh(first);
    if (nth % 3 === 2) {
      const child = { workflowId: `${root.workflowId}/MANAGER`, firstRunId: `child-${String(nth)}` };
      on = append(on, { type: 'level-opened', gate: 'main', level: 'MANAGER', child }, at(minute + 30));
      const level = grown(openChain(child, SEED), 2 + pick(3), minute + 40);
      batches.push(rows(child, level.pending));
      const audit = { entries: level.seq, head: level.head };
      const ended = { gate: 'main', level: 'MANAGER', outcome: 'approved', audit };
      on = append(on, { type: 'level-ended', child: child.workflowId, ...ended }, at(minute + 50));
    }
    on = grown(on, 1 + pick(3), minute + 60);
    batches.push(rows(root, on.pending));
    const last = append(fresh(on), { type: 'closed', outcome: 'executed' }, at(minute + 90));
    batches.push(rows(root, last.pending));
    queues.push(batches);
  }
  // Workflows go on side by side.
  const order: AuditRecord[][] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const open = queues.filter((queue) => queue.length > 0).slice(0, 4);
    order.push(open[pick(open.length)]?.shift() ?? []);
  }
  return order;
}

/** Each entry of a way numbered and chained anew behind `before`, so that the chain alone holds. */
export function rechained(way: readonly AuditRecord[], before: AuditRecord | undefined): AuditRecord[] {
  let prev = before?.hash ?? '0'.repeat(64);
  let seq = before?.seq ?? 0;
  return way.map((row) => {
    seq += 1;
    const made = rewritten({ ...row, seq, prev }, { seq });
    prev = made.hash;
    return made;
  });
}
