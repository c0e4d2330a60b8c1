/**
 * A condition, evaluated while only some of what it looks at is known: true or false whatever the rest may be, or by what it is not
 * decided. So it can be said of a rule, without any proposal, whether somebody's mere word decides it.
 */
import type { ASTNode } from '@marcbachmann/cel-js';

export type Partly =
  | { readonly decided: true; readonly value: unknown }
  /** The variables that it hangs on. */
  | { readonly decided: false; readonly by: ReadonlySet<string> };

export type Known = ReadonlyMap<string, unknown>;

const decided = (value: unknown): Partly => ({
  decided: true,
  value: typeof value === 'bigint' ? Number(value) : value,
});
const undecided = (...open: readonly Partly[]): Partly => ({
  decided: false,
  by: new Set(open.flatMap((one) => (one.decided ? [] : [...one.by]))),
});

/** Never throws. What it cannot take apart hangs on every variable in it. */
export function partly(node: ASTNode, known: Known): Partly {
  switch (node.op) {
    case 'value':
      return decided(node.args);
    case 'id':
      return known.has(node.args)
        ? decided(known.get(node.args))
        : { decided: false, by: new Set([node.args]) };
    case '!_': {
      const inner = partly(node.args, known);
      return inner.decided ? decided(inner.value !== true) : inner;
    }
    case '&&':
      return joined(node.args, known, false);
    case '||':
      return joined(node.args, known, true);
    case '?:':
      return chosen(node.args, known);
    case '==':
    case '!=':
      return compared(node.args, known, (one, other) => (one === other) === (node.op === '=='));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compared(node.args, known, (one, other) => ordered(node.op, one, other));
    case 'in':
      return listed(node.args, known) ?? opaque(node);
    default:
      return opaque(node);
  }
}

/** `&&` is decided by one false, `||` by one true. */
function joined([left, right]: readonly [ASTNode, ASTNode], known: Known, by: boolean): Partly {
  const sides = [partly(left, known), partly(right, known)];
  if (sides.some((side) => side.decided && side.value === by)) return decided(by);
  return sides.every((side) => side.decided) ? decided(!by) : undecided(...sides);
}

function chosen([when, yes, no]: readonly [ASTNode, ASTNode, ASTNode], known: Known): Partly {
  const condition = partly(when, known);
  if (condition.decided) return partly(condition.value === true ? yes : no, known);
  const branches = [partly(yes, known), partly(no, known)] as const;
  const [one, other] = branches;
  if (one.decided && other.decided && one.value === other.value) return one;
  return undecided(condition, ...branches);
}

function compared(
  [left, right]: readonly [ASTNode, ASTNode],
  known: Known,
  holds: (one: unknown, other: unknown) => boolean,
): Partly {
  const [one, other] = [partly(left, known), partly(right, known)];
  return one.decided && other.decided ? decided(holds(one.value, other.value)) : undecided(one, other);
}

function ordered(operator: string, one: unknown, other: unknown): boolean {
  if (typeof one !== typeof other || !['number', 'string'].includes(typeof one)) return false;
  const [left, right] = [one as number, other as number];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

/** In a list that is written out; undefined of any other. */
function listed([item, list]: readonly [ASTNode, ASTNode], known: Known): Partly | undefined {
  if (list.op !== 'list') return undefined;
  const one = partly(item, known);
  const all = list.args.map((entry) => partly(entry, known));
  if (!one.decided) return undecided(one, ...all);
  if (all.some((entry) => entry.decided && entry.value === one.value)) return decided(true);
  return all.every((entry) => entry.decided) ? decided(false) : undecided(...all);
}

function opaque(node: ASTNode): Partly {
  return { decided: false, by: new Set(namesIn(node)) };
}

/** Every variable in it, those of its loops among them. */
export function namesIn(node: ASTNode): string[] {
  return nodesIn(node).flatMap((one) => (one.op === 'id' ? [one.args] : []));
}

/** The node, and all that is in it. */
export function nodesIn(value: unknown): ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null || !('op' in value)) return [];
  const node = value as ASTNode;
  return [node, ...nodesIn(node.args)];
}
