/** The SDK's runtime of this process: who hears its warnings, and where its metrics and ours are served. */
import { DefaultLogger, Runtime, type RuntimeOptions } from '@temporalio/worker';
import { messageOf } from '../domain/message';
import type { TelemetryConfig } from '../config';

/** Seconds, to a month: people think. */
const DECIDED = [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000];

/**
 * Once a process, before anything connects. Warnings and errors only, to stderr: stdout is for machine output.
 * @throws Error naming COUNTERSIGN_METRICS, where its address cannot be opened
 */
export function installRuntime({ metrics }: TelemetryConfig): void {
  const options: RuntimeOptions = {
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const why = meta?.['error'] === undefined ? '' : ` ${String(meta['error'])}`;
      process.stderr.write(`${level} ${message}${why}\n`);
    }),
    shutdownSignals: [],
  };
  if (metrics === undefined) {
    Runtime.install(options);
    return;
  }
  const prometheus = {
    bindAddress: metrics.address,
    histogramBucketOverrides: { countersign_decided_seconds: DECIDED },
  };
  try {
    Runtime.install({ ...options, telemetryOptions: { metrics: { prometheus } } });
  } catch (error) {
    throw new Error(`COUNTERSIGN_METRICS=${metrics.address} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
