/**
 * A notice to an HTTP endpoint, signed by the Standard Webhooks specification, so that a receiver knows who says so and drops a
 * repeat. The URL is the operator's: any address will do, and nothing but its host is ever said, for the rest may be a
 * secret. What the receiver answers is not read: its status says enough, and its words could be anybody's.
 */
import { Webhook } from 'standardwebhooks';
import type { Notice } from '../../domain/gate/notice';
import { type Answer, post } from '../post';
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
  const { url, headers: credentials } = addressed(target.url);
  const to = `the webhook at ${url.host}`;
  const signer = new Webhook(target.secret);
  return {
    name,
    async tell(notice, signal) {
      signal.throwIfAborted();
      const now = new Date(); // of the attempt: a receiver refuses what is minutes old
      const body = bodyOf(notice, link, now);
      const headers = {
        ...credentials,
        'webhook-id': notice.id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign(notice.id, now, body),
      };
      const answer = await post(url, { to, body, headers, timeout, keep: 0 }, signal);
      if (answer.status < 200 || answer.status > 299) throw refusal(answer, to, now.getTime());
    },
  };
}

function addressed(given: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(given);
  const { username, password } = url;
  url.username = url.password = url.hash = '';
  if (username === '' && password === '') return { url, headers: {} };
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url, headers: { authorization: `Basic ${basic.toString('base64')}` } };
}

function bodyOf(notice: Notice, link: string | undefined, now: Date): string {
  const { kind, at = now.toISOString() } = notice;
  return JSON.stringify({ type: `gate.${kind}`, timestamp: at, data: toldOf(notice, link) });
}

function refusal({ status, headers }: Answer, from: string, now: number): TryLater | PermanentError {
  const told = `${from} answered ${status}`;
  if (PASSING.includes(status) || status >= 500) return new TryLater(told, retryAfter(headers, now));
  return new PermanentError(`${told}; it is not told again. ${mend(status)}`);
}

function mend(status: number): string {
  if (status < 400) return 'Redirects are not followed: name the address itself in COUNTERSIGN_NOTIFY';
  if (status === 401 || status === 403)
    return 'Check that the receiver holds the secret in COUNTERSIGN_NOTIFY_SECRET, and what else it asks for';
  if (status === 404 || status === 405 || status === 410) return 'Check its URL in COUNTERSIGN_NOTIFY';
  return 'Check that the receiver takes a Standard Webhooks message, JSON by POST';
}
