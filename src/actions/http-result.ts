/** What of an answer goes into the history: bounded, as JSON where it is JSON, and without what the configuration added. */
import { guard, type Json, type JsonObject } from '../domain/json';
import { visibleLine } from '../domain/visible';
import type { Answer } from './http-exchange';
import { isJson } from './http-headers';
import type { Hosts } from './http-hosts';

/** Bytes of a body that are kept. */
const KEPT = 64 * 1024;
const EXCERPT = 300;
const SHOWN = [
  'content-type',
  'location',
  'etag',
  'retry-after',
  'request-id',
  'x-request-id',
  'x-correlation-id',
];

export type Redact = (text: string) => string;

/** A type, not an interface, so that it is JSON to the compiler too. */
export type HttpResult = {
  status: number;
  /** Of the answer's headers those that help to find it again. */
  headers: JsonObject;
  /** Parsed where it is JSON that fits into a result; otherwise text. Absent where there is none, or it is no text. */
  body?: Json;
  /** Bytes of the body that were read, at most about 256 KiB. */
  bytes: number;
  /** The body is longer than what is kept of it, or the connection ended before it did. */
  truncated?: true;
};

export function resultOf(answer: Answer, redact: Redact): HttpResult {
  const { status, body, ended } = answer;
  const text = textOf(answer);
  const hidden = text === undefined ? undefined : redact(text);
  const kept = hidden === undefined ? undefined : first(hidden, KEPT);
  const truncated = ended !== 'whole' || (hidden !== undefined && kept !== hidden);
  const result = (value: Json | undefined): HttpResult => ({
    status,
    headers: shown(answer, redact),
    ...(value === undefined ? {} : { body: value }),
    bytes: body.length,
    ...(truncated ? { truncated: true as const } : {}),
  });
  if (text === undefined || truncated || !isJson(header(answer, 'content-type') ?? '')) return result(kept);
  const parsed = jsonOf(text);
  const fits = parsed !== undefined && guard(result(parsed)) === undefined;
  return result(fits ? within(parsed, redact) : kept);
}

/** One line for an error's message. */
export function excerptOf(answer: Answer, redact: Redact): string {
  const text = redact(textOf(answer) ?? '').slice(0, 4 * EXCERPT);
  return line(text);
}

/** One line, bounded, in which nothing is unseen. */
export function line(text: string): string {
  const shown = visibleLine(text.replace(/\s+/g, ' ').trim());
  return shown.length > EXCERPT ? `${shown.slice(0, EXCERPT)}…` : shown;
}

/** Milliseconds until the server wants to be asked again, where it says so: seconds or an HTTP date. */
export function retryAfterOf(answer: Answer, now: number): number | undefined {
  const text = header(answer, 'retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

export function header({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function shown(answer: Answer, redact: Redact): JsonObject {
  return Object.fromEntries(
    SHOWN.flatMap((name) => {
      const value = header(answer, name);
      return value === undefined ? [] : [[name, redact(value).slice(0, 1_000)]];
    }),
  );
}

/** Undefined for nothing, for what is encoded (we ask for no encoding), and for what is no text. */
function textOf(answer: Answer): string | undefined {
  const encoded = (header(answer, 'content-encoding') ?? 'identity') !== 'identity';
  if (answer.body.length === 0 || encoded) return undefined;
  const charset = /charset="?([\w.:-]+)/i.exec(header(answer, 'content-type') ?? '')?.[1];
  const text = decoded(answer.body, charset ?? 'utf-8');
  return text.includes('\0') ? undefined : text;
}

/** Without half a character at the end. */
function decoded(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes, { stream: true });
  } catch {
    return decoded(bytes, 'utf-8'); // a charset that nobody knows
  }
}

function first(text: string, bytes: number): string {
  const all = Buffer.from(text);
  return all.length <= bytes ? text : decoded(all.subarray(0, bytes), 'utf-8');
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Over keys and values. The guard has bounded the depth. */
function within(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => within(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), within(item, redact)]));
}

const PUBLIC = ['accept', 'accept-language', 'content-type', 'user-agent'];

/**
 * Takes the configured headers' values out of a text, for a server may say what it was sent: the value, what stands
 * behind its scheme, and a basic password; also as JSON writes them. Shorter than 6 characters is no secret.
 */
export function redactor(hosts: Hosts): Redact {
  const secrets = hosts
    .flatMap(({ headers = {} }) => Object.entries(headers))
    .filter(([name]) => !PUBLIC.includes(name.toLowerCase()))
    .flatMap(([, value]) => {
      const credential = value.replace(/^[A-Za-z]+ +/, '');
      const basic = /^basic +(.+)$/i.exec(value)?.[1] ?? '';
      return [
        value,
        credential,
        Buffer.from(basic, 'base64')
          .toString()
          .replace(/^[^:]*:/, ''),
      ];
    })
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => [...new Set(secrets)].reduce((all, secret) => all.replaceAll(secret, '***'), text);
}
