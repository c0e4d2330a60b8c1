/** What breaks a rule of clientDataJSON, signed by the right key all the same. */
import { randomBytes } from 'node:crypto';
import { challengeFor, clientData, ORIGIN, testPasskey, sha256 } from '../passkey';
import { breaking, firstOf, keyOf, TEXT, type Rule, type Vector } from './vector';

const key = () => keyOf(-7);
const C = challengeFor(TEXT);
const client = (breaks: Rule, name: string, whole: string | Buffer) =>
  breaking(breaks, name, key(), { client: whole });
const more = (breaks: Rule, name: string, members: string) =>
  breaking(breaks, name, key(), { more: members });

export function clientDataVectors(): Vector[] {
  return [...texts(), ...challenges(), ...beginnings(), ...origins(), ...json(), ...twice(), ...frames()];
}

function texts(): Vector[] {
  const decomposed = TEXT.replace('refund', 'rückzahlung'.normalize('NFD'));
  const composed = TEXT.replace('refund', 'rückzahlung'.normalize('NFC'));
  const half = (of: string) => TEXT.replace('refund', `re${of}fund`);
  const signedFor = (name: string, signed: string, text = TEXT): Vector =>
    breaking('challenge', name, key(), { challenge: challengeFor(signed) }, text);
  return [
    signedFor('the challenge of another text', TEXT.replace('approve', 'reject')),
    signedFor('the challenge of the text with a newline after it', `${TEXT}\n`),
    signedFor('the challenge of the text without its first line', TEXT.slice(TEXT.indexOf('\n') + 1)),
    signedFor('the challenge of the text under another first line', TEXT.replace('/decision/', '/vouch/')),
    signedFor('the challenge of the empty text', ''),
    signedFor('the challenge of the same words in another normal form of Unicode', decomposed, composed),
    breaking(
      'text',
      'a text with half a surrogate pair, and the challenge of that text as most encoders write it',
      key(),
      { challenge: challengeFor(half('\ufffd')) },
      half('\ud83d'),
    ),
  ];
}

function challenges(): Vector[] {
  const of = (name: string, challenge: string, text = TEXT): Vector =>
    breaking('challenge', name, key(), { challenge }, text);
  const text = firstOf((count) => {
    const one = `${TEXT}${String(count)}`;
    return /[-_]/.test(challengeFor(one)) ? one : undefined;
  });
  const last = 'AEIMQUYcgkosw048'.indexOf(C.at(-1) ?? '');
  return [
    of('a challenge that is random, as for a login', randomBytes(32).toString('base64url')),
    of('a challenge that is the text itself, not hashed', Buffer.from(TEXT).toString('base64url')),
    of('a challenge that is the hash in hex', sha256(TEXT).toString('hex')),
    of(
      'a challenge that is the hash in hex, and that in base64url',
      Buffer.from(sha256(TEXT).toString('hex')).toString('base64url'),
    ),
    of('a challenge that is the hash of the hash', sha256(sha256(TEXT)).toString('base64url')),
    of('a challenge that is the base64url text in base64url once more', Buffer.from(C).toString('base64url')),
    of('a challenge with padding', `${C}=`),
    of('a challenge in the standard alphabet of base64', sha256(text).toString('base64').slice(0, -1), text),
    of(
      'a challenge whose last character has unused bits set',
      `${C.slice(0, -1)}${'BFJNRVZdhlptx159'[last] ?? ''}`,
    ),
    of('a challenge without its last character', C.slice(0, -1)),
    of('a challenge with a space at its end', `${C} `),
    of('a challenge whose first character is escaped', `\\u00${C.charCodeAt(0).toString(16)}${C.slice(1)}`),
    of('a challenge that is empty', ''),
  ];
}

