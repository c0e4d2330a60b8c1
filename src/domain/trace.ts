/** Where a span stands, as it travels in Temporal's headers: W3C Trace Context under the name that the SDKs' own tracing uses. */

export interface SpanAt {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Of every SDK of Temporal, so that a caller in another language is the parent of what it starts here. */
export const TRACE_HEADER = '_tracer-data';
/** The decision that an effect follows from. */
export const DECIDED_HEADER = 'countersign-decided';

/** What a header holds. State and baggage are not carried: anybody may have put anything there. */
export interface Carrier {
  readonly traceparent: string;
}

export function carrierOf({ traceId, spanId, sampled }: SpanAt): Carrier {
  return { traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}` };
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Anybody may send any header: what is none is undefined. */
export function spanAt(carrier: unknown): SpanAt | undefined {
  const text = (carrier as Partial<Carrier> | null | undefined)?.traceparent;
  const [, traceId = '', spanId = '', flags = ''] =
    TRACEPARENT.exec(typeof text === 'string' ? text : '') ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: Number.parseInt(flags, 16) % 2 === 1 };
}

/** A span that a workflow tells of, once it is over; the worker exports it. */
export interface ToldSpan extends SpanAt {
  readonly name: string;
  readonly parent?: SpanAt;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Ids, types and codes; never what anybody wrote. */
  readonly attributes: Readonly<Record<string, string>>;
  /** A code: it failed. */
  readonly failed?: string;
  /** The run's own span, where another trace is the parent. */
  readonly link?: SpanAt;
}
