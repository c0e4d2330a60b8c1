/**
 * A POST of JSON to an address that the operator has configured, for whoever has one thing to deliver: one attempt, to its answer or to
 * the reason why there is none. What an answer's status means is the caller's to say.
 */
import http from 'node:http';
import https from 'node:https';
import { visibleLine } from '../domain/visible';
import { timeLimit } from '../time-limit';
import { TryLater } from './try-later';

export interface Posting {
  /** How errors name the other side. The URL may hold a secret, so no more of it than the host belongs here. */
  readonly to: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds until the attempt is given up. */
  readonly timeout: number;
  /** UTF-16 units of the answer's body that are kept, to its end; 0: none is read, and nobody waits for one. */
  readonly keep: number;
}

export interface Answer {
  readonly status: number;
  /** Of its headers, `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of what it said. */
  readonly said: string;
}

/** @throws TryLater where no answer came, or the signal's reason */
export async function post(url: URL, posting: Posting, signal: AbortSignal): Promise<Answer> {
  const { to, timeout } = posting;
  const limit = timeLimit(timeout, signal);
  try {
    return await answered(url, posting, limit.signal);
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.over() ? `gave no answer within ${timeout} ms` : `cannot be reached: ${codeOf(error)}`;
    throw new TryLater(`${to} ${why}`);
  } finally {
    limit.clear();
  }
}

/** No pool: a kept connection that the other side has given up meanwhile would cost the attempt. No redirect, no proxy. */
function answered(url: URL, { body, headers, keep }: Posting, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const json = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'countersign',
    };
    request(url, { method: 'POST', headers: { ...json, ...headers }, agent: false, signal })
      .on('error', reject)
      .on('close', () => reject(new Error('no answer'))) // such as a 101
      .on('response', (response) => {
        let said = '';
        const { statusCode: status = 0, headers: all } = response;
        const after = all['retry-after'];
        const told = after === undefined ? {} : { 'retry-after': after };
        const done = () => resolve({ status, headers: told, said });
        response.on('end', done).on('error', done); // its status says enough
        if (keep === 0) {
          done();
          response.destroy();
          return;
        }
        response.setEncoding('utf8').on('data', (chunk: string) => {
          said = (said + chunk).slice(0, keep);
        });
      })
      .end(body);
  });
}

/** The network's code, such as ECONNREFUSED. Its sentence may quote more than the host. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? visibleLine(code) : 'the connection failed';
}
