/** A stand-in for a model that does sensible things: it reads the task, and fills in a schema's call, by rules. */
import type { Heard, Script } from './model-server';

/** What a model writes when it is asked for a proposal. */
export interface Written {
  readonly evidence?: readonly {
    readonly label: string;
    readonly value: string;
    readonly href?: string | null;
  }[];
  readonly rationale: string;
  readonly call: { readonly action: string; readonly args: object };
  readonly title: string;
  readonly sensitive: boolean;
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

export function sensible(propose: (task: string, heard: Heard) => Written = proposeRefund): Script {
  return {
    proposal: (heard) => ({ json: propose(String(heard.data['task']), heard) }),
    confidence: ({ data }) => {
      const { action, rationale } = data['proposal'] as { action: string; rationale: string };
      if (rationale.includes('guess')) return { json: { why: 'the sum is a guess', confidence: 0.4 } };
      return { json: { why: 'by rules', confidence: action === 'refund' ? 0.85 : 0.6 } };
    },
  };
}

/** The order is the first number after a # or a word such as "order"; the sum has a currency beside it. */
const ORDER = /(?:#|\b(?:order|oder|bestellung)\s*(?:no\.?|nr\.?)?\s*)(\d{3,6})\b/iu;
const AMOUNT = /[$€]\s*(\d+(?:[.,]\d{1,2})?)|(\d+(?:[.,]\d{1,2})?)\s*(?:€|\$|euros?\b|eur\b|usd\b)/iu;

/** Refunds what the task names; where it names no order, or there is no such action, it asks back. */
export function proposeRefund(task: string, heard: Heard): Written {
  const args = argsOf('refund', heard.schema);
  const order = ORDER.exec(task)?.[1];
  if (args === undefined || order === undefined || !/re?fu?n?u?d|money|mony|erstatt/iu.test(task))
    return {
      rationale: 'The task asks for no refund of an order that it names.',
      call: { action: 'answer', args: { output: 'Which order is it about, and what should be done?' } },
      title: 'Ask back',
      sensitive: false,
    };
  const [, before, after] = AMOUNT.exec(task) ?? [];
  const amount = Number((before ?? after ?? '20').replace(',', '.'));
  return {
    evidence: [{ label: 'The customer wrote', value: task, href: null }],
    rationale:
      before === undefined && after === undefined
        ? 'No sum is named: 20 is a guess.'
        : 'The customer says so.',
    call: { action: 'refund', args: filled(args, { order: Number(order), amount }) },
    title: `Refund order ${order}`,
    sensitive: true,
  };
}

/** The schema of an action's args, as the request offers it. */
export function argsOf(action: string, schema: unknown): Schema | undefined {
  const calls = (schema as Schema | undefined)?.properties?.['call']?.anyOf ?? [];
  return calls.find(({ properties }) => properties?.['action']?.enum?.includes(action))?.properties?.['args'];
}

/** Every property that the schema has: what is known, else null where that is allowed, else the least there is. */
function filled({ properties = {} }: Schema, known: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [
      key,
      key in known ? fit(known[key], schema) : least(schema),
    ]),
  );
}

function fit(value: unknown, { type }: Schema): unknown {
  return type === 'string' ? String(value) : value;
}

function least({ type, enum: values, anyOf }: Schema): unknown {
  if (anyOf !== undefined) return anyOf.some((one) => one.type === 'null') ? null : least(anyOf[0] ?? {});
  if (values !== undefined) return values[0];
  if (type === 'number' || type === 'integer') return 1;
  if (type === 'boolean') return false;
  return type === 'array' ? [] : 'asked for by the customer';
}
