/**
 * The heads of all chains under one hash, which changes with each of them: a binary tree by the bits of the chains' keys. A
 * new head costs the hashes on its way up, not those of all chains. docs/design/0005 says how another language computes it.
 */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils';
import { canonical } from './digest';

/**
 * The entry of a chain that was stored last; `after` is the number of the entry that what was stored with it follows, 0 where
 * there is none, or where it is not known.
 */
export type Said = readonly [
  workflowId: string,
  firstRunId: string,
  seq: number,
  hash: string,
  after: number,
];

export interface Heads {
  /** The last one that is said of a chain is its head. */
  say(head: Said): void;
  chains(): number;
  /** The sum of the heads' numbers. */
  entries(): number;
  /** 64 hex characters. */
  root(): string;
}

interface Leaf {
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
}
interface Fork {
  readonly sides: [Node | undefined, Node | undefined];
  /** Absent while something below has changed. */
  hash?: Uint8Array | undefined;
}
type Node = Leaf | Fork;

const LEAF = Uint8Array.of(0);
const FORK = Uint8Array.of(1);
const NOBODY = new Uint8Array(32);

export function openHeads(): Heads {
  const heads = new Map<string, number>();
  let entries = 0;
  let top: Node | undefined;
  return {
    say([workflowId, firstRunId, seq, hash]) {
      const chain = canonical([workflowId, firstRunId]);
      entries += seq - (heads.get(chain) ?? 0);
      heads.set(chain, seq);
      top = put(top, {
        key: sha256(utf8ToBytes(chain)),
        hash: sha256(concatBytes(LEAF, utf8ToBytes(canonical([workflowId, firstRunId, seq, hash])))),
      });
    },
    chains: () => heads.size,
    entries: () => entries,
    root: () => bytesToHex(hashOf(top)),
  };
}

function put(node: Node | undefined, leaf: Leaf, depth = 0): Node {
  if (node === undefined) return leaf;
  if ('key' in node) {
    if (node.key.every((byte, index) => byte === leaf.key[index])) return leaf;
    const fork: Fork = { sides: [undefined, undefined] };
    fork.sides[bit(node.key, depth)] = node;
    return put(fork, leaf, depth);
  }
  const side = bit(leaf.key, depth);
  node.sides[side] = put(node.sides[side], leaf, depth + 1);
  node.hash = undefined;
  return node;
}

/** From the left: the highest of the first byte is bit 0. */
function bit(key: Uint8Array, depth: number): 0 | 1 {
  return ((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1 ? 1 : 0;
}

function hashOf(node: Node | undefined): Uint8Array {
  if (node === undefined) return NOBODY;
  if ('key' in node) return node.hash;
  node.hash ??= sha256(concatBytes(FORK, hashOf(node.sides[0]), hashOf(node.sides[1])));
  return node.hash;
}
