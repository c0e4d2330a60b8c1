/** What the scripts for bash and zsh share. */
import { inQuotes } from '../../domain/paste';
import type { Spot, Value } from './tree';

/** Seconds to wait for `inbox`; a completion that hangs is worse than none. */
export const WITHIN = 3;

/** What `inbox --json` says, and the ids in it that need no unescaping; a title cannot hold the unescaped key. */
export const IDS = String.raw`grep -o '"workflowId":"[^"\\]*"' <<<"$json" | cut -d '"' -f 4`;

/** The arms that follow the words so far: commands lead to a spot, flags take what is behind them. */
export function arms(all: readonly Spot[]): string {
  const commands = all
    .filter(({ at }) => at !== '')
    .map(({ at }) => `      ${inQuotes(at.includes(' ') ? at : ` ${at}`)}) spot=${inQuotes(at)} ;;`);
  const flags = all.flatMap(({ at, flags }) =>
    flags.filter(({ value }) => value !== undefined).map(({ name }) => inQuotes(`${at} ${name}`)),
  );
  return [
    ...commands,
    `      ${flags.join(' | ')})`,
    '        flag=$word',
    '        continue',
    '        ;;',
    "      *' -'*) ;;",
    '      *) nth=$((nth + 1)) ;;',
  ].join('\n');
}

/** An arm for each value there is something to say about: of the flags, then of the arguments. */
export function values(all: readonly Spot[], told: (value: Value) => readonly string[]) {
  const arm = (key: string, value: Value | undefined) => {
    const lines = value === undefined ? [] : told(value);
    return lines.length === 0 ? [] : [`      ${inQuotes(key)}) ${lines.join('; ')} ;;`];
  };
  return {
    flags: all.flatMap(({ at, flags }) => flags.flatMap((one) => arm(`${at} ${one.name}`, one.value))),
    nth: all.flatMap(({ at, values: given }) =>
      given.flatMap((value, index) => arm(`${at} ${String(index)}`, value)),
    ),
  };
}