function beginnings(): Vector[] {
  const good = clientData(C);
  const type = (name: string, text: string) => client('beginning', name, good.replace('webauthn.get', text));
  return [
    type('the type is that of a registration', 'webauthn.create'),
    type('the type is that of a payment', 'payment.get'),
    type('the type is in upper case', 'WEBAUTHN.GET'),
    type('the type has an escape in it', 'webauthn\\u002eget'),
    type('the type is longer', 'webauthn.get2'),
    client('beginning', 'there is no type', `{"challenge":"${C}","origin":"${ORIGIN}"}`),
    client('beginning', 'the name of the type is in upper case', good.replace('"type"', '"Type"')),
    client(
      'beginning',
      'the challenge comes first',
      `{"challenge":"${C}","type":"webauthn.get","origin":"${ORIGIN}"}`,
    ),
    client(
      'beginning',
      'the origin comes before the challenge',
      `{"type":"webauthn.get","origin":"${ORIGIN}","challenge":"${C}"}`,
    ),
    client(
      'challenge',
      'crossOrigin comes before the origin',
      good.replace(',"origin"', ',"crossOrigin":false,"origin"'),
    ),
    client('beginning', 'another member comes first', good.replace('{', '{"new":1,')),
    client('beginning', 'white space after the brace', good.replace('{', '{ ')),
    client('beginning', 'white space after the first colon', good.replace(':', ': ')),
    client('challenge', 'white space before the origin', good.replace(',"origin"', ', "origin"')),
    client('beginning', 'a newline before everything', `\n${good}`),
    client('beginning', 'a byte order mark before everything', `\ufeff${good}`),
    client('utf8', 'UTF-16 with a byte order mark', Buffer.from(`\ufeff${good}`, 'utf16le')),
    client('beginning', 'UTF-16 without a byte order mark', Buffer.from(good, 'utf16le')),
    client('beginning', 'an array around it', `[${good}]`),
    client('beginning', 'the text of the decision itself, not clientDataJSON', TEXT),
  ];
}

function origins(): Vector[] {
  const of = (name: string, origin: string): Vector => breaking('origin', name, key(), { origin });
  const other = testPasskey(-7, { origins: ['https://example.com', ORIGIN] });
  return [
    of('the origin of another site', 'https://evil.example'),
    of('an origin that begins as the right one', `${ORIGIN}.evil.example`),
    of('an origin that ends as the right one', 'https://evil-approve.example.com'),
    of('an origin above the right one', 'https://example.com'),
    of('an origin below the right one', 'https://evil.approve.example.com'),
    of('an origin with a slash at its end', `${ORIGIN}/`),
    of('an origin with the default port', `${ORIGIN}:443`),
    of('an origin with another port', `${ORIGIN}:8443`),
    of('an origin in upper case', ORIGIN.toUpperCase()),
    of('an origin whose host is in upper case', 'https://APPROVE.example.com'),
    of('an origin with a dot at its end', `${ORIGIN}.`),
    of('an origin over http', ORIGIN.replace('https', 'http')),
    of('an origin with a user name', 'https://approve.example.com@evil.example'),
    of('an origin with escaped slashes', ORIGIN.replaceAll('/', '\\/')),
    of('the host alone', 'approve.example.com'),
    of('the origin of a page without one', 'null'),
    of('the origin of an Android app', 'android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0'),
    of('no origin', ''),
    breaking('origin', "two of the entry's origins at once", other, {
      origin: `https://example.com,${ORIGIN}`,
    }),
    client('origin', 'a space after the origin', clientData(C).replace('"}', '" }')),
    client(
      'origin',
      'a space after the origin, and a member',
      clientData(C, ORIGIN, ' ,"crossOrigin":false'),
    ),
    client('origin', 'it ends within the origin', clientData(C).slice(0, -3)),
    client('origin', 'it ends after the origin, without the brace', clientData(C).slice(0, -1)),
    client('challenge', 'the origin is in an array', clientData(C).replace(/"(https[^"]*)"/, '["$1"]')),
  ];
}

