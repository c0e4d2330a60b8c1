/** The SDK's runtime of this process: who hears its warnings, and where its metrics and ours are served. */
import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import { messageOf } from '../domain/message';
import type { TelemetryConfig } from '../config';
import { openLogs, type Logs } from './logs';

/** Seconds, to a month: people think. */
const DECIDED = [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000];

/** The core would print to stdout, which is for machine output, and with the words of what failed. */
const LOGGING = { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } as const;

/**
 * A runtime that listens to the core's logs holds the process open until it is shut down, which it is by itself only once a worker has run
 * and ended.
 */
export interface Installed extends Logs {
  /** Where no worker has run. Once it is shut down this does nothing. */
  readonly end: () => Promise<void>;
  /** What comes before a worker runs: where it fails, there will be none. */
  readonly orEnd: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Once a process, before anything connects.
 * @param write to stderr
 * @throws Error naming COUNTERSIGN_METRICS, where its address cannot be opened
 */
export function installRuntime(telemetry: TelemetryConfig, write: (text: string) => void): Installed {
  const { metrics } = telemetry;
  const logs = openLogs(telemetry, write);
  const { logger } = logs;
  const options: RuntimeOptions = { logger, shutdownSignals: [], telemetryOptions: { logging: LOGGING } };
  if (metrics === undefined) {
    return installed(Runtime.install(options), logs);
  }
  const prometheus = {
    bindAddress: metrics.address,
    histogramBucketOverrides: { countersign_decided_seconds: DECIDED },
  };
  try {
    const telemetryOptions = { logging: LOGGING, metrics: { prometheus } };
    return installed(Runtime.install({ ...options, telemetryOptions }), logs);
  } catch (error) {
    throw new Error(`COUNTERSIGN_METRICS=${metrics.address} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function installed(runtime: Runtime, logs: Logs): Installed {
  const end = () => runtime.shutdown();
  return {
    ...logs,
    end,
    async orEnd(work) {
      try {
        return await work();
      } catch (error) {
        await end();
        throw error;
      }
    },
  };
}
