/**
 * A real browser signs: Chromium with its virtual authenticator, on a page of localhost. What it makes of SHA-256 of a text holds, and no
 * longer with any part changed, nor from a page within another site's page.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, CDPSession, Frame, Page } from 'playwright-core';
import { PasskeyAssertion, PasskeyEntry } from '../../src/domain/passkey';
import { challengeOf, passkeyFacts, passkeyFault } from '../../src/providers/reviewers/passkey';
import { launchChromium } from '../support/chromium';
import { ALGS, NAMES, type Alg } from '../support/passkey';
import { TEXT } from '../support/passkey-vectors';

/** As small as a page can be; with `#inside`, a page in which another one stands. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>passkey</title><script>
const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const urlText = (bytes) => text(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const bytes = (url) => Uint8Array.from(atob(url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
async function enrol(alg) {
  const { response, rawId } = await navigator.credentials.create({ publicKey: {
    rp: { name: 'Countersign' }, user: { id: bytes('AAAA'), name: 'ana', displayName: 'Ana' },
    challenge: crypto.getRandomValues(new Uint8Array(32)), pubKeyCredParams: [{ type: 'public-key', alg }],
    authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
  } });
  const flags = new Uint8Array(response.getAuthenticatorData())[32];
  return { credential: urlText(rawId), spki: text(response.getPublicKey()), alg: response.getPublicKeyAlgorithm(),
    backupEligible: (flags & 8) !== 0,
    registration: { authenticatorData: urlText(response.getAuthenticatorData()), clientDataJSON: urlText(response.clientDataJSON) } };
}
async function signs(credential, challenge, more = {}) {
  const { response } = await navigator.credentials.get({ publicKey: {
    challenge: bytes(challenge), allowCredentials: [{ type: 'public-key', id: bytes(credential) }], userVerification: 'required', ...more,
  } });
  return { authenticatorData: urlText(response.authenticatorData), clientDataJSON: urlText(response.clientDataJSON),
    value: text(response.signature) };
}
if (location.hash.startsWith('#inside='))
  document.write('<iframe allow="publickey-credentials-get *" src="' + location.hash.slice(8) + '"></iframe>');
</script>`;

let servers: Server[] = [];
let browser: Browser;
let page: Page;
let session: CDPSession;
let authenticator: string;
let origin: string;
let elsewhere: string;

beforeAll(async () => {
  servers = await Promise.all([listeningServer(), listeningServer()]);
  [origin, elsewhere] = servers.map((one) => `http://localhost:${(one.address() as AddressInfo).port}`) as [
    string,
    string,
  ];
  browser = await launchChromium();
});
afterAll(async () => {
  await (browser as Browser | undefined)?.close();
  for (const server of servers) server.close();
});

function listeningServer(): Promise<Server> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(PAGE);
  });
  return new Promise((resolve) => server.listen(0, 'localhost', () => resolve(server)));
}

/** A page with an authenticator of its own. */
async function openPage(options: object = {}): Promise<void> {
  const context = await browser.newContext();
  page = await context.newPage();
  session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  authenticator = authenticatorId;
  await page.goto(origin);
}
afterEach(async () => {
  await page.context().close();
});

interface Enrolled {
  readonly entry: PasskeyEntry;
  readonly registration: Pick<PasskeyAssertion, 'authenticatorData' | 'clientDataJSON'>;
}

async function enrol(alg: Alg): Promise<Enrolled> {
  const { registration, ...made } = await page.evaluate<{ registration: Enrolled['registration'] }>(
    `enrol(${alg})`,
  );
  const entry = { id: 'laptop', kind: 'passkey', rpId: 'localhost', origins: [origin], ...made };
  return { entry: PasskeyEntry.parse(entry), registration };
}

async function signs(
  entry: PasskeyEntry,
  text: string,
  more = {},
  where: Page | Frame = page,
): Promise<PasskeyAssertion> {
  const args = [entry.credential, challengeOf(text), more].map((one) => JSON.stringify(one));
  return PasskeyAssertion.parse(await where.evaluate(`signs(${args.join(', ')})`));
}

const decoded = ({ clientDataJSON }: Pick<PasskeyAssertion, 'clientDataJSON'>): string =>
  Buffer.from(clientDataJSON, 'base64url').toString('utf8');
const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

