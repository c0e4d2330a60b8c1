/** A line a notice on the worker's stderr: for trying it out, and for whoever already watches the logs. */
import type { Notice } from '../../domain/gate/notice';
import type { Channel } from './channel';
import { toldOf, type Told } from './told';

export interface ConsoleOptions {
  /** A URL with `{workflowId}` in it. */
  readonly link?: string | undefined;
  /** @default to stderr: stdout is for machine output */
  readonly write?: (line: string) => void;
  /** Where stderr is for structured logs: says it in their way, instead. */
  readonly log?: ((notice: Notice) => void) | undefined;
}

function toStderr(line: string): void {
  process.stderr.write(line);
}

/** Names to a line; how many more there are is said. */
const NAMES = 20;

export function createConsole(options: ConsoleOptions = {}): Channel {
  const { link, write = toStderr, log } = options;
  return {
    name: 'console',
    async tell(notice, signal) {
      signal.throwIfAborted();
      if (log !== undefined) log(notice);
      else write(`INFO gate.${notice.kind} ${pairs({ ...spoken(toldOf(notice, link)), id: notice.id })}\n`);
    },
  };
}

function spoken({ people, ...rest }: Told): Readonly<Record<string, string | number>> {
  const more = people.length > NAMES ? [`and ${people.length - NAMES} more`] : [];
  return { ...rest, people: [...people.slice(0, NAMES), ...more].join(', ') };
}

/** logfmt: what could be taken for another pair is quoted. */
function pairs(fields: Readonly<Record<string, string | number>>): string {
  return Object.entries(fields)
    .map(([key, value]) => {
      const text = String(value);
      return `${key}=${/^[\w.:*/%?&#{}+@-]+$/.test(text) ? text : JSON.stringify(text)}`;
    })
    .join(' ');
}
