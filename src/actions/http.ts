/**
 * The built-in action `http`: one request to a host that the actions module lists, under the approval's key.
 *
 * What was approved is what runs: only GET and HEAD follow a redirect, and each hop is checked as the first was. POST
 * and PATCH are tried once unless the host deduplicates, for a lost answer does not tell whether they took effect.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { LookupFunction } from 'node:net';
import { verbAndTarget } from '../domain/phrase';
import { timeLimit } from '../time-limit';
import { type LocalAction, PermanentError, RetryAfter, type RunContext } from './action';
import { bodyOf, type HttpArgs, schema, targetOf } from './http-args';
import { type Answer, exchange, type HttpLimits, LIMITS, Unanswered } from './http-exchange';
import { merged } from './http-headers';
import { admitted, type HostConfig, type Hosts } from './http-hosts';
import { excerptOf, header, line, type Redact, redactor, resultOf, retryAfterOf } from './http-result';

const HOPS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const PASSING = [408, 425, 429];
/** What another host of a redirect gets to see of the approved headers. */
const CARRIED = ['accept', 'accept-language', 'user-agent'];
/** Where nothing was sent, a request that is tried once waits this long, and connects again. */
const PAUSES = [200, 800];

export interface HttpOptions {
  readonly limits?: HttpLimits;
  /** In place of `dns.lookup`. */
  readonly lookup?: LookupFunction;
}

export function createHttp(hosts: Hosts, { limits = LIMITS, lookup }: HttpOptions = {}): LocalAction {
  const redact = redactor(hosts);
  const input = schema(hosts);

  const action: LocalAction<typeof input> = {
    name: 'http',
    input,
    risk: 'high',
    offered: hosts.length > 0,
    timeout: '35 seconds',
    phrase: (args) => verbAndTarget(args.method, allowed(hosts, args).url.host),
    attempts: (args) => (once(hosts, args) ? 1 : undefined),
    /** Nothing is resolved or sent: before anybody has approved, that would be a trace. */
    async preview(args) {
      const { url, host } = allowed(hosts, args);
      return {
        request: `${args.method} ${url.href}`,
        host: url.host,
        headers: {
          ...Object.fromEntries(
            Object.keys(merged(host.headers)).map((name) => [name, 'set by configuration']),
          ),
          'idempotency-key': 'the key of the approval',
        },
        bodyBytes: bodyOf(args)?.bytes.length ?? 0,
        tried: once(hosts, args)
          ? 'once: the host is not known to deduplicate'
          : 'again for a day where it fails',
      };
    },
    async run(args, { key, signal }) {
      const { url } = allowed(hosts, args);
      const call = { args, key, once: once(hosts, args), host: url.host };
      const limit = timeLimit(limits.total, signal);
      const answer = await answered(call, url, limit.signal)
        .catch((error: unknown) => {
          if (!(error instanceof Unanswered)) throw error;
          const late = `no answer within ${limits.total} ms`;
          throw without(limit.over() ? new Unanswered(late, error.sent) : error, call, signal, redact);
        })
        .finally(() => limit.clear());
      return judged(answer, call, redact);
    },
  };
  return action;

  /** The last answer of a chain of redirects, or the only one. */
  async function answered(call: Call, start: URL, signal: AbortSignal): Promise<Answer> {
    let url = start;
    for (let hop = 0; ; hop++) {
      const answer = await exchangeWith(call, start, url, signal);
      const location = REDIRECTS.includes(answer.status) ? header(answer, 'location') : undefined;
      if (location === undefined) return answer;
      url = redirected(call, url, location, hop);
    }
  }

  async function exchangeWith(call: Call, start: URL, url: URL, signal: AbortSignal): Promise<Answer> {
    const { method } = call.args;
    const host = hostFor(hosts, url);
    const body = bodyOf(call.args);
    const headers = {
      accept: '*/*',
      'user-agent': 'countersign',
      ...merged(url.origin === start.origin ? call.args.headers : carried(call.args.headers)),
      ...merged(host.headers),
      ...(body === undefined
        ? {}
        : { 'content-type': body.type, 'content-length': String(body.bytes.length) }),
      'accept-encoding': 'identity',
      'idempotency-key': call.key,
    };
    const request = { method, url, headers, body: body?.bytes, internalToo: host.private === true, signal };
    for (let tries = 0; ; tries++) {
      try {
        return await exchange(request, limits, lookup);
      } catch (error) {
        const pause = PAUSES[tries];
        if (!(error instanceof Unanswered) || error.sent || !call.once || pause === undefined) throw error;
        await wait(pause, undefined, { signal }).catch(() => {
          throw error;
        });
      }
    }
  }

  function redirected({ args }: Call, from: URL, location: string, hop: number): URL {
    const to = `${from.host} redirects to ${line(redact(location))}`;
    if (args.method !== 'GET' && args.method !== 'HEAD')
      throw new PermanentError(
        `${to}. A ${args.method} does not follow: what was approved is what runs. Propose that URL instead`,
      );
    if (hop === HOPS)
      throw new PermanentError(`${to}, after ${HOPS} other redirects; propose the last URL instead`);
    const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
    if (url === undefined || url.href.length > 2_000 || url.username !== '' || url.password !== '')
      throw new PermanentError(`${to}, which is no URL that may be requested`);
    if (from.protocol === 'https:' && url.protocol !== 'https:')
      throw new PermanentError(`${to}, away from https://`);
    url.hash = '';
    const found = admitted(hosts, url);
    if (!found.ok) throw new PermanentError(`${to}: ${found.message}`);
    return url;
  }
}

