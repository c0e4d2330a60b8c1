/** The SDK's runtime of this process: who hears its warnings, and where its metrics and ours are served. */
import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import { messageOf } from '../domain/message';
import type { TelemetryConfig } from '../config';
import { openLogs, type Logs } from './logs';

/** Seconds, to a month: people think. */
const DECIDED = [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000];

/**
 * Once a process, before anything connects.
 * @param write to stderr
 * @throws Error naming COUNTERSIGN_METRICS, where its address cannot be opened
 */
export function installRuntime(telemetry: TelemetryConfig, write: (text: string) => void): Logs {
  const { metrics } = telemetry;
  const logs = openLogs(telemetry, write);
  const { logger } = logs;
  const options: RuntimeOptions = { logger, shutdownSignals: [] };
  if (metrics === undefined) {
    Runtime.install(options);
    return logs;
  }
  const prometheus = {
    bindAddress: metrics.address,
    histogramBucketOverrides: { countersign_decided_seconds: DECIDED },
  };
  try {
    Runtime.install({ ...options, telemetryOptions: { metrics: { prometheus } } });
    return logs;
  } catch (error) {
    throw new Error(`COUNTERSIGN_METRICS=${metrics.address} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
