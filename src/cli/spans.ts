/** Times as they are read beside one another: the time of day, its date only where it is another one, and how long it took. */

/** `12:01:03`; `2026-03-02 12:01:03` where that is not the day of the line `before`. As the clock on this machine shows it. */
export function clock(instant: string, before?: string): string {
  const { day, time } = parts(instant);
  return before !== undefined && parts(before).day === day ? time : `${day} ${time}`;
}

function parts(instant: string): { readonly day: string; readonly time: string } {
  const date = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  return {
    day: [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-'),
    time: [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':'),
  };
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `2 s`, `3 min 5 s`, `4 d 2 h`: two units are as exact as it is read. */
export function took(from: string, to: string): string {
  const milliseconds = Math.max(0, Date.parse(to) - Date.parse(from));
  if (milliseconds < 1_000) return `${String(milliseconds)} ms`;
  let seconds = Math.round(milliseconds / 1_000);
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(seconds / size);
      seconds -= count * size;
      return count === 0 ? [] : [`${String(count)} ${unit}`];
    })
    .join(' ');
}
