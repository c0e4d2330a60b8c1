/** A private key is taken from a file that nobody else can read, and a passphrase from a terminal that shows nothing of it. */
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passphrase } from '../../src/cli/passphrase';
import { readPrivateKey } from '../../src/signing';
import { kept } from '../support/cli-program';
import { testKey } from '../support/reviewer-keys';

const folder = mkdtempSync(join(tmpdir(), 'countersign-key-'));
const inside = (name: string) => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ANA = testKey(1);
const SECRET = 'correct horse';

describe('the key’s file', () => {
  const code = (work: () => unknown) => {
    try {
      work();
      return 'read';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  it.each([
    [0o600, 'read'],
    [0o400, 'read'],
    [0o640, 'TOO_OPEN'],
    [0o604, 'TOO_OPEN'],
    [0o610, 'TOO_OPEN'],
    [0o602, 'TOO_OPEN'],
    [0o644, 'TOO_OPEN'],
  ])('of mode %i: %s', (mode, is) => {
    const file = inside('mode.pem');
    writeFileSync(file, ANA.pem);
    chmodSync(file, mode);
    expect(code(() => readPrivateKey(file))).toBe(is);
  });

  it.each<[string, string | undefined, string]>([
    ['nothing', undefined, 'NOT_A_KEY'],
    ['a public key', undefined, 'NOT_A_KEY'],
    ['an RSA key', undefined, 'NOT_A_KEY'],
    ['an encrypted key', undefined, 'ENCRYPTED'],
    ['an encrypted key', 'wrong', 'WRONG_PASSPHRASE'],
    ['an encrypted key', '', 'WRONG_PASSPHRASE'],
    ['an encrypted key', SECRET, 'read'],
    ['a key that is not encrypted', SECRET, 'read'],
  ])('with %s and the passphrase %j: %s', (what, phrase, is) => {
    const file = inside('what.pem');
    const openssl = (...argv: string[]) =>
      execFileSync('openssl', argv, { stdio: ['pipe', 'pipe', 'ignore'], input: ANA.pem }).toString();
    const made: Record<string, () => string> = {
      nothing: () => '',
      'a public key': () => openssl('pkey', '-pubout'),
      'an RSA key': () => openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'),
      'an encrypted key': () => openssl('pkcs8', '-topk8', '-passout', `pass:${SECRET}`),
      'a key that is not encrypted': () => ANA.pem,
    };
    rmSync(file, { force: true });
    writeFileSync(file, made[what]?.() ?? '', { mode: 0o600 });
    expect(code(() => readPrivateKey(file, phrase))).toBe(is);
    if (is === 'read') expect(readPrivateKey(file, phrase).privateKeyPem).toBe(ANA.pem);
  });
});

describe('a passphrase at a terminal', () => {
  class Keys extends EventEmitter {
    raw = false;
    setRawMode = (raw: boolean) => (this.raw = raw);
    resume = () => this;
    pause = () => this;
  }

  it.each([
    { typed: ['hunter2\r'], is: 'hunter2' },
    { typed: [...'a b ', '\n'], is: 'a b ' },
    { typed: ['abx', '\u007f', 'c\r', 'later'], is: 'abc' },
    { typed: ['grün\r'], is: 'grün' },
    { typed: ['\r'], is: '' },
    { typed: ['ab', '\u0003'], is: undefined },
    { typed: ['\u0004'], is: undefined },
  ])('$typed: $is; it is never echoed, and the terminal is left as it was', async ({ typed, is }) => {
    const streams = { ...kept(), inTerminal: true };
    const keys = new Keys();
    const given = passphrase({ streams }, 'ana.pem', keys);
    expect(keys.raw).toBe(true);
    for (const chunk of typed) keys.emit('data', Buffer.from(chunk));
    expect(await given).toBe(is);
    expect({ raw: keys.raw, heard: keys.listenerCount('data') }).toEqual({ raw: false, heard: 0 });
    expect(streams.said).toEqual({ out: '', err: 'Passphrase of ana.pem? (It is not shown.) \n' });
  });

  it('is not asked for where there is none', async () => {
    await expect(passphrase({ streams: kept() }, 'ana.pem')).rejects.toThrow(
      'there is no terminal to ask at',
    );
  });
});
