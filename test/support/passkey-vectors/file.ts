/** The vectors as they ship: entries and texts stand there once, and each vector names them by their place. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Vector } from './vector';

export const FILE = path.resolve(__dirname, '..', '..', '..', 'schemas', 'vectors', 'passkey.json');

type Placed = Omit<Vector, 'entry' | 'text'> & { readonly entry: number; readonly text: number };
interface Shipped {
  readonly v: 1;
  readonly entries: readonly Vector['entry'][];
  readonly texts: readonly string[];
  readonly vectors: readonly Placed[];
}

export function shippedVectors(): Vector[] {
  const { entries, texts, vectors } = JSON.parse(readFileSync(FILE, 'utf8')) as Shipped;
  return vectors.map(({ entry, text, ...vector }) => ({
    ...vector,
    entry: entries[entry]!,
    text: texts[text]!,
  }));
}

/** One line a vector, so that a change shows which. */
export function fileText(vectors: readonly Vector[]): string {
  const entries = new Map<string, number>();
  const texts = new Map<string, number>();
  const place = (map: Map<string, number>, item: unknown) => {
    const text = JSON.stringify(item);
    const place = map.get(text) ?? map.size;
    map.set(text, place);
    return place;
  };
  const placed = vectors.map((vector) =>
    JSON.stringify({ ...vector, entry: place(entries, vector.entry), text: place(texts, vector.text) }),
  );
  const list = (lines: Iterable<string>) => `[\n    ${[...lines].join(',\n    ')}\n  ]`;
  return `{
  "v": 1,
  "entries": ${list(entries.keys())},
  "texts": ${list(texts.keys())},
  "vectors": ${list(placed)}
}
`;
}
