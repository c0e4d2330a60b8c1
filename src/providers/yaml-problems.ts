/** What a schema says of a YAML document, as sentences, each with the place in the text that it is about. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Scalar } from 'yaml';
import { visibleLine } from '../domain/visible';

export interface Problem {
  /** Where in the text, in characters. */
  readonly offset: number;
  readonly sentence: string;
}

/** `issues` are zod's; a custom one may say which character of a text is wrong: `params: { inside: 7 }`. In the text's order. */
export function problemsOf(document: Document.Parsed, text: string, issues: readonly Issue[]): Problem[] {
  return flat(issues, [])
    .map((told) => ({
      offset: offsetOf(document, text, told),
      sentence: told.at.length === 0 ? told.message : `${pathText(told.at)}: ${told.message}`,
    }))
    .sort((one, other) => one.offset - other.offset);
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** What a problem is about. */
interface Spot {
  readonly at: readonly PropertyKey[];
  /** It is the key that is wrong, not what stands behind it. */
  readonly key?: true;
  /** The character of the text that stands there, from 0. */
  readonly inside?: number;
}
interface Told extends Spot {
  readonly message: string;
}

function flat(issues: readonly Issue[], root: readonly PropertyKey[]): Told[] {
  return issues.flatMap((issue): Told[] => {
    const at = [...root, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return (issue.keys ?? []).map((key) => ({ at: [...at, key], message: 'unknown key', key: true }));
    // Of a union's branches the one with the fewest complaints is most likely the one that was meant.
    const [closest] = [...(issue.errors ?? [])]
      .filter((branch) => branch.length > 0)
      .sort((a, b) => a.length - b.length);
    if (issue.code === 'invalid_union' && closest !== undefined) return flat(closest, at);
    const inside = issue.params?.['inside'];
    return [
      {
        at,
        message: visibleLine(issue.message.replace(/^Invalid input: /, '')),
        ...(issue.code === 'invalid_key' ? { key: true } : {}),
        ...(typeof inside === 'number' ? { inside } : {}),
      },
    ];
  });
}

function pathText(at: readonly PropertyKey[]): string {
  return at.reduce<string>((all, part) => {
    if (typeof part === 'number') return `${all}[${String(part)}]`;
    const key = String(part);
    if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${all}[${visibleLine(JSON.stringify(key))}]`;
    return all === '' ? key : `${all}.${key}`;
  }, '');
}

/** Where the value of a path begins, or its key; of what is not there, where it would belong. */
export function offsetOf(document: Document.Parsed, text: string, { at, key: ofKey, inside }: Spot): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [nth, part] of at.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const { key, value } = within(node, part);
    offset =
      (ofKey === true && nth === at.length - 1 ? startOf(key) : startOf(value)) ?? startOf(key) ?? offset;
    node = value;
  }
  return inside !== undefined && isScalar(node) ? (characterOf(text, node, inside) ?? offset) : offset;
}

/** Undefined where the text is not written as it reads: folded, or with escapes. */
function characterOf(text: string, { value, range, type }: Scalar, inside: number): number | undefined {
  if (typeof value !== 'string' || !range) return undefined;
  const written = text.slice(range[0], range[1]);
  const whole = written.indexOf(value);
  if (whole !== -1) return range[0] + whole + inside;
  if (type !== 'BLOCK_LITERAL') return undefined;
  // Below its `|` each line stands as it reads, behind the same indent.
  const before = value.slice(0, inside).split('\n');
  const lines = written.split('\n');
  const line = lines[before.length] ?? '';
  const start = lines.slice(0, before.length).reduce((sum, one) => sum + one.length + 1, range[0]);
  const indent = line.indexOf(value.split('\n')[before.length - 1] ?? '');
  return start + Math.max(indent, 0) + (before.at(-1)?.length ?? 0);
}

function within(node: unknown, part: PropertyKey): { readonly key?: unknown; readonly value?: unknown } {
  if (isSeq(node)) return { value: node.items[Number(part)] };
  if (!isMap(node)) return {};
  return node.items.find((item) => isScalar(item.key) && item.key.value === part) ?? {};
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
