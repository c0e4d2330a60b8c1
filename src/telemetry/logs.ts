/**
 * What the process says on stderr: plain lines, or JSON of which every field is known to hold no content. Errors are there by their
 * classes and codes, since what they say may quote what somebody wrote; Temporal's history has their words.
 */
import { createRequire } from 'node:module';
import { DefaultLogger, type Logger } from '@temporalio/worker';
import type { TelemetryConfig } from '../config';
import { messageOf } from '../domain/message';
import type { Notice } from '../domain/gate/notice';
import { errorOf } from './errors';

export interface Logs {
  /** What the SDK and the workflows log. */
  readonly logger: Logger;
  /** A sentence of our own: an announcement, or what is wrong with a file of the operator's. */
  readonly say: (text: string) => void;
}

type Write = (text: string) => void;

export function openLogs({ log }: Pick<TelemetryConfig, 'log'>, write: Write = toStderr): Logs {
  return log === 'json' ? jsonLogs(write) : plainLogs(write);
}

/** What people are told at the console, without what they are asked. */
export function logNotice({ logger }: Logs): (notice: Notice) => void {
  return ({ kind, workflowId, action, risk, outcome }) => {
    logger.info(`notice: ${kind}`, { workflowId, action, risk, outcome });
  };
}

function toStderr(text: string): void {
  process.stderr.write(text);
}

/** Warnings and errors only. */
function plainLogs(write: Write): Logs {
  return {
    say: write,
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const said: unknown = meta?.['error'] ?? coreFailure(meta);
      const why = said === undefined ? '' : ` ${said instanceof Error ? String(said) : messageOf(said)}`;
      write(`${level} ${message}${why}\n`);
    }),
  };
}

/** What the core says of a workflow task that it fails, of a history that does not fit the code among them. */
function coreFailure(meta: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const failure = meta?.['failure'];
  return typeof failure === 'string' ? /message: "((?:[^"\\]|\\.)*)"/.exec(failure)?.[1] : undefined;
}

function jsonLogs(write: Write): Logs {
  const { pino } = createRequire(__filename)('pino') as typeof import('pino');
  const options = { base: null, timestamp: false, formatters: { level: (level: string) => ({ level }) } };
  const lines = pino(options, { write });
  return {
    say(text) {
      const time = new Date().toISOString();
      for (const line of text.split('\n')) if (line.trim() !== '') lines.info({ time }, line.trim());
    },
    logger: new DefaultLogger('INFO', ({ level, message, timestampNanos, meta = {} }) => {
      // When it happened: lines are brought into order for a tenth of a second before they come here.
      const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
      const error: unknown = meta['error'];
      const code = /^\[(TMPRL\d+)\]/.exec(coreFailure(meta) ?? '')?.[1];
      const fields = {
        time,
        ...knownIn({ ...meta, ...(code === undefined ? {} : { code }) }),
        ...(error === undefined ? {} : { error: errorOf(error) }),
      };
      lines[PINO[level]](fields, message);
    }),
  };
}

const PINO = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Ids, types, codes and numbers, of the SDK and of our own; everything else stays away. */
const KNOWN = [
  ...['namespace', 'taskQueue', 'workflowId', 'runId', 'workflowType', 'activityId', 'activityType'],
  ...['attempt', 'isLocal', 'durationMs', 'sdkComponent', 'state', 'outcome', 'code', 'confirmation'],
  ...['risk', 'from', 'to', 'action', 'via'],
];
const LONGEST = 1_000;

function knownIn(meta: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const known: Record<string, string | number | boolean> = {};
  const runId = meta['runId'] ?? meta['run_id']; // as the core spells it
  for (const [key, value] of Object.entries({ ...meta, runId }))
    if (!KNOWN.includes(key)) continue;
    else if (typeof value === 'string') known[key] = value.slice(0, LONGEST);
    else if (typeof value === 'number' || typeof value === 'boolean') known[key] = value;
  return known;
}
