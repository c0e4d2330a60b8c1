/** Passkeys whose counter did not grow: named over a whole record, whatever order its chains come in. */
import { signCountIn } from '../../src/domain/passkey';
import { openSignCounts, touchIn, type Touch } from '../../src/domain/sign-counts';
import { authenticatorData } from '../support/passkey';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 9, minute)).toISOString();
const data = (count: number) => authenticatorData('example.com', 0x1d, count).toString('base64url');
const touch = (
  count: number,
  minute: number,
  key = 'k',
  value = `${String(count)} ${String(minute)}`,
): Touch => ({
  ...{ key, value, issued: at(minute), authenticatorData: data(count) },
});

it.each([0, 1, 2, 15, 16, 255, 256, 65_537, 0x7fff_ffff, 0x8000_0000, 4_000_000_001, 0xffff_ffff])(
  'the counter %d is read from where it stands',
  (count) => {
    expect(signCountIn(data(count))).toBe(count);
  },
);

it.each<{ said: string; touches: (readonly [string, Touch, number])[]; found: string[] }>([
  {
    said: 'it grows',
    touches: [
      ['ana', touch(1, 0), 0],
      ['ana', touch(7, 1), 1],
    ],
    found: [],
  },
  {
    said: 'it does not count at all',
    touches: [
      ['ana', touch(0, 0), 0],
      ['ana', touch(0, 1), 1],
    ],
    found: [],
  },
  {
    said: 'it stands still',
    touches: [
      ['ana', touch(3, 0), 0],
      ['ana', touch(3, 1), 1],
    ],
    found: ['ana k 3 after 3, at 1'],
  },
  {
    said: 'it goes back, and on from there',
    touches: [
      ['ana', touch(5, 0), 0],
      ['ana', touch(2, 1), 1],
      ['ana', touch(3, 2), 2],
    ],
    found: ['ana k 2 after 5, at 1'],
  },
  {
    said: 'chains come in another order than people signed in, and a signal came late',
    touches: [
      ['ana', touch(9, 3), 4],
      ['ana', touch(8, 2), 5],
      ['ana', touch(2, 1), 1],
    ],
    found: [],
  },
  {
    said: 'the same signature stands in two branches',
    touches: [
      ['ana', touch(3, 0), 0],
      ['ana', touch(3, 0), 1],
      ['ana', touch(4, 1), 2],
    ],
    found: [],
  },
  {
    said: 'two keys, and two people whose keys have one id, count apart',
    touches: [
      ['ana', touch(9, 0), 0],
      ['ana', touch(2, 1, 'other'), 1],
      ['bo', touch(3, 2), 2],
    ],
    found: [],
  },
])('$said', ({ touches, found }) => {
  const counts = openSignCounts<number>();
  for (const [person, one, minute] of touches) counts.add(person, one, at(minute), minute);
  const said = counts
    .regressions()
    .map(
      ({ person, key, before, now, place }) =>
        `${person} ${key} ${String(now)} after ${String(before)}, at ${String(place)}`,
    );
  expect(said).toEqual(found);
});

it('a key file’s signature is no touch, and neither is what nobody could have believed', () => {
  const good = touch(1, 0);
  expect(touchIn({ ...good, expires: at(5), clientDataJSON: 'e30' })).toEqual(good);
  const { authenticatorData: _, ...file } = good;
  const shorter = { ...good, authenticatorData: good.authenticatorData.slice(0, 48) };
  for (const other of [undefined, null, 'k', file, shorter, { ...good, issued: 'once' }])
    expect(touchIn(other)).toBeUndefined();
});