describe.each(ALGS.map((alg) => ({ name: NAMES[alg], alg })))('$name', ({ alg }) => {
  it('signs a text, and nothing else holds', async () => {
    await openPage();
    const { entry } = await enrol(alg);
    expect(entry).toMatchObject({ alg, backupEligible: false });
    const good = await signs(entry, TEXT);
    expect({ fault: passkeyFault(entry, TEXT, good), said: decoded(good) }).toEqual({
      fault: undefined,
      said: expect.stringContaining(`"challenge":"${challengeOf(TEXT)}","origin":"${origin}"`),
    });
    const again = await signs(entry, TEXT);
    expect(passkeyFault(entry, TEXT, again)).toBeUndefined();
    expect(passkeyFacts(again).signCount).toBeGreaterThan(passkeyFacts(good).signCount);

    const other = (await enrol(alg)).entry;
    const said = decoded(good);
    const refused: Record<string, string | undefined> = {
      'another text': passkeyFault(entry, `${TEXT} `, good),
      "another's key": passkeyFault({ ...entry, spki: other.spki }, TEXT, good),
      'another origin': passkeyFault({ ...entry, origins: [elsewhere] }, TEXT, good),
      'enrolled as one that may be synced': passkeyFault({ ...entry, backupEligible: true }, TEXT, good),
      'the counter of the next one': passkeyFault(entry, TEXT, {
        ...good,
        authenticatorData: again.authenticatorData,
      }),
      'the signature of the next one': passkeyFault(entry, TEXT, { ...good, value: again.value }),
      'a member put in': passkeyFault(entry, TEXT, {
        ...good,
        clientDataJSON: encoded(said.replace(/}$/, ',"new":1}')),
      }),
      'another type': passkeyFault(entry, TEXT, {
        ...good,
        clientDataJSON: encoded(said.replace('.get', '.create')),
      }),
    };
    expect(refused).toEqual({
      'another text': 'the challenge is not SHA-256 of the text, followed by the origin',
      "another's key": 'the signature is not what the key signed',
      'another origin': "the origin is none of the entry's",
      'enrolled as one that may be synced': 'backup eligibility (BE) is not as enrolled',
      'the counter of the next one': 'the signature is not what the key signed',
      'the signature of the next one': 'the signature is not what the key signed',
      'a member put in': 'the signature is not what the key signed',
      'another type': expect.stringMatching(/^clientDataJSON does not begin with /),
    });
  });
});

it('a login is no approval, and neither is a registration', async () => {
  await openPage();
  const { entry, registration } = await enrol(-7);
  const login = PasskeyAssertion.parse(
    await page.evaluate(`signs(${JSON.stringify(entry.credential)}, 'AAAA')`),
  );
  expect(passkeyFault(entry, TEXT, login)).toMatch(/^the challenge is not SHA-256 of the text/);
  expect(passkeyFault(entry, TEXT, { ...login, ...registration })).toMatch(
    /^clientDataJSON does not begin with /,
  );
  const good = await signs(entry, TEXT);
  expect(passkeyFault(entry, TEXT, { ...good, authenticatorData: registration.authenticatorData })).toMatch(
    /\(AT\)/,
  );
});

it('who was not verified signs nothing', async () => {
  await openPage();
  const { entry } = await enrol(-7);
  await session.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: false });
  const unverified = await signs(entry, TEXT, { userVerification: 'discouraged' });
  expect(passkeyFault(entry, TEXT, unverified)).toBe('nobody was verified (UV)');
});

it('what may be synced is told apart from what is', async () => {
  await openPage({ defaultBackupEligibility: true, defaultBackupState: false });
  const { entry } = await enrol(-7);
  expect(entry.backupEligible).toBe(true);
  const before = await signs(entry, TEXT);
  expect(passkeyFault(entry, TEXT, before)).toBeUndefined();
  expect(passkeyFacts(before)).toMatchObject({ backupEligible: true, backedUp: false });
  const credentialId = Buffer.from(entry.credential, 'base64url').toString('base64');
  const now = { authenticatorId: authenticator, credentialId, backupState: true };
  await session.send('WebAuthn.setCredentialProperties', now);
  const after = await signs(entry, TEXT);
  expect(passkeyFault(entry, TEXT, after)).toBeUndefined();
  expect(passkeyFacts(after)).toMatchObject({ backupEligible: true, backedUp: true });
});

it("within another site's page it signs, and that is refused", async () => {
  await openPage();
  const { entry } = await enrol(-7);
  await page.goto(`${elsewhere}/#inside=${origin}/`);
  const frame = page.frame({ url: `${origin}/` });
  await frame!.waitForLoadState();
  const framed = await signs(entry, TEXT, {}, frame!);
  expect(decoded(framed)).toContain(`"origin":"${origin}","crossOrigin":true`);
  expect(passkeyFault(entry, TEXT, framed)).toBe('crossOrigin is there and is not false');
});

it('on another port it signs for that origin, which is refused until the entry names it', async () => {
  await openPage();
  const { entry } = await enrol(-7);
  await page.goto(elsewhere);
  const there = await signs(entry, TEXT);
  expect(passkeyFault(entry, TEXT, there)).toBe("the origin is none of the entry's");
  expect(passkeyFault({ ...entry, origins: [origin, elsewhere] }, TEXT, there)).toBeUndefined();
});
