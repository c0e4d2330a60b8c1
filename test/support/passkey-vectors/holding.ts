/** What holds: each kind of key, what browsers add to clientDataJSON, and what looks odd and is as it may be. */
import { generateKeyPairSync } from 'node:crypto';
import { ALGS, BE, BS, NAMES, testPasskey, UP, UV } from '../passkey';
import { holding, keyOf, type Vector } from './vector';
import { halves, highS } from './der';

const GREASE =
  ',"crossOrigin":false,"other_keys_can_be_added_here":"do not compare clientDataJSON against a template. See https://goo.gl/yabPex"';
const ORIGINS = ['https://example.com', 'https://approve.example.com', 'https://eu.approve.example.com:8443'];

export function holdingVectors(): Vector[] {
  return [...ALGS.flatMap(ofEachKind), ...members(), ...places(), ...flags(), ...keys()];
}

function ofEachKind(alg: (typeof ALGS)[number]): Vector[] {
  const key = keyOf(alg);
  const of = (what: string) => `${NAMES[alg]}: ${what}`;
  return [
    holding(of('type, challenge and origin alone'), key),
    holding(of('crossOrigin is false'), key, { more: ',"crossOrigin":false' }),
    holding(of('crossOrigin is false, and a member that is new, as Chromium adds it'), key, { more: GREASE }),
    holding(of('the text is not ASCII'), key, {}, 'countersign/decision/1\n{"comment":"weniger – 20 € 🙂"}'),
    holding(of('the counter is as high as it can be'), key, { signCount: 2 ** 32 - 1 }),
  ];
}

function members(): Vector[] {
  const key = keyOf(-7);
  const more = (name: string, text: string) => holding(name, key, { more: text });
  return [
    more('a member of an Android browser', ',"androidPackageName":"com.android.chrome"'),
    more('a new member stands before crossOrigin', ',"new":[1,2.5e3,null],"crossOrigin":false'),
    more('a member of an older browser is an object', ',"tokenBinding":{"status":"supported"}'),
    more('topOrigin stands inside another member only', ',"new":{"topOrigin":"https://evil.example"}'),
    more('crossOrigin is true inside another member only', ',"new":[{"crossOrigin":true}]'),
    more('one name twice, but in two objects', ',"a":{"x":1},"b":{"x":1}'),
    more('crossorigin is another name than crossOrigin', ',"crossorigin":true'),
    more(
      'the words crossOrigin and topOrigin in a text',
      ',"new":"\\"crossOrigin\\":true,\\"topOrigin\\":\\"x\\""',
    ),
    more('there is white space after the origin', ', "crossOrigin" :\tfalse\r\n'),
    more('a new member is not ASCII, and has escapes', ',"schön":"\\u00e9 🙂 \\ud83d\\ude42"'),
    more('nested eight deep', `,"new":${'['.repeat(7)}${']'.repeat(7)}`),
  ];
}

function places(): Vector[] {
  const three = testPasskey(-7, { origins: ORIGINS });
  const local = testPasskey(-7, {
    rpId: 'localhost',
    origins: ['http://localhost:8233', 'https://localhost'],
  });
  const long = testPasskey(-7, { rpId: 'xn--bcher-kva.example', origins: ['https://xn--bcher-kva.example'] });
  return [
    holding('the first of three origins: the host is the rpId', three, { origin: ORIGINS[0] ?? '' }),
    holding('the second of three origins: the host is below the rpId', three, { origin: ORIGINS[1] ?? '' }),
    holding('the third of three origins: another port', three, { origin: ORIGINS[2] ?? '' }),
    holding('localhost over http', local),
    holding('localhost over https', local, { origin: 'https://localhost' }),
    holding('a domain in Punycode', long),
  ];
}

function flags(): Vector[] {
  const synced = testPasskey(-7, { backupEligible: true });
  return [
    holding('a passkey that may be synced and is not', synced, { flags: UP | UV | BE }),
    holding('a passkey that is synced', synced, { flags: UP | UV | BE | BS }),
    holding('a counter of 0, as synced passkeys have', synced, { signCount: 0 }),
  ];
}

function keys(): Vector[] {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 3_072 });
  const es256 = keyOf(-7);
  return [
    holding('an RSA key of 3072 bits', testPasskey(-257, {}, rsa.privateKey)),
    holding('ES256: s is in the lower half', es256, { value: halves(es256).low }),
    holding('ES256: s is in the upper half, as authenticators make it, too', es256, { value: highS(es256) }),
    holding(
      'a key that is revoked: that is judged elsewhere',
      testPasskey(-8, { revoked: '2020-01-01T00:00:00Z' }),
    ),
  ];
}
