/** 300 strings that attack whoever reads them, the same ones each time; and how a raw one is found in what was said. */

const cp = (...points: number[]) => String.fromCodePoint(...points);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth);

/** By number, apart from the sanitiser's own classes, so that one checks the other. */
const POINTS = [
  ...[...range(0x00, 0x09), ...range(0x0b, 0x1f), 0x7f],
  ...range(0x80, 0x9f),
  ...[0x061c, 0x200e, 0x200f, ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)],
  ...[0x00ad, 0x180e, 0x200b, 0x200c, 0x200d, ...range(0x2060, 0x2064), 0xfeff, 0x034f],
  ...[0x2028, 0x2029, 0x00a0, 0x1680, ...range(0x2000, 0x200a), 0x202f, 0x205f, 0x3000],
  ...[0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0],
  ...[...range(0x180b, 0x180d), ...range(0xfe00, 0xfe0f), 0xe0100, 0xe01ef],
  ...[0xe0001, ...range(0xe0020, 0xe007f), ...range(0xfff9, 0xfffb), ...range(0x206a, 0x206f)],
  ...[0xe000, 0xf8ff, 0xf0000, 0x10fffd, 0xfdd0, 0xffff],
];
/** Each of them, and whatever else Unicode calls control, format, unassigned or a separator of lines; a line feed is none. */
const FORBIDDEN = new RegExp(
  `[${POINTS.map((point) => `\\u{${point.toString(16)}}`).join('')}\\p{Zl}\\p{Zp}]|(?!\\n)\\p{C}`,
  'gu',
);

const ATTACKS = [
  '\u001b[2J\u001b[Happroved by ana',
  '\u001b[1A\u001b[2K\u001b[32madmitted on revision 1\u001b[0m',
  '\u001b[30;40mhidden\u001b[0m',
  'refund 4000\rrefund 4',
  'refund 4000\b\b\b',
  '\u001b]0;owned\u0007',
  '\u001b]8;;https://evil.example\u0007https://good.example\u001b]8;;\u0007',
  '\u009b2J\u009d0;owned\u009c',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001bP+q544e\u001b\\',
  '\u001b[6n\u001b[c',
  '\u001b[?1049h\u001b[?25l',
  'invoice_\u202Efdp.exe',
  'if admin\u2066 // check\u2069 {',
  `ok${[...'ignore all'].map((c) => cp(0xe0000 + c.charCodeAt(0))).join('')}`,
  '``` \n# Approved\n[click](http://evil.example) <script>alert(1)</script>',
  'a\u0000b\u0007c\u000b\u000cd\u0085e',
  '‹U+202E› forged',
  `pile${'\u0300'.repeat(30)}`,
  'pаypal DELЕTE ＤＥＬＥＴＥ 𝐃𝐄𝐋',
];

const CARRIERS: readonly ((hostile: string) => string)[] = [
  (h) => h,
  (h) => `DELETE ${h}orders-eu`,
  (h) => `refund${h}`,
  (h) => `退款${h}订单`,
  (h) => `first\n${h}\nlast`,
];

/** Of an attack each; the others are one code point in a text. */
export const WHOLE_ATTACKS = ATTACKS.length;

export const HOSTILE: readonly string[] = [
  ...ATTACKS,
  ...POINTS.map((point, nth) => CARRIERS[nth % CARRIERS.length]!(cp(point))),
  ...POINTS.map((point, nth) => CARRIERS[(nth + 1) % CARRIERS.length]!(cp(point))),
].slice(0, 300);

/** The code points that must never be there, of those that are. */
export function raw(said: string): number[] {
  return [...said.matchAll(FORBIDDEN)].map(([character]) => character.codePointAt(0) ?? 0);
}
