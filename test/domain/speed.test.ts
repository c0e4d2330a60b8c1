/** What takes time with the length of hostile text; apart, since a machine that is busy may not be counted against the others. */
import { visible } from '../../src/domain/visible';

it('200,000 marks, letters, escapes, look-alikes or full-width commas each take less than two seconds', () => {
  for (const unit of ['\u0300', 'a', '\u001b', 'аa', '，', '，中']) {
    const began = performance.now();
    expect(visible(unit.repeat(200_000)).length).toBeGreaterThanOrEqual(200_000);
    expect({ unit, slow: performance.now() - began > 2_000 }).toEqual({ unit, slow: false });
  }
});
