/** The arguments of the `http` action: what can be wrong with a request before it is sent, said before anybody is asked. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { JsonValue } from '../domain/proposal';
import type { Json } from '../domain/json';
import { bare } from './http-address';
import { Headers, isJson, merged } from './http-headers';
import { admitted, type Hosts, listed } from './http-hosts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const LONGEST_URL = 2_000;

export interface HttpArgs {
  readonly method: (typeof METHODS)[number];
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Json | undefined;
}

export type Target =
  { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly message: string };

export function schema(hosts: Hosts) {
  return z
    .strictObject({
      method: z.enum(METHODS),
      /** As it will be sent: what is approved is the normalised URL. */
      url: z
        .string()
        .superRefine((text, context) => {
          const target = targetOf(text);
          const found = target.ok ? admitted(hosts, target.url) : target;
          if (!found.ok) context.addIssue({ code: 'custom', message: found.message });
        })
        .overwrite(normalised)
        .meta(hosts.length === 0 ? {} : { description: `Allowed hosts: ${listed(hosts)}` }),
      headers: Headers.optional(),
      /** JSON, unless a content-type header says otherwise: then text. */
      body: JsonValue.optional(),
    })
    .superRefine((args, context) => {
      for (const [path, message] of contradictions(hosts, args))
        context.addIssue({ code: 'custom', path, message });
    });
}

/** The URL of a text that means the same to everybody who reads it, or why it is none. */
export function targetOf(text: string): Target {
  const no = (message: string): Target => ({ ok: false, message });
  if (text.length > LONGEST_URL) return no(`must be at most ${LONGEST_URL} characters`);
  if (/[\s\x00-\x1f\x7f\\]/.test(text)) return no('must not hold spaces, control characters or backslashes');
  const [, authority] = /^https?:\/\/([^/?#]+)/i.exec(text) ?? [];
  if (authority === undefined || !URL.canParse(text))
    return no('must be a URL that starts with https:// or http://');
  if (authority.includes('@'))
    return no('must not hold a user name or password; configure the headers of the host instead');
  if (text.includes('#')) return no('must not hold a fragment (#…): it is never sent');
  const url = new URL(text);
  const written = authority.toLowerCase().replace(/:\d*$/, '');
  if (written.endsWith('.'))
    return no(`must name its host without the dot at its end: ${written.slice(0, -1)}`);
  if (written !== url.hostname)
    return no(
      isIP(bare(url.hostname)) === 0
        ? `must name its host as it will be looked up: ${url.hostname}`
        : `ADDRESS_REFUSED: the host must be spelled ${url.hostname}`,
    );
  return url.href.length > LONGEST_URL
    ? no(`must be at most ${LONGEST_URL} characters, escaped`)
    : { ok: true, url };
}

function normalised(text: string): string {
  const target = targetOf(text);
  return target.ok ? target.url.href : text;
}

function contradictions(hosts: Hosts, args: HttpArgs): [path: string[], message: string][] {
  const { method, url, body } = args;
  const found: [string[], string][] = [];
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    found.push([['body'], `a ${method} has none`]);
  const type = merged(args.headers)['content-type'];
  if (body !== undefined && typeof body !== 'string' && type !== undefined && !isJson(type))
    found.push([['body'], `must be text where content-type is ${type}`]);
  const target = targetOf(url);
  const host = target.ok ? admitted(hosts, target.url) : target;
  const configured = host.ok ? merged(host.host.headers) : {};
  for (const name of Object.keys(args.headers ?? {}))
    if (Object.hasOwn(configured, name.toLowerCase()))
      found.push([['headers', name], 'is set by configuration for this host; leave it out']);
  return found;
}

/** The bytes of the body and their type; undefined where there is none. */
export function bodyOf(args: HttpArgs): { readonly type: string; readonly bytes: Buffer } | undefined {
  const { body } = args;
  if (body === undefined) return undefined;
  const type = merged(args.headers)['content-type'] ?? 'application/json';
  return {
    type,
    bytes: Buffer.from(typeof body === 'string' && !isJson(type) ? body : JSON.stringify(body)),
  };
}
