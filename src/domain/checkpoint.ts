/**
 * Checkpoints: what the store held at a time, told outside of it, line after line, each signed and holding the hash of the one
 * before. A store that was rolled back, or whose tail was cut, still holds as a chain; beside its checkpoints it does not.
 */
import { z } from 'zod';
import { GENESIS } from './audit';
import { defined } from './defined';
import { problems } from './gate/decision';
import { canonical, sha256Hex } from './digest';
import { openHeads, type Heads, type Said } from './heads';

/**
 * `start`: a worker begins, and may have stored what no line tells yet. `found`: what it found in the store as it began.
 * `stored`: what it has stored itself. `loaded`: a file that it goes by from here on. `stop`: it ends, and everything that it has stored is told.
 */
export const KINDS = ['start', 'found', 'stored', 'loaded', 'stop'] as const;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);

export const Checkpoint = z.strictObject({
  v: z.literal(1),
  /** 1, 2, 3, … in its file. */
  seq: z.int().min(1),
  at: z.iso.datetime(),
  kind: z.enum(KINDS),
  /** Heads that are new since the line before, in the order that they were said: `Said`. */
  changed: z.array(z.tuple([z.string(), z.string(), z.int().min(1), z.string(), z.int().min(0)])),
  /** Of a line `loaded`: which file it is, and the SHA-256 of its text, which stands in the store's `configurations`. */
  loaded: z.tuple([z.string(), Hash]).optional(),
  /** Over all lines so far: how many chains, the sum of their heads' numbers, and the hash over the heads. */
  chains: Count,
  entries: Count,
  root: Hash,
  /** SHA-256 of the text of the line before; 64 zeros before the first. */
  prev: Hash,
  /** Of the key, the first 16 hex characters of the SHA-256 of its 32 bytes. */
  key: z.string().regex(/^[0-9a-f]{16}$/),
  /** Ed25519 over the canonical JSON of the line without it; base64. */
  signature: z.string(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;
export type CheckpointKind = Checkpoint['kind'];

/** What is signed. */
export function checkpointText(line: Omit<Checkpoint, 'signature'>): string {
  return canonical(line);
}

/** Says of a key's id whether it signed the text; undefined where it has no such key. */
export type SignatureCheck = (key: string, text: string, signature: string) => boolean | undefined;

/** A file of checkpoints, as far as it was read or written. */
export interface CheckpointFile {
  /** Takes the next line; what does not hold of it, and then it is not taken. */
  read(text: string): string | undefined;
  /** The next line's text; it is taken. */
  next(line: NextLine): string;
  readonly heads: Heads;
  lines(): number;
  /** The kind of the last line. */
  last(): CheckpointKind | undefined;
}

/** A file that a worker goes by: `directory`, `rules` or `registry`, and the hash of its text. */
export type Loaded = readonly [kind: string, hash: string];

export interface NextLine {
  readonly kind: CheckpointKind;
  readonly changed: readonly Said[];
  readonly loaded?: Loaded | undefined;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The key's id. */
  readonly key: string;
  readonly sign: (text: string) => string;
}

/** A line, without what it says of all chains. */
export type Told = Pick<Checkpoint, 'seq' | 'at' | 'kind'> & {
  readonly changed: readonly Said[];
  readonly loaded?: Loaded | undefined;
};

/** @param heard is told of each line that is taken */
export function openCheckpointFile(
  check: SignatureCheck,
  heard: (line: Told) => void = () => undefined,
): CheckpointFile {
  const heads = openHeads();
  let lines = 0;
  let last: CheckpointKind | undefined;
  let prev = GENESIS;
  const take = (text: string, { seq, at, kind, changed, loaded }: Told) => {
    lines = seq;
    last = kind;
    prev = sha256Hex(text);
    heard(defined({ seq, at, kind, changed, loaded }));
  };
  const totals = () => ({ chains: heads.chains(), entries: heads.entries(), root: heads.root() });
  return {
    heads,
    lines: () => lines,
    last: () => last,
    read(text) {
      const parsed = z.safeParse(Checkpoint, json(text));
      if (!parsed.success) return `is no checkpoint: ${problems(parsed.error)}`;
      const { signature, ...signed } = parsed.data;
      if (signed.seq !== lines + 1)
        return `has the number ${String(signed.seq)}, where ${String(lines + 1)} belongs`;
      if (signed.prev !== prev) return 'does not follow the line before it';
      const held = check(signed.key, checkpointText(signed), signature);
      if (held === undefined) return `is signed with the key ${signed.key}, whose public key is not there`;
      if (!held) return `is not what the key ${signed.key} signed`;
      if ((signed.kind === 'loaded') !== (signed.loaded !== undefined))
        return 'is of a kind that does not go with what it tells';
      for (const said of signed.changed) heads.say(said);
      const { chains, entries, root } = signed;
      if (canonical({ chains, entries, root }) !== canonical(totals()))
        return 'tells other totals than the lines up to it make';
      take(text, signed);
      return undefined;
    },
    next({ kind, changed, loaded, at, key, sign }) {
      for (const said of changed) heads.say(said);
      const told = {
        ...{ seq: lines + 1, at, kind, changed: changed.map(([...said]) => said) },
        ...defined({ loaded: loaded && ([...loaded] as [string, string]) }),
      };
      const line = { v: 1 as const, ...told, ...totals(), prev, key };
      const text = canonical({ ...line, signature: sign(checkpointText(line)) });
      take(text, told);
      return text;
    },
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
