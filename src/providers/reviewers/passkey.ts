/**
 * Whether a passkey signed a text: WebAuthn's assertion check for one purpose, over node:crypto. The challenge is SHA-256 of the text, so
 * that a touch signs that text and nothing else. It is stricter than WebAuthn asks where leniency has no use here:
 * - no extensions are ever asked for, so authenticatorData is 37 bytes, with AT, ED and the reserved bits clear;
 * - clientDataJSON begins byte for byte as browsers write it, and no member stands in it twice;
 * - a page inside another site's page does not sign: crossOrigin and topOrigin.
 * Whose key it is, when it is valid and how often it was used are not judged here.
 */
import { createHash, verify } from 'node:crypto';
import { PasskeyAssertion, PasskeyEntry } from '../../domain/passkey';
import { passkeyKey, spkiFault } from './passkey-key';

/** Flags of authenticatorData. */
const UP = 0x01;
const UV = 0x04;
const BE = 0x08;
const BS = 0x10;
const AT = 0x40;
const ED = 0x80;
const RESERVED = 0x22;

/** Of hash, flags and counter. */
const LENGTH = 37;
/** How deep clientDataJSON may be nested; the root counts as 1. Browsers come to 2. */
const DEEPEST = 8;

/** What stands beside a signature that holds. */
export interface PasskeyFacts {
  /** For the record; `signCountRegressed` says when it is to be flagged. */
  readonly signCount: number;
  /** The byte as it is. */
  readonly flags: number;
  /** The key may leave its authenticator. */
  readonly backupEligible: boolean;
  /** The key has left its authenticator: it is synced. */
  readonly backedUp: boolean;
}

/** @param text as it was signed. @returns what `navigator.credentials.get` takes as `challenge`, in base64url */
export function challengeOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}

/**
 * What does not hold, as a sentence; undefined where the entry's passkey signed the text. Never throws.
 * @param assertion further fields are not looked at, so that a signature as it is on the wire will do
 */
export function passkeyFault(
  entry: PasskeyEntry,
  text: string,
  assertion: PasskeyAssertion,
): string | undefined {
  try {
    return (
      shapeFault('the entry', PasskeyEntry.safeParse(entry)) ??
      shapeFault('the assertion', PasskeyAssertion.safeParse(assertion)) ??
      spkiFault(entry) ??
      clientDataFault(entry, text, Buffer.from(assertion.clientDataJSON, 'base64url')) ??
      authenticatorDataFault(entry, Buffer.from(assertion.authenticatorData, 'base64url')) ??
      (signatureHolds(entry, assertion) ? undefined : 'the signature is not what the key signed')
    );
  } catch {
    return 'the assertion cannot be judged';
  }
}

/** Of an assertion in which `passkeyFault` found nothing. */
export function passkeyFacts({
  authenticatorData,
}: Pick<PasskeyAssertion, 'authenticatorData'>): PasskeyFacts {
  const data = Buffer.from(authenticatorData, 'base64url');
  const flags = data.readUInt8(32);
  return {
    signCount: data.readUInt32BE(33),
    flags,
    backupEligible: (flags & BE) !== 0,
    backedUp: (flags & BS) !== 0,
  };
}

function shapeFault(what: string, { error }: { error?: { issues: readonly Issue[] } }): string | undefined {
  const [issue] = error?.issues ?? [];
  return issue && `${what}: ${[...issue.path.map(String), issue.message].join(' ')}`;
}
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function clientDataFault({ origins }: PasskeyEntry, text: string, bytes: Buffer): string | undefined {
  if (/\p{Cs}/u.test(text)) return 'the text holds a lone surrogate, which has no UTF-8';
  const json = utf8Text(bytes);
  if (json === undefined) return 'clientDataJSON is not UTF-8';
  const type = '{"type":"webauthn.get","challenge":"';
  if (!json.startsWith(type)) return `clientDataJSON does not begin with ${type}`;
  const challenge = `${type}${challengeOf(text)}","origin":"`;
  if (!json.startsWith(challenge)) return 'the challenge is not SHA-256 of the text, followed by the origin';
  const rest = json.slice(challenge.length);
  if (!origins.some((origin) => rest.startsWith(`${origin}",`) || rest.startsWith(`${origin}"}`)))
    return "the origin is none of the entry's";
  return membersFault(json);
}

/** A mark at the beginning, too, is a character like any other. */
function utf8Text(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function membersFault(text: string): string | undefined {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return 'clientDataJSON is not JSON';
  }
  const twisted = structureFault(text);
  if (twisted !== undefined) return twisted;
  if (Object.hasOwn(members, 'crossOrigin') && members['crossOrigin'] !== false)
    return 'crossOrigin is there and is not false';
  return Object.hasOwn(members, 'topOrigin') ? 'topOrigin is there' : undefined;
}

/** Of two members of one name JSON.parse keeps the last, and other readers the first. @param text valid JSON */
function structureFault(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, , colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '}' || token === ']') open.pop();
    else if (token === '{' || token === '[') open.push(new Set());
    else if (colon !== undefined) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string;
      if (open.at(-1)?.has(name) === true) return 'clientDataJSON has a member twice';
      open.at(-1)?.add(name);
    }
    if (open.length > DEEPEST) return `clientDataJSON is nested more than ${String(DEEPEST)} deep`;
  }
  return undefined;
}

function authenticatorDataFault({ rpId, backupEligible }: PasskeyEntry, data: Buffer): string | undefined {
  if (data.length < LENGTH) return 'authenticatorData has fewer than 37 bytes';
  const flags = data.readUInt8(32);
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(AT)) return 'authenticatorData holds a new credential (AT): it is from a registration';
  if (has(ED)) return 'authenticatorData holds extensions (ED), and none were asked for';
  if (data.length > LENGTH) return 'authenticatorData has more than 37 bytes';
  if (!createHash('sha256').update(rpId).digest().equals(data.subarray(0, 32)))
    return "rpIdHash is not that of the entry's rpId";
  if (!has(UP)) return 'nobody was present (UP)';
  if (!has(UV)) return 'nobody was verified (UV)';
  if (has(RESERVED)) return 'a reserved flag is set';
  if (has(BE) !== backupEligible) return 'backup eligibility (BE) is not as enrolled';
  return has(BS) && !has(BE) ? 'backup state (BS) is set without backup eligibility (BE)' : undefined;
}

function signatureHolds(
  entry: PasskeyEntry,
  { authenticatorData, clientDataJSON, value }: PasskeyAssertion,
): boolean {
  const hash = createHash('sha256').update(clientDataJSON, 'base64url').digest();
  const data = Buffer.concat([Buffer.from(authenticatorData, 'base64url'), hash]);
  // Ed25519 hashes by itself. ECDSA values are DER by default, RSA's padding is PKCS #1 v1.5.
  const algorithm = entry.alg === -8 ? null : 'sha256';
  return verify(algorithm, data, passkeyKey(entry), Buffer.from(value, 'base64'));
}
