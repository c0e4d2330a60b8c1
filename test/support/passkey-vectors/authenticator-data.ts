/** What breaks a rule of authenticatorData, or of how bytes are written, signed by the right key all the same. */
import {
  AT,
  authenticatorData,
  BE,
  BS,
  challengeFor,
  clientData,
  ED,
  ORIGIN,
  testPasskey,
  RP_ID,
  sha256,
  UP,
  UV,
  assertionOf,
  type Passkey,
} from '../passkey';
import { breaking, firstOf, keyOf, TEXT, type Rule, type Vector } from './vector';

const key = () => keyOf(-7);
const data = (breaks: Rule, name: string, bytes: Buffer) => breaking(breaks, name, key(), { data: bytes });

export function authenticatorDataVectors(): Vector[] {
  return [...hashes(), ...flags(), ...lengths(), ...encodings()];
}

function hashes(): Vector[] {
  const of = (name: string, hash: string | Buffer) => data('rpIdHash', name, authenticatorData(hash));
  return [
    of('rpIdHash is that of another rpId', 'evil.example'),
    of('rpIdHash is that of a domain below the rpId', 'approve.example.com'),
    of('rpIdHash is that of a domain above the rpId', 'com'),
    of('rpIdHash is that of the rpId in upper case', RP_ID.toUpperCase()),
    of('rpIdHash is that of the origin', ORIGIN),
    of('rpIdHash is that of the appid of U2F', `https://${RP_ID}/appid.json`),
    of('rpIdHash is zero', Buffer.alloc(32)),
    of('rpIdHash is the rpId itself', Buffer.from(RP_ID.padEnd(32, '\0'))),
    of(
      'rpIdHash has one bit changed',
      Buffer.from(sha256(RP_ID).map((byte, nth) => (nth === 31 ? byte ^ 1 : byte))),
    ),
  ];
}

function flags(): Vector[] {
  const synced = testPasskey(-7, { backupEligible: true });
  const of = (breaks: Rule, name: string, bits: number, by: Passkey = key()) =>
    breaking(breaks, name, by, { flags: bits });
  return [
    of('UP', 'nobody touched it: UP is clear', UV),
    of('UP', 'no flag is set', 0),
    of('UV', 'nobody was verified: UV is clear', UP),
    of('UV', 'nobody was verified, of a passkey that is synced', UP | BE | BS, synced),
    of('reserved', 'the reserved flag between UP and UV is set', UP | UV | 0x02),
    of('reserved', 'the reserved flag between BS and AT is set', UP | UV | 0x20),
    of('BE', 'it may be synced, and was enrolled as one that may not', UP | UV | BE),
    of('BE', 'it is synced, and was enrolled as one that may not', UP | UV | BE | BS),
    of('BE', 'it may not be synced, and was enrolled as one that may', UP | UV, synced),
    of('BE', 'it is synced and may not be, and was enrolled as one that may', UP | UV | BS, synced),
    of('BS', 'it is synced, and may not be', UP | UV | BS),
    of('AT', 'AT is set, with no credential', UP | UV | AT),
    of('ED', 'ED is set, with no extensions', UP | UV | ED),
    of('AT', 'every flag is set', 0xff),
  ];
}

/** As a registration brings it: AAGUID, credential id with its length, and the key in COSE. */
function attested(): Buffer {
  const id = Buffer.from(key().entry.credential, 'base64url');
  const point = Buffer.from(key().entry.spki, 'base64').subarray(-64);
  const cose = [
    Buffer.from('a5010203262001215820', 'hex'),
    point.subarray(0, 32),
    Buffer.from('225820', 'hex'),
    point.subarray(32),
  ];
  return Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, ...cose]);
}

