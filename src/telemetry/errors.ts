/** An error as far as it may be told: what it says may quote what somebody wrote. */

export interface ErrorTold {
  /** Classes, from the outermost to the innermost. */
  readonly name: string;
  /** The innermost that there is. */
  readonly code?: string;
}

export function errorOf(error: unknown): ErrorTold {
  const chain: Partial<Record<'name' | 'type' | 'code' | 'message' | 'cause', unknown>>[] = [];
  for (let one = error; typeof one === 'object' && one !== null && chain.length < 10;) {
    const link = one as (typeof chain)[number];
    chain.push(link);
    one = link.cause;
  }
  const names = [...new Set(chain.map(({ name }) => wordOf(name) ?? 'Error'))].join(' < ');
  const code = chain
    .map(({ type, code: own, message }) => wordOf(type) ?? wordOf(own) ?? ownCode(message))
    .filter((one) => one !== undefined)
    .at(-1);
  return { name: names || typeof error, ...(code === undefined ? {} : { code }) };
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^[\w.$-]{1,100}$/.test(value) ? value : undefined;
}

/** What a failed workflow's error is left with on its way here is the sentence, which begins with our code. */
function ownCode(message: unknown): string | undefined {
  return typeof message === 'string'
    ? /^(INVALID_INPUT|GATE_NAME_TAKEN|GATE_OPEN)\b/.exec(message)?.[1]
    : undefined;
}
