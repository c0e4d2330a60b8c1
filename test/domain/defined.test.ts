/** What has no value is not there, in what is hashed, sent and kept. */
import { defined } from '../../src/domain/defined';

it('leaves out what is undefined, and nothing else: null, 0, false and empty texts are values', () => {
  const given = { a: undefined as string | undefined, b: null, c: 0, d: false, e: '', f: [] };
  expect(Object.entries(defined(given))).toEqual([
    ['b', null],
    ['c', 0],
    ['d', false],
    ['e', ''],
    ['f', []],
  ]);
});

it('its type lets what may be undefined be absent, and is exact', () => {
  const find = (there: boolean) => (there ? 'yes' : undefined);
  const found: { readonly always: number; readonly answer?: string } = defined({
    always: 1,
    answer: find(false),
  });
  expect('answer' in found).toBe(false);
  // @ts-expect-error it may be absent
  const sure: { readonly answer: string } = defined({ answer: find(true) });
  expect(sure).toEqual({ answer: 'yes' });
});