function json(): Vector[] {
  const bytes = (...odd: number[]) => {
    const [before = '', after = ''] = clientData(C, ORIGIN, ',"new":"?"').split('?');
    return Buffer.concat([Buffer.from(before), Buffer.from(odd), Buffer.from(after)]);
  };
  return [
    client('utf8', 'a byte that UTF-8 does not have', bytes(0xff)),
    client('utf8', 'the first byte of a character without the others', bytes(0xc3)),
    client('utf8', 'a slash in two bytes', bytes(0xc0, 0xaf)),
    client('utf8', 'half a surrogate pair in three bytes', bytes(0xed, 0xa0, 0x80)),
    client('json', 'a control character in a text', bytes(0x1f)),
    client('json', 'it ends within a member', clientData(C, ORIGIN, ',"new":"x"').slice(0, -2)),
    client('json', 'it ends within the name of a member', `${clientData(C).slice(0, -1)},"cross`),
    client('json', 'a byte of zero after it', `${clientData(C)}\0`),
    client('json', 'a second object after it', `${clientData(C)}{"crossOrigin":true}`),
    client('json', 'a second brace after it', `${clientData(C)}}`),
    more('json', 'a comma after the last member', ',"crossOrigin":false,'),
    more('json', 'two commas', ',,"crossOrigin":false'),
    more('json', 'a comment', ',/* */"crossOrigin":false'),
    more('json', 'a name without quotation marks', ',crossOrigin:false'),
    more('json', 'a name in single quotation marks', ",'crossOrigin':false"),
    more('json', 'a word that JSON does not have', ',"crossOrigin":False'),
    more('json', 'a number that JSON does not have', ',"new":NaN'),
    more('json', 'a number below all others, which JSON does not have', ',"new":-Infinity'),
    more('json', 'a number with a zero before it', ',"new":01'),
    more('json', 'white space that JSON does not have', ',\u00a0"crossOrigin":false'),
    more('json', 'a member without a value', ',"crossOrigin"'),
    more('encoding', 'longer than 3072 bytes', `,"new":"${'x'.repeat(3_072)}"`),
  ];
}

function twice(): Vector[] {
  const members = (name: string, text: string) => more('members', name, text);
  return [
    members('a second challenge later', `,"challenge":"${challengeFor('another')}"`),
    members('a second challenge later, the same', `,"challenge":"${C}"`),
    members(
      'a second challenge later, its name with an escape',
      `,"ch\\u0061llenge":"${challengeFor('another')}"`,
    ),
    members('a second origin later', ',"origin":"https://evil.example"'),
    members('a second origin later, its name with an escape', ',"\\u006frigin":"https://evil.example"'),
    members('a second type later', ',"type":"webauthn.create"'),
    members('crossOrigin twice: true and then false', ',"crossOrigin":true,"crossOrigin":false'),
    members('crossOrigin twice: false and then true', ',"crossOrigin":false,"crossOrigin":true'),
    members('a new member twice', ',"new":1,"new":1'),
    members('a name twice within a member', ',"new":[{"a":1,"a":2}]'),
    members('a name twice, with white space before the colon', ',"new":1,"new" :2'),
    members('nested nine deep', `,"new":${'['.repeat(8)}${']'.repeat(8)}`),
    members('nested a thousand deep', `,"new":${'['.repeat(1_200)}${']'.repeat(1_200)}`),
  ];
}

function frames(): Vector[] {
  const cross = (name: string, value: string) => more('crossOrigin', name, `,"crossOrigin":${value}`);
  const top = (name: string, text: string) => more('topOrigin', name, text);
  return [
    cross('crossOrigin is true', 'true'),
    cross('crossOrigin is the text false', '"false"'),
    cross('crossOrigin is null', 'null'),
    cross('crossOrigin is 0', '0'),
    cross('crossOrigin is an empty object', '{}'),
    cross('crossOrigin is true, and topOrigin is there', 'true,"topOrigin":"https://evil.example"'),
    more('crossOrigin', 'crossOrigin is true, its name with an escape', ',"cross\\u004frigin":true'),
    more(
      'crossOrigin',
      'crossOrigin is true after a new member',
      ',"new":{"crossOrigin":false},"crossOrigin":true',
    ),
    top('topOrigin is there', ',"topOrigin":"https://evil.example"'),
    top(
      'topOrigin is there beside crossOrigin of false',
      ',"crossOrigin":false,"topOrigin":"https://evil.example"',
    ),
    top('topOrigin is the origin itself', `,"crossOrigin":false,"topOrigin":"${ORIGIN}"`),
    top('topOrigin is null', ',"topOrigin":null'),
    top('topOrigin is empty', ',"topOrigin":""'),
  ];
}
