/**
 * One request and its answer. The name is resolved once, every address is checked, and the connection goes to what was
 * checked: a second resolution could give another answer (DNS rebinding). No proxy, no pool, no redirect, no
 * decompression: each would reach or hold something that was not checked.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { PermanentError } from './action';
import { bare, refusedAddress } from './http-address';

/** Milliseconds. */
export interface HttpLimits {
  /** For the resolution, and for the connection, TLS included. */
  readonly connect: number;
  /** From the connection to the answer's headers. */
  readonly headers: number;
  /** Between two pieces of the answer's body. */
  readonly idle: number;
  /** For everything that one attempt does, redirects included. */
  readonly total: number;
}

export const LIMITS: HttpLimits = { connect: 5_000, headers: 25_000, idle: 10_000, total: 30_000 };

/** Bytes of an answer's body after which nobody reads on. */
const READ = 256 * 1024;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** `cut`: there was more than is read. `lost`: the connection ended, or fell silent, before the body did. */
  readonly ended: 'whole' | 'cut' | 'lost';
}

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Private and loopback addresses will do. */
  readonly internalToo: boolean;
  readonly signal: AbortSignal;
}

/** No answer came. `sent`: the server may have got the request, or part of it. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  constructor(
    message: string,
    readonly sent: boolean,
  ) {
    super(message);
  }
}

/**
 * @param lookup as `dns.lookup`; called once, with `all: true`
 * @throws Unanswered; PermanentError where an address is refused
 */
export async function exchange(
  request: Exchange,
  limits: HttpLimits = LIMITS,
  lookup: LookupFunction = dnsLookup,
): Promise<Answer> {
  const { url, signal } = request;
  if (signal.aborted) throw new Unanswered('it was cut off', false);
  const addresses = await resolved(bare(url.hostname), lookup, limits.connect, signal);
  for (const { address } of addresses) {
    const refused = refusedAddress(address, request.internalToo);
    if (refused !== undefined)
      throw new PermanentError(`ADDRESS_REFUSED: ${url.hostname} resolves to ${address}, which ${refused}`);
  }
  return sent(request, limits, addresses);
}

function resolved(
  name: string,
  lookup: LookupFunction,
  within: number,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const family = isIP(name);
  if (family !== 0) return Promise.resolve([{ address: name, family }]);
  return new Promise((resolve, reject) => {
    const fail = (why: string) => () => {
      clearTimeout(late);
      reject(new Unanswered(`${name} could not be resolved: ${why}`, false));
    };
    const late = setTimeout(fail(`no answer within ${within} ms`), within);
    const aborted = fail('it was cut off');
    signal.addEventListener('abort', aborted, { once: true });
    lookup(name, { all: true }, (error, found) => {
      clearTimeout(late);
      signal.removeEventListener('abort', aborted);
      if (error !== null) fail(error.code ?? error.message)();
      else if (!Array.isArray(found) || found.length === 0) fail('it has no address')();
      else resolve(found);
    });
  });
}

function sent(request: Exchange, limits: HttpLimits, addresses: readonly LookupAddress[]): Promise<Answer> {
  const { method, url, headers, body, signal } = request;
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    let connected = false;
    let answered = false;
    const outgoing = (secure ? https : http).request({
      method,
      hostname: bare(url.hostname),
      ...(url.port === '' ? {} : { port: url.port }),
      path: url.pathname + url.search,
      headers,
      agent: false,
      lookup: pinned(addresses),
      signal,
    });
    const clock = timer((why) => outgoing.destroy(new Error(why)));
    clock.start(limits.connect, 'no connection');
    outgoing.once('socket', (socket) =>
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
        clock.start(limits.headers, 'no answer');
      }),
    );
    outgoing.once('response', (incoming) => {
      answered = true;
      const { statusCode: status = 0, headers: told } = incoming;
      read(incoming, limits.idle, clock, (kept, ended) => {
        resolve({ status, headers: told, body: kept, ended });
      });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (answered) return; // the status is known, and `read` sees how the body ends
      clock.stop();
      const why = signal.aborted
        ? 'it was cut off'
        : error.message || (error.code ?? 'the connection failed');
      reject(new Unanswered(why, connected));
    });
    outgoing.end(body);
  });
}

/** Gives the addresses that were checked, whoever asks and however; not at once, as no resolver does. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, { all }, callback) => {
    const [first] = addresses;
    setImmediate(() => {
      if (all === true) callback(null, [...addresses]);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

function read(
  incoming: http.IncomingMessage,
  idle: number,
  clock: Timer,
  done: (body: Buffer, ended: Answer['ended']) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let over = false;
  const end = (ended: Answer['ended']) => () => {
    if (over) return;
    over = true;
    clock.stop();
    done(Buffer.concat(chunks), ended);
    if (ended === 'cut') incoming.destroy();
  };
  clock.start(idle, 'the answer fell silent');
  incoming.on('data', (chunk: Buffer) => {
    clock.start(idle, 'the answer fell silent');
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > READ) end('cut')();
  });
  incoming.once('end', end('whole'));
  incoming.on('error', end('lost'));
  incoming.once('close', end('lost'));
}

interface Timer {
  /** In place of what ran before. */
  start(ms: number, what: string): void;
  stop(): void;
}

function timer(late: (why: string) => void): Timer {
  let running: NodeJS.Timeout | undefined;
  return {
    start(ms, what) {
      clearTimeout(running);
      running = setTimeout(() => {
        late(`${what} within ${ms} ms`);
      }, ms);
    },
    stop() {
      clearTimeout(running);
    },
  };
}
