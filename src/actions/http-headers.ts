/** Headers of the `http` action, of a proposal and of a configured host: bounded, and none that could start another message. */
import { z } from 'zod';
import { recordOf } from '../domain/record';

/** They frame the message, belong to one connection, turn the method into another, or are ours to set. */
const RESERVED = [
  ...['host', 'content-length', 'transfer-encoding', 'trailer', 'te', 'expect', 'upgrade', 'http2-settings'],
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['x-http-method-override', 'x-http-method', 'x-method-override'],
  ...['accept-encoding', 'idempotency-key'],
];
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const VALUE = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]{0,3998}[\x21-\x7e])?)?$/;
const MOST = 50;

export const Headers = recordOf(z.string(), z.string()).superRefine((headers, context) => {
  const seen = new Set<string>();
  const wrong = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path: path.map((name) => name.slice(0, 100)), message });
  if (Object.keys(headers).length > MOST) wrong([], `must hold at most ${MOST} headers`);
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!NAME.test(name)) wrong([name], 'is no header name');
    else if (RESERVED.includes(lower))
      wrong([name], 'may not be set: it is set for you, or changes what the request is');
    else if (seen.has(lower)) wrong([name], 'is there twice');
    if (!VALUE.test(value))
      wrong([name], 'must be at most 4,000 printable ASCII characters, without a space at either end');
    seen.add(lower);
  }
});

/** The headers by lower-case name; of the same name the later one counts. */
export function merged(
  ...all: readonly (Readonly<Record<string, string>> | undefined)[]
): Record<string, string> {
  return Object.fromEntries(
    all.flatMap((headers = {}) =>
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  );
}

/** Whether a content type says that the body is JSON: application/json, application/problem+json. */
export function isJson(contentType: string): boolean {
  return /^[\w.-]+\/(?:[\w.-]+\+)?json *(?:;|$)/i.test(contentType);
}
