/** How a provider or a receiver says "not now": one error for all of them, so that the activities turn one into a pause. */

/** Thrown where another attempt may do better, and not before `milliseconds` where the other side has said so. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  constructor(
    message: string,
    readonly milliseconds?: number,
  ) {
    super(message);
  }
}

const HOUR = 3_600_000;

/** Milliseconds until the other side wants to be asked again, at most an hour; undefined where it does not say. */
export function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const after = headers['retry-after'];
  const wait = [number(headers['retry-after-ms']), number(after, 1_000), date(after, now)].find(
    (milliseconds) => milliseconds !== undefined,
  );
  return wait === undefined || wait <= 0 ? undefined : Math.min(Math.ceil(wait), HOUR);
}

function number(header: string | undefined, unit = 1): number | undefined {
  return header !== undefined && /^\d+(?:\.\d+)?$/.test(header.trim()) ? Number(header) * unit : undefined;
}

function date(header: string | undefined, now: number): number | undefined {
  const at = header === undefined || !/[a-z]{3}/i.test(header) ? NaN : Date.parse(header);
  return Number.isNaN(at) ? undefined : at - now;
}
