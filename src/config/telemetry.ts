/** What the worker tells of itself, and to whom. Nothing configured, nothing told beside warnings on stderr. */
import { isIP } from 'node:net';
import { milliseconds } from '../domain/duration';
import { ConfigError } from './error';

export interface TelemetryConfig {
  /** undefined: none. */
  readonly metrics: MetricsConfig | undefined;
  /** Of stderr. */
  readonly log: 'plain' | 'json';
  /** undefined: none are made. */
  readonly traces: TracesConfig | undefined;
}

export interface TracesConfig {
  /** Where spans go by OTLP/HTTP; undefined: where OpenTelemetry's own variables say. */
  readonly url: string | undefined;
  readonly serviceName: string;
}

export interface MetricsConfig {
  /** `address:port` of the Prometheus endpoint, the address an IP. */
  readonly address: string;
  /** Milliseconds between two looks at what waits. */
  readonly every: number;
}

const EVERY = 'COUNTERSIGN_METRICS_EVERY';

/** @throws ConfigError naming the variable */
export function readTelemetry(env: NodeJS.ProcessEnv): TelemetryConfig {
  return { metrics: metrics(env), log: logOf(env['COUNTERSIGN_LOG']), traces: traces(env) };
}

function metrics(env: NodeJS.ProcessEnv): MetricsConfig | undefined {
  const address = metricsAddress(env['COUNTERSIGN_METRICS']);
  const given = env[EVERY];
  if (address === undefined && given)
    throw new ConfigError(`${EVERY} is set, but COUNTERSIGN_METRICS is not; name an address, or unset it`);
  if (address === undefined) return undefined;
  const every = milliseconds(given || '1 minute');
  if (every >= 1_000 && every <= 3_600_000) return { address, every };
  throw new ConfigError(`${EVERY}=${String(given)} must be from "1 second" to "1 hour"`);
}

/** The SDK binds it, and takes addresses alone. */
function metricsAddress(given: string | undefined): string | undefined {
  if (!given) return undefined;
  const [, host = '', port = ''] = /^(?:(.+):)(\d{1,5})$/.exec(given) ?? [];
  const address = host === 'localhost' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1');
  const bare = address === host || host === 'localhost' ? isIP(address) === 4 : isIP(address) === 6;
  if (bare && Number(port) > 0 && Number(port) < 65_536)
    return `${host === 'localhost' ? address : host}:${port}`;
  throw new ConfigError(
    `COUNTERSIGN_METRICS=${given} is no address to serve metrics at; use an IP address and a port, such as 127.0.0.1:9464 or [::1]:9464, ` +
      'and 0.0.0.0:9464 in a container',
  );
}

function logOf(given: string | undefined): TelemetryConfig['log'] {
  if (!given || given === 'plain') return 'plain';
  if (given === 'json') return 'json';
  throw new ConfigError(
    `COUNTERSIGN_LOG=${given} is not known; set it to json, or to plain for lines that people read`,
  );
}

/** OpenTelemetry's own variables count where ours says nothing; the exporter reads the rest of them (headers, timeout) itself. */
function traces(env: NodeJS.ProcessEnv): TracesConfig | undefined {
  const own = env['COUNTERSIGN_TRACES'];
  const serviceName = env['OTEL_SERVICE_NAME'] || 'countersign';
  if (own === 'off') return undefined;
  if (own) {
    if (URL.canParse(own) && /^https?:$/.test(new URL(own).protocol))
      return { url: `${own.replace(/\/+$/, '')}/v1/traces`, serviceName };
    throw new ConfigError(
      'COUNTERSIGN_TRACES must be the base URL of an OTLP/HTTP collector, such as http://127.0.0.1:4318, or off',
    );
  }
  const there = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!there || env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return undefined;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol === 'grpc')
    throw new ConfigError(
      'OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not spoken here; set COUNTERSIGN_TRACES to a URL that takes OTLP over HTTP, or to off',
    );
  return { url: undefined, serviceName };
}