function lengths(): Vector[] {
  const whole = authenticatorData(RP_ID);
  const extensions = Buffer.from('a16b6372656450726f7465637402', 'hex'); // {"credProtect": 2}
  const registered = authenticatorData(RP_ID, UP | UV | AT, 0, attested());
  return [
    data('length', 'a byte too short', whole.subarray(0, -1)),
    data('length', 'a byte too long', Buffer.concat([whole, Buffer.alloc(1)])),
    data('length', 'the hash alone', whole.subarray(0, 32)),
    data('length', 'the hash and the flags', whole.subarray(0, 33)),
    data('length', 'twice', Buffer.concat([whole, whole])),
    data('length', 'extensions without their flag', authenticatorData(RP_ID, UP | UV, 1, extensions)),
    data('length', 'a new credential without its flag', authenticatorData(RP_ID, UP | UV, 1, attested())),
    data('ED', 'extensions', authenticatorData(RP_ID, UP | UV | ED, 1, extensions)),
    data('AT', 'a new credential', registered),
    data(
      'AT',
      'a new credential and extensions',
      authenticatorData(RP_ID, UP | UV | AT | ED, 0, Buffer.concat([attested(), extensions])),
    ),
    data('encoding', 'longer than 512 bytes', Buffer.concat([whole, Buffer.alloc(512)])),
    data('encoding', 'nothing', Buffer.alloc(0)),
    breaking('beginning', 'the signature of a registration over its own data', key(), {
      data: registered,
      client: clientData(challengeFor(TEXT)).replace('webauthn.get', 'webauthn.create'),
    }),
    breaking('beginning', 'the signature of a U2F registration', key(), {
      client: '{"typ":"navigator.id.finishEnrollment"}',
      signs: (_, client) => Buffer.concat([Buffer.of(0), sha256(RP_ID), sha256(client)]),
    }),
  ];
}

type Part = 'authenticatorData' | 'clientDataJSON' | 'value';
/** Another form of a text in base64; undefined where this text has none. */
type Form = (text: string) => string | undefined;

const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');
const standard = (text: string) => text.replaceAll('-', '+').replaceAll('_', '/');

const FORMS: Readonly<Record<string, Form>> = {
  'with a newline at its end': (text) => `${text}\n`,
  'with a space within': (text) => `${text.slice(0, 8)} ${text.slice(8)}`,
  'with a character that base64 does not have': (text) => `${text.slice(0, 8)}!${text.slice(8)}`,
  'with unused bits set in its last character': (text) => {
    const [, before = '', last = '', padding = ''] = /^(.*)([^=])(=*)$/s.exec(text) ?? [];
    const next = String.fromCharCode(last.charCodeAt(0) + 1);
    return text.replace(/=+$/, '').length % 4 === 0 ? undefined : `${before}${next}${padding}`;
  },
};
const OF_FIELDS: Readonly<Record<string, Form>> = {
  ...FORMS,
  'with padding': (text) =>
    text.length % 4 === 0 ? undefined : text.padEnd(text.length + 4 - (text.length % 4), '='),
  'in the standard alphabet': (text) => (standard(text) === text ? undefined : standard(text)),
};
const OF_VALUE: Readonly<Record<string, Form>> = {
  ...FORMS,
  'without its padding': (text) => (text.endsWith('=') ? text.replace(/=+$/, '') : undefined),
  'with padding that it does not need': (text) => (text.endsWith('=') ? undefined : `${text}====`),
  'in the alphabet of base64url': (text) => (urlSafe(text) === text ? undefined : urlSafe(text)),
};

/** The right bytes, written otherwise: a decoder that is not strict takes each of them. */
function encodings(): Vector[] {
  return [
    ...rewritten('authenticatorData', OF_FIELDS),
    ...rewritten('clientDataJSON', OF_FIELDS),
    ...rewritten('value', OF_VALUE),
  ];
}

function rewritten(part: Part, forms: Readonly<Record<string, Form>>): Vector[] {
  const { entry } = key();
  return Object.entries(forms).map(([how, form]) =>
    firstOf((signCount) => {
      // Of a length that grows, so that there is each remainder of three.
      const assertion = assertionOf(key(), TEXT, {
        signCount,
        more: `,"new":"${'?'.repeat(signCount % 9)}~"`,
      });
      const written = form(assertion[part]);
      if (written === undefined) return undefined;
      const name = `${part} ${how}`;
      return {
        name,
        holds: false,
        breaks: 'encoding',
        entry,
        text: TEXT,
        assertion: { ...assertion, [part]: written },
      };
    }),
  );
}
