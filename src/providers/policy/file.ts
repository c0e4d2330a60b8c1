/** The file of COUNTERSIGN_POLICY: read once as the worker starts, its expressions compiled, refused while anything in it is wrong. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { configurationText } from '../../domain/configuration';
import type { Limits } from '../../domain/gate/open-limits';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy';
import { readPlacedYaml } from '../yaml-file';
import { compile, ExpressionError, type Variables } from './expression';
import { partly, type Known, type Partly } from './partly';
import { PolicyShape, type Expectation } from './shape';

/** A policy, and what it is called: the name of one of the file, else where it stands. */
export interface Chosen {
  readonly called: string;
  readonly policy: Policy;
}

export interface Condition {
  readonly name: string;
  /** `policy.yaml:12:5`, where its expression begins. */
  readonly place: string;
  /** @throws ConditionError where it cannot be said */
  readonly holds: (variables: Variables) => boolean;
  /** What it comes to where only some variables are known. */
  readonly under: (known: Known) => Partly;
  /** As it was written. */
  readonly ast: ASTNode;
}

export interface DenyRule extends Condition {
  readonly because: string;
}

export interface Rule extends Condition, Chosen {}

export interface PolicyFile {
  /** As it was named. */
  readonly named: string;
  /** What was read, as the record has it. */
  readonly text: string;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly deny: readonly DenyRule[];
  readonly rules: readonly Rule[];
  /** Where no rule matches. */
  readonly otherwise: Chosen;
  readonly limits?: Limits | undefined;
  readonly expect: readonly Expectation[];
}

/** `message` begins with the place. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

const BYTES = 256 * 1024;

const EXAMPLE = `policies:
  two:
    confirmation: VERIFY
    levels: [{ name: HUMAN, approvers: { people: [ana, bo] }, quorum: 2, respondWithin: 4 hours }]
rules:
  - name: large refunds
    when: action == "refund" && args.amount > 500
    policy: two`;

/**
 * @param named as `variable` gives it, absolute or relative to `cwd`; undefined: there is no file
 * @param variable what names it, for problems
 * @throws Error that lists everything that is wrong, with line and column
 */
export async function loadPolicies(
  named: string | undefined,
  cwd: string,
  variable = 'COUNTERSIGN_POLICY',
): Promise<PolicyFile | undefined> {
  if (named === undefined) return undefined;
  const { value, place } = await readPlacedYaml(named, cwd, {
    variable,
    what: 'the policy file',
    without: 'let whoever asks say who decides',
    example: EXAMPLE,
    schema: PolicyShape,
    bytes: BYTES,
  });
  const policies = new Map(Object.entries(value.policies));
  const chosen = (choice: Policy | string, where: string): Chosen => {
    if (typeof choice !== 'string') return { called: where, policy: choice };
    const policy = policies.get(choice);
    if (policy === undefined) throw new Error(`there is no policy "${choice}"`);
    return { called: choice, policy };
  };
  const condition = (list: 'deny' | 'rules', nth: number, name: string, when: string): Condition => {
    const at = (inside: number) => place([list, nth, 'when'], inside);
    const { holds, ast } = compile(when);
    return {
      name,
      place: at(0),
      holds: (variables) => placed(at, () => holds(variables)),
      under: (known) => partly(ast, known),
      ast,
    };
  };
  return {
    named,
    text: configurationText(value),
    policies,
    deny: value.deny.map(({ name, when, because }, nth) => ({
      ...condition('deny', nth, name, when),
      because,
    })),
    rules: value.rules.map(({ name, when, policy }, nth) => ({
      ...condition('rules', nth, name, when),
      ...chosen(policy, `rules[${String(nth)}].policy`),
    })),
    otherwise:
      value.default === undefined
        ? { called: "Countersign's default", policy: DEFAULT_POLICY }
        : chosen(value.default, 'default'),
    limits: value.limits,
    expect: value.expect,
  };
}

function placed(at: (inside: number) => string, holds: () => boolean): boolean {
  try {
    return holds();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ConditionError(`${at(error.at)}: ${error.message}`, { cause: error });
  }
}
