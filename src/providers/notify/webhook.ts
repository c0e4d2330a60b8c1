/**
 * A notice to an HTTP endpoint, signed by the Standard Webhooks specification, so that a receiver knows who says so and drops a
 * repeat. The URL is the operator's: any address will do, and nothing but its host is ever said, for the rest may be a
 * secret. What the receiver answers is not read: its status says enough, and its words could be anybody's.
 */
import http from 'node:http';
import https from 'node:https';
import { Webhook } from 'standardwebhooks';
import type { Notice } from '../../domain/notice';
import { visibleLine } from '../../domain/visible';
import { retryAfter, TryLater } from '../try-later';
import { type Channel, PermanentError } from './channel';
import { toldOf } from './told';

export interface WebhookTarget {
  /** http or https. A user name and password go along as Basic authentication. Never shown, never logged. */
  readonly url: string;
  /** `whsec_` and base64. Never shown, never logged. */
  readonly secret: string;
}

export interface WebhookOptions {
  readonly name: string;
  /** A URL with `{workflowId}` in it. */
  readonly link?: string | undefined;
  /** Milliseconds until an attempt is given up. @default 10000 */
  readonly timeout?: number;
}

const PASSING = [408, 425, 429];

/** @throws Error where the secret is no base64 */
export function createWebhook(target: WebhookTarget, options: WebhookOptions): Channel {
  const { name, link, timeout = 10_000 } = options;
  const { url, headers } = addressed(target.url);
  const signer = new Webhook(target.secret);
  return {
    name,
    async tell(notice, signal) {
      signal.throwIfAborted();
      const now = new Date(); // of the attempt: a receiver refuses what is minutes old
      const body = bodyOf(notice, link, now);
      const answer = await posted(url, timeout, signal, {
        body,
        headers: {
          ...headers,
          'webhook-id': notice.id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': signer.sign(notice.id, now, body),
        },
      });
      if (answer.status < 200 || answer.status > 299) throw refusal(answer, url.host, now.getTime());
    },
  };
}

function addressed(given: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(given);
  const { username, password } = url;
  url.username = url.password = url.hash = '';
  const headers = { 'content-type': 'application/json', 'user-agent': 'countersign' };
  if (username === '' && password === '') return { url, headers };
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url, headers: { ...headers, authorization: `Basic ${basic.toString('base64')}` } };
}

function bodyOf(notice: Notice, link: string | undefined, now: Date): string {
  const { kind, at = now.toISOString() } = notice;
  return JSON.stringify({ type: `gate.${kind}`, timestamp: at, data: toldOf(notice, link) });
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
}

/** @throws TryLater where no answer came, or the signal's reason */
async function posted(
  url: URL,
  timeout: number,
  signal: AbortSignal,
  request: { readonly body: string; readonly headers: Record<string, string> },
): Promise<Answer> {
  const late = AbortSignal.timeout(timeout);
  try {
    return await answered(url, AbortSignal.any([signal, late]), request);
  } catch (error) {
    signal.throwIfAborted();
    const why = late.aborted ? `gave no answer within ${timeout} ms` : `cannot be reached: ${codeOf(error)}`;
    throw new TryLater(`the webhook at ${url.host} ${why}`);
  }
}

/** No pool: a kept connection that the receiver has given up meanwhile would cost the attempt. No redirect, no proxy. */
function answered(
  url: URL,
  signal: AbortSignal,
  { body, headers }: { readonly body: string; readonly headers: Record<string, string> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const length = String(Buffer.byteLength(body));
    request(url, { method: 'POST', headers: { ...headers, 'content-length': length }, agent: false, signal })
      .on('error', reject)
      .on('close', () => reject(new Error('no answer'))) // such as a 101
      .on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
        response.on('error', () => undefined).destroy();
      })
      .end(body);
  });
}

/** The network's code, such as ECONNREFUSED. Its sentence may quote more than the host. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? visibleLine(code) : 'the connection failed';
}

function refusal({ status, headers }: Answer, host: string, now: number): TryLater | PermanentError {
  const told = `the webhook at ${host} answered ${status}`;
  if (PASSING.includes(status) || status >= 500) {
    const { 'retry-after': after } = headers;
    return new TryLater(told, retryAfter(after === undefined ? {} : { 'retry-after': after }, now));
  }
  return new PermanentError(`${told}; it is not told again. ${mend(status)}`);
}

function mend(status: number): string {
  if (status < 400) return 'Redirects are not followed: name the address itself in COUNTERSIGN_NOTIFY';
  if (status === 401 || status === 403)
    return 'Check that the receiver holds the secret in COUNTERSIGN_NOTIFY_SECRET, and what else it asks for';
  if (status === 404 || status === 405 || status === 410) return 'Check its URL in COUNTERSIGN_NOTIFY';
  return 'Check that the receiver takes a Standard Webhooks message, JSON by POST';
}
