/**
 * Which addresses the `http` action may connect to. An agent names the host and whoever runs the name's DNS names the
 * address, so what counts is the address, and only one that the whole internet can reach is harmless to reach from here.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What `private: true` opens. Link-local stays shut: cloud metadata services, which hand out credentials, live there. */
const INTERNAL = ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'];

/** Everything that IANA has given out as global unicast; IPv4-compatible and NAT64 addresses lie outside. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Why the address may not be connected to, or undefined.
 *
 * @param address as DNS or a URL (without brackets) gives it
 */
export function refusedAddress(address: string, internalToo: boolean): string | undefined {
  if (isIP(address) === 0) return 'is no IP address';
  const kind = kindOf(address);
  if (kind === 'unicast' || (internalToo && INTERNAL.includes(kind))) return undefined;
  const words = kind.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
  return INTERNAL.includes(kind)
    ? `is not a public address (${words}); where this host may be reached inside, configure it with private: true`
    : `is not a public address (${words}), and no setting allows it`;
}

function kindOf(text: string): string {
  const address = ipaddr.parse(text);
  const kind = address.range();
  if (kind !== 'unicast' || address.kind() === 'ipv4') return kind;
  return address.match(GLOBAL_IPV6) ? kind : 'reserved';
}

/** A URL's host without the brackets of an IPv6 address. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