interface Call {
  readonly args: HttpArgs;
  readonly key: string;
  /** Not tried again where the answer was lost. */
  readonly once: boolean;
  readonly host: string;
}

/** Checked again, for a caller that has not been through the schema must not get past the allow-list either. */
function allowed(hosts: Hosts, { url: text }: HttpArgs): { readonly url: URL; readonly host: HostConfig } {
  const target = targetOf(text);
  if (!target.ok) throw new PermanentError(`url: ${target.message}`);
  return { url: target.url, host: hostFor(hosts, target.url) };
}

function hostFor(hosts: Hosts, url: URL): HostConfig {
  const found = admitted(hosts, url);
  if (!found.ok) throw new PermanentError(`url: ${found.message}`);
  return found.host;
}

/** GET, HEAD, PUT and DELETE may be repeated by the meaning of HTTP. */
function once(hosts: Hosts, args: HttpArgs): boolean {
  if (args.method !== 'POST' && args.method !== 'PATCH') return false;
  return allowed(hosts, args).host.deduplicates !== true;
}

function carried(headers: HttpArgs['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(merged(headers)).filter(([name]) => CARRIED.includes(name)));
}

/** The error of a request that got no answer. */
function without(error: Unanswered, call: Call, signal: RunContext['signal'], redact: Redact): unknown {
  const why = `${call.host}: ${line(redact(error.message))}`;
  if (call.once && error.sent) return new PermanentError(unknown(`${why}, after the request was sent`, call));
  const reason: unknown = signal.reason;
  const cancelled = signal.aborted && reason instanceof Error;
  // Called off, the gate ends cancelled; a worker that stops has no other attempt of this request to leave it to.
  if (cancelled && (!call.once || reason.message === 'CANCELLED')) return reason;
  return call.once
    ? new PermanentError(`${why}. Nothing was sent: propose it again`)
    : new Error(error.sent ? `${why}, after the request was sent` : why);
}

function judged(answer: Answer, call: Call, redact: Redact): ReturnType<typeof resultOf> {
  const { status, ended } = answer;
  const { method } = call.args;
  if (status >= 200 && status < 300) {
    // Where the body is the point, half of it is no answer; elsewhere the status says that it is done.
    if (ended === 'lost' && method === 'GET')
      throw new Error(`${call.host} answered ${status}, but its body broke off`);
    return resultOf(answer, redact);
  }
  const excerpt = excerptOf(answer, redact);
  const said = `${call.host} answered ${status}${excerpt === '' ? '' : `: ${excerpt}`}`;
  if (status < 500 && !PASSING.includes(status)) throw new PermanentError(said);
  if (call.once && status >= 500) throw new PermanentError(unknown(said, call));
  const after = retryAfterOf(answer, Date.now());
  if (call.once) {
    const when = after === undefined ? '' : `, not before ${Math.ceil(after / 1_000)} s have passed`;
    throw new PermanentError(
      `${said}. It is tried once only, because the host is not known to deduplicate; propose it again${when}`,
    );
  }
  throw after === undefined ? new Error(said) : new RetryAfter(said, after);
}

function unknown(why: string, { host, key }: Call): string {
  return (
    `${why}. It may or may not have taken effect, and is not tried again, because the host is not known to ` +
    `deduplicate. Look for it at ${host} (the request carried Idempotency-Key ${key}); propose it again only if it ` +
    'did not happen. Where the host carries out one key once, configure it with deduplicates: true'
  );
}
