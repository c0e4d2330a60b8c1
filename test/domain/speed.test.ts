/** What takes time with the length of hostile text: of the processor, so that a machine that is busy does not count against it. */
import { visible } from '../../src/domain/visible';

it('200,000 marks, letters, escapes, look-alikes or full-width commas each take less than two seconds', () => {
  for (const unit of ['\u0300', 'a', '\u001b', 'аa', '，', '，中']) {
    const before = process.cpuUsage();
    expect(visible(unit.repeat(200_000)).length).toBeGreaterThanOrEqual(200_000);
    const { user, system } = process.cpuUsage(before);
    expect({ unit, slow: (user + system) / 1_000 > 2_000 }).toEqual({ unit, slow: false });
  }
});
