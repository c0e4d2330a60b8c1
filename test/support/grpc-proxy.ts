/**
 * A gRPC proxy in front of a server without TLS: it asks for client certificates, records who authorised how, and
 * refuses what a hosted Temporal refuses.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface GrpcProxy {
  readonly address: string;
  /** The `authorization` of each call, with its path. */
  readonly calls: { readonly path: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

export async function grpcProxy(options: {
  /** host:port of the server behind. */
  readonly to: string;
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  /** A gRPC status for the calls of a path, instead of the server's answer. */
  readonly refuse?: (path: string) => number | undefined;
}): Promise<GrpcProxy> {
  const { to, tls, refuse = () => undefined } = options;
  const calls: GrpcProxy['calls'] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  const back = http2.connect(`http://${to}`);
  back.on('error', () => undefined);
  const server =
    tls === undefined
      ? http2.createServer()
      : http2.createSecureServer({
          key: readFileSync(tls.key),
          cert: readFileSync(tls.cert),
          ...(tls.clientCa === undefined
            ? {}
            : { ca: readFileSync(tls.clientCa), requestCert: true, rejectUnauthorized: true }),
        });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    calls.push({ path, authorization: headers['authorization'] });
    const status = refuse(path);
    stream.on('error', () => undefined);
    if (status !== undefined) {
      stream.respond(
        { 'content-type': 'application/grpc', 'grpc-status': String(status), 'grpc-message': 'not for you' },
        { endStream: true },
      );
      return;
    }
    const { ':scheme': _, ':authority': __, ...rest } = headers;
    const forward = back.request(rest);
    forward.on('error', () => {
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    });
    stream.on('aborted', () => {
      forward.close(http2.constants.NGHTTP2_CANCEL);
    });
    let trailers: http2.IncomingHttpHeaders = {};
    forward.on('trailers', (got: http2.IncomingHttpHeaders) => {
      trailers = got;
    });
    forward.on('response', (answer, flags) => {
      if (stream.destroyed) return;
      const trailersOnly = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(answer, trailersOnly ? { endStream: true } : { waitForTrailers: true });
      if (trailersOnly) return;
      stream.on('wantTrailers', () => {
        stream.sendTrailers(trailers);
      });
      forward.pipe(stream);
    });
    stream.pipe(forward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        back.destroy();
        for (const session of sessions) session.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export interface Certificates {
  readonly ca: string;
  readonly server: { readonly key: string; readonly cert: string };
  readonly client: { readonly key: string; readonly cert: string };
}

/** A certificate authority, a server's certificate for 127.0.0.1 and a client's, as files in a directory. */
export function certificates(directory: string): Certificates {
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: directory });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test CA',
  );
  const signed = (name: string, extensions: string) => {
    writeFileSync(file(`${name}.ext`), extensions);
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-out', `${name}.pem`, '-days', '2', '-extfile', `${name}.ext`],
    );
    return { key: file(`${name}.key`), cert: file(`${name}.pem`) };
  };
  return {
    ca: file('ca.pem'),
    server: signed('server', 'subjectAltName=IP:127.0.0.1,DNS:temporal.test\nbasicConstraints=CA:FALSE\n'),
    client: signed('client', 'extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n'),
  };
}
