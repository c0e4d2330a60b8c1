/** Calibration as a picture: an SVG that stands by itself, with nothing in it that somebody wrote. */
import type { Bin, Calibration } from '../domain/calibration';

const SIZE = { width: 720, height: 460, left: 64, top: 56, plot: 560, tall: 300 } as const;
const COLOURS = { approved: '#2f7d4f', edited: '#d99a2b', rejected: '#b3403a', ink: '#222', faint: '#ccc' };

/** Of each bin what people made of it, stacked to a share of one; the diagonal is where confidence would be right. */
export function picture({ bins, decided, threshold, error }: Calibration): string {
  const { width, height, left, top, plot, tall } = SIZE;
  const x = (value: number) => left + value * plot;
  const y = (share: number) => top + (1 - share) * tall;
  const bars = bins.map((bin) => bar(bin, x, y)).join('');
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    .map(
      (at) =>
        `<line x1="${n(left)}" x2="${n(left + plot)}" y1="${n(y(at))}" y2="${n(y(at))}" stroke="${COLOURS.faint}"/>` +
        text(left - 8, y(at) + 4, `${String(Math.round(at * 100))} %`, 'end') +
        text(x(at), top + tall + 18, at.toFixed(1), 'middle'),
    )
    .join('');
  const mark =
    threshold === undefined
      ? ''
      : `<line x1="${n(x(threshold.confidence))}" x2="${n(x(threshold.confidence))}" y1="${n(top - 8)}" y2="${n(top + tall)}" stroke="${COLOURS.ink}" stroke-width="2" stroke-dasharray="6 4"/>` +
        text(x(threshold.confidence), top - 12, `threshold ${figure(threshold.confidence)}`, 'middle');
  const names = [
    ['approved', 'approved as it was'],
    ['edited', 'edited'],
    ['rejected', 'rejected, sent back or answered'],
  ] as const;
  const key = names
    .map(
      ([name, said], index) =>
        `<rect x="${n(left + index * 170)}" y="${n(height - 34)}" width="14" height="14" fill="${COLOURS[name]}"/>` +
        text(left + index * 170 + 20, height - 22, said),
    )
    .join('');
  const off = error === undefined ? '' : `, off by ${figure(error)} on average`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" font-family="system-ui, sans-serif" font-size="12" role="img">` +
    `<title>Confidence beside what people decided</title><rect width="100%" height="100%" fill="#fff"/>` +
    text(left, 24, `Confidence beside what people decided: ${String(decided)} decided${off}`, 'start', 15) +
    ticks +
    bars +
    `<line x1="${n(x(0))}" y1="${n(y(0))}" x2="${n(x(1))}" y2="${n(y(1))}" stroke="${COLOURS.ink}" stroke-opacity="0.6"/>` +
    mark +
    text(
      left + plot / 2,
      top + tall + 38,
      'confidence that was stated; in each column, how many; on the line it would be right',
      'middle',
    ) +
    key +
    '</svg>\n'
  );
}

function bar(bin: Bin, x: (value: number) => number, y: (share: number) => number): string {
  if (bin.of === 0) return '';
  const gap = 3;
  const from = x(bin.from) + gap;
  const wide = x(bin.to) - x(bin.from) - 2 * gap;
  let below = 0;
  const parts = (['approved', 'edited', 'rejected'] as const).map((name) => {
    const share = bin[name] / bin.of;
    const high = y(below) - y(below + share);
    below += share;
    return share === 0
      ? ''
      : `<rect x="${n(from)}" y="${n(y(below))}" width="${n(wide)}" height="${n(high)}" fill="${COLOURS[name]}"/>`;
  });
  return parts.join('') + text(from + wide / 2, y(0) - 6, String(bin.of), 'middle', 11, '#fff');
}

function text(x: number, y: number, said: string, anchor = 'start', size = 12, fill = COLOURS.ink): string {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" font-size="${n(size)}" fill="${fill}">${said}</text>`;
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Two places, and no nought that says nothing. */
export function figure(value: number): string {
  return String(Math.round(value * 100) / 100);
}
