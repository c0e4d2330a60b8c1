/** Entries as somebody forges them who may write to the store: another text, with everything around it made to fit. */
import { canonical, sha256Hex, type Root } from '../../src/domain/digest';
import { entryHash, parsed, type StoredEntry } from '../../src/domain/entry';

/** Of every chain that a test makes: the salts are the same ones each time. */
export const SEED = '5eed'.repeat(8);

/** What it holds hashed anew, in place of the hash that it had. */
export function rehashed<Entry extends StoredEntry>(root: Root, entry: Entry): Entry {
  return { ...entry, hash: entryHash(root, entry) };
}

/** Another text, with its own commit, its type and time beside it, and the hash over them. */
export function retold<Entry extends StoredEntry>(root: Root, entry: Entry, text: string): Entry {
  const { type = entry.meta.type, at = entry.meta.at } = parsed(text) as Partial<StoredEntry['meta']>;
  return rehashed(root, { ...entry, text, commit: sha256Hex(text), meta: { type, at } });
}

/** The same with some of what the text says said otherwise. */
export function rewritten<Row extends Root & StoredEntry>(row: Row, change: object): Row {
  return retold(row, row, canonical({ ...parsed(row.text), ...change }));
}
