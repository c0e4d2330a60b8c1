/** Where a span stands, as a header says it: what is one, and that nothing else is. */
import fc from 'fast-check';
import { carrierOf, spanAt } from '../../src/domain/trace';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

it.each([
  { said: 'sampled', text: `00-${traceId}-${spanId}-01`, sampled: true },
  { said: 'not sampled', text: `00-${traceId}-${spanId}-00`, sampled: false },
  { said: 'with flags of a later version', text: `01-${traceId}-${spanId}-03`, sampled: true },
])('$said', ({ text, sampled }) => {
  expect(spanAt({ traceparent: text, tracestate: 'kettle=1', baggage: 'kettle' })).toEqual({
    traceId,
    spanId,
    sampled,
  });
});

it.each([
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `${traceId}-${spanId}`,
])('%s is none', (text) => {
  expect(spanAt({ traceparent: text })).toBeUndefined();
});

it('whatever a header holds, it is a span or none', () => {
  fc.assert(
    fc.property(fc.anything(), (carrier) => {
      expect(spanAt(carrier)).toBeUndefined();
      expect(spanAt({ traceparent: carrier })).toBeUndefined();
    }),
    { seed: 1 },
  );
  const at = { traceId, spanId, sampled: true };
  expect(spanAt(carrierOf(at))).toEqual(at);
});
