/**
 * The hosts that the `http` action may name, as the actions module lists them, and the one that a URL falls under.
 * Nothing is resolved here: what can be told from the text alone is told before anybody is asked.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { bare, refusedAddress } from './http-address';
import { Headers, merged } from './http-headers';

export interface HostConfig {
  /** `api.example.com`, `api.example.com:8443`, or `*.example.com` for every name below it. Without a port: the scheme's own. */
  readonly host: string;
  /** Its addresses may be private or loopback ones, and plain http will do. @default false */
  readonly private?: boolean | undefined;
  /** It may be reached over plain http. @default false */
  readonly http?: boolean | undefined;
  /** Added when a request is sent to this host, and shown nowhere: credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** It carries out two requests with one Idempotency-Key once, so that a POST may be tried again. @default false */
  readonly deduplicates?: boolean | undefined;
}

export type Hosts = readonly HostConfig[];

export type Admitted =
  { readonly ok: true; readonly host: HostConfig } | { readonly ok: false; readonly message: string };

interface Pattern {
  /** Any name that ends with `.name`. */
  readonly below: boolean;
  readonly name: string;
  readonly port: string | undefined;
}

/** The parts of a `host` entry, or undefined where it is none. */
function patternOf(text: string): Pattern | undefined {
  const [, star, name = '', port] = /^(\*\.)?(.*?)(?::([1-9]\d{0,4}))?$/.exec(text.toLowerCase()) ?? [];
  if (Number(port ?? 1) > 65_535 || !/^[a-z0-9_.-]+$|^\[[0-9a-f:]+\]$/.test(name)) return undefined;
  if (!URL.canParse(`https://${name}/`) || new URL(`https://${name}/`).hostname !== name) return undefined;
  if (name.split('.').includes('') || (star !== undefined && !isName(name))) return undefined;
  return { below: star !== undefined, name, port };
}

/** At least two labels, and no address: a wildcard over a whole top-level domain is no allow-list. */
function isName(name: string): boolean {
  return name.includes('.') && isIP(name) === 0;
}

const Pattern = z.string().refine((text) => patternOf(text) !== undefined, {
  error:
    "must be a host such as 'api.example.com', 'api.example.com:8443' or '*.example.com', without https://",
});

/** One item of `hosts`. */
const Host = z
  .union([
    Pattern,
    z.strictObject({
      host: Pattern,
      private: z.boolean().optional(),
      http: z.boolean().optional(),
      headers: Headers.refine((headers) => merged(headers)['content-type'] === undefined, {
        error: 'must not set content-type: the proposal says what its body is',
      }).optional(),
      deduplicates: z.boolean().optional(),
    }),
  ])
  .transform((given): HostConfig => (typeof given === 'string' ? { host: given } : given))
  .transform((given): HostConfig => ({ ...given, host: given.host.toLowerCase() }));

/** The export `hosts`. */
export const HostList = z.array(Host).superRefine((hosts, context) => {
  hosts.forEach(({ host }, index) => {
    if (hosts.findIndex((other) => other.host === host) < index)
      context.addIssue({ code: 'custom', path: [index], message: `${host} is listed twice` });
  });
});

/**
 * The entry that a URL falls under: its own name before a wildcard, the longer wildcard before the shorter, one with
 * a port before one without.
 */
export function hostOf(hosts: Hosts, url: URL): HostConfig | undefined {
  const fitting = hosts.flatMap((host) => {
    const pattern = patternOf(host.host);
    return pattern !== undefined && fits(pattern, url) ? [{ host, pattern }] : [];
  });
  return fitting.sort((a, b) => weight(b.pattern) - weight(a.pattern))[0]?.host;
}

function fits({ below, name, port }: Pattern, url: URL): boolean {
  const own = below ? url.hostname.endsWith(`.${name}`) : url.hostname === name;
  const usual = url.protocol === 'https:' ? '443' : '80';
  return own && (port === undefined ? url.port === '' : port === (url.port || usual));
}

function weight({ below, name, port }: Pattern): number {
  return (below ? 0 : 1_000) + 2 * name.length + (port === undefined ? 0 : 1);
}

/** Whether a request may go to the URL, as far as its text tells; otherwise the sentence that says why not. */
export function admitted(hosts: Hosts, url: URL): Admitted {
  const no = (message: string): Admitted => ({ ok: false, message });
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return no('only https:// and http:// can be requested');
  if (hosts.length === 0)
    return no(
      'no host is allowed: export hosts = ["api.example.com"] from the module that COUNTERSIGN_ACTIONS names',
    );
  const host = hostOf(hosts, url);
  if (host === undefined)
    return no(
      `${url.host} is not an allowed host (${listed(hosts)}); add it to the hosts that the actions module exports`,
    );
  if (url.protocol === 'http:' && host.http !== true && host.private !== true)
    return no(`${url.host} is allowed over https:// only; for plain http configure it with http: true`);
  const refused = refusedName(bare(url.hostname), host.private === true);
  return refused === undefined ? { ok: true, host } : no(refused);
}

function refusedName(name: string, internalToo: boolean): string | undefined {
  const local = /(?:^|\.)localhost$/.test(name) && !internalToo;
  if (local)
    return `ADDRESS_REFUSED: ${name} is this machine; where that is meant, configure it with private: true`;
  const refused = isIP(name) === 0 ? undefined : refusedAddress(name, internalToo);
  return refused === undefined ? undefined : `ADDRESS_REFUSED: ${name} ${refused}`;
}

/** For a sentence. */
export function listed(hosts: Hosts): string {
  const names = hosts.slice(0, 10).map(({ host }) => host);
  return hosts.length > names.length ? `${names.join(', ')}, …` : names.join(', ');
}
