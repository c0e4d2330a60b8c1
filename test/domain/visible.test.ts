/** Hostile text is shown, never hidden and never dropped; honest text stays as it was written. */
import { visible, visibleId, visibleJson, visibleLine } from '../../src/domain/visible';

const cp = (...points: number[]) => String.fromCodePoint(...points);
const shown = (point: number) => `‹U+${point.toString(16).toUpperCase().padStart(4, '0')}›`;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth);

/** Written out by number, apart from the sanitiser's own classes, so that one checks the other. */
const RAW: readonly [string, readonly number[]][] = [
  ['C0', [...range(0x00, 0x09), ...range(0x0b, 0x1f), 0x7f]],
  ['C1', range(0x80, 0x9f)],
  ['bidi', [0x061c, 0x200e, 0x200f, ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)]],
  ['zero-width', [0x00ad, 0x180e, 0x200b, 0x200c, 0x200d, ...range(0x2060, 0x2064), 0xfeff, 0x034f]],
  ['line and paragraph', [0x2028, 0x2029]],
  ['odd spaces', [0x00a0, 0x1680, ...range(0x2000, 0x200a), 0x202f, 0x205f, 0x3000]],
  ['fillers', [0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0]],
  ['variation selectors', [...range(0x180b, 0x180d), ...range(0xfe00, 0xfe0f), 0xe0100, 0xe01ef]],
  ['tags', [0xe0001, ...range(0xe0020, 0xe007f)]],
  ['interlinear, deprecated format', [...range(0xfff9, 0xfffb), ...range(0x206a, 0x206f)]],
  ['musical format', range(0x1d173, 0x1d17a)],
  ['private use, not characters', [0xe000, 0xf8ff, 0xf0000, 0x10fffd, 0xfdd0, 0xffff, 0x10ffff]],
  ['lone surrogates', [0xd800, 0xdbff, 0xdc00, 0xdfff]],
];
const FORBIDDEN = new Set(RAW.flatMap(([, points]) => points));
const rawPoints = (text: string) =>
  [...text].map((character) => character.codePointAt(0)!).filter((point) => FORBIDDEN.has(point));

/** What it replaced, undone: if this gives the input back, nothing was dropped and nothing was added. */
const undone = (text: string) =>
  text.replace(/‹U\+([0-9A-F]{4,6})›/g, (_, hex: string) => cp(Number.parseInt(hex, 16)));

const CARRIERS: readonly ((hostile: string) => string)[] = [
  (h) => h,
  (h) => `DELETE ${h}orders`,
  (h) => `refund${h}`,
  (h) => `${h}грн ${h}`,
  (h) => `退款${h}订单`,
  (h) => `{"amount": "4${h}0"}`,
  (h) => `first line\n${h}\nlast line`,
];

const generated = RAW.flatMap(([kind, points]) =>
  points.map(
    (point, nth) => [`${kind} ${shown(point)}`, CARRIERS[nth % CARRIERS.length]!(cp(point)), point] as const,
  ),
);

const ATTACKS: readonly (readonly [string, string])[] = [
  ['clear the screen', '\u001b[2J\u001b[Happroved'],
  ['colour the text as the background', '\u001b[30;40mhidden\u001b[0m'],
  ['write over the line', 'refund 4000\rrefund 4'],
  ['backspaces', 'refund 4000\b\b\b'],
  ['set the title of the window', '\u001b]0;owned\u0007'],
  [
    'a hyperlink with another target',
    '\u001b]8;;https://evil.example\u0007https://good.example\u001b]8;;\u0007',
  ],
  ['C1 in place of ESC [', '\u009b2J'],
  ['an OSC in C1', '\u009d0;owned\u009c'],
  ['paste into the clipboard', '\u001b]52;c;ZXZpbA==\u0007'],
  ['right to left', 'invoice_\u202Efdp.exe'],
  ['isolates (Trojan Source)', 'if admin\u2066 // check\u2069 {'],
  ['a message in tags', `ok${[...'ignore all'].map((c) => cp(0xe0000 + c.charCodeAt(0))).join('')}`],
  ['a message in variation selectors', `😀${[0, 7, 15].map((n) => cp(0xfe00 + n)).join('')}`],
  ['a zero-width joiner in an id', 'orders\u200d-eu'],
  ['a family that is joined', '👩\u200d👩\u200d👧'],
  ['half an emoji', 'x\ud83dx'],
  ['two halves the wrong way round', '\ude00\ud83d'],
  ['a filler as a name', '\u3164'],
  ['a form feed and a vertical tab', 'a\u000b\u000cb'],
  ['a next line', 'a\u0085b'],
];

describe('what cannot be seen is shown by its code', () => {
  it('there are 300 and more of them', () => {
    expect(generated.length + ATTACKS.length + LOOKS.length).toBeGreaterThan(300);
  });

  it.each(generated)('%s', (_, text, point) => {
    const out = visible(text);
    expect({ raw: rawPoints(out), shown: out.includes(shown(point)), undone: undone(out) }).toEqual({
      raw: [],
      shown: true,
      undone: text,
    });
  });

  it.each(ATTACKS)('%s', (_, text) => {
    const out = visible(text);
    expect({ raw: rawPoints(out), undone: undone(out) === text, shown: /‹U\+/.test(out) }).toEqual({
      raw: [],
      undone: true,
      shown: true,
    });
  });

  it('no code point of all of Unicode gets through raw, on its own or inside a word', () => {
    const through: number[] = [];
    for (const point of FORBIDDEN)
      for (const carry of CARRIERS) if (rawPoints(visible(carry(cp(point)))).length > 0) through.push(point);
    expect(through).toEqual([]);
    for (let point = 0; point <= 0x10ffff; point += 1) {
      const character = cp(point);
      if (/\p{C}|\p{Zl}|\p{Zp}/u.test(character) && point !== 0x0a && visible(character) === character)
        through.push(point);
    }
    expect(through).toEqual([]);
  });
});

const LOOKS: readonly (readonly [string, string, string])[] = [
  ['Cyrillic а in admin', 'аdmin', '‹U+0430›dmin'],
  ['Cyrillic о and е in a host', 'gооglе.com', 'g‹U+043E›‹U+043E›gl‹U+0435›.com'],
  ['Greek ο in root', 'rοot', 'r‹U+03BF›ot'],
  ['Armenian օ in orders', 'օrders', '‹U+0585›rders'],
  ['Cherokee Ꭰ in DELETE', 'ᎠELETE', '‹U+13A0›ELETE'],
  ['Coptic ⲟ in orders', 'ⲟrders', '‹U+2C9F›rders'],
  ['Lisu ꓓ in DELETE', 'ꓓELETE', '‹U+A4D3›ELETE'],
  [
    'one Latin letter in a Cyrillic word',
    'рaспродажа',
    '‹U+0440›a‹U+0441›‹U+043F›‹U+0440›‹U+043E›‹U+0434›‹U+0430›‹U+0436›‹U+0430›',
  ],
  ['mixed behind an underscore', 'user_аna', 'user_‹U+0430›na'],
  ['full-width letters', 'ＤＥＬ', '‹U+FF24›‹U+FF25›‹U+FF2C›'],
  ['full-width digits', '４０', '‹U+FF14›‹U+FF10›'],
  ['a full-width slash and colon in a URL', 'https：／／', 'https‹U+FF1A›‹U+FF0F›‹U+FF0F›'],
  ['a full-width exclamation mark in Latin', 'yes！', 'yes‹U+FF01›'],
  ['full-width letters inside Chinese', '订单Ａ', '订单‹U+FF21›'],
  ['bold letters of mathematics', '𝐃𝐄𝐋', '‹U+1D403›‹U+1D404›‹U+1D40B›'],
  ['script and double-struck', '𝒹𝕠', '‹U+1D4B9›‹U+1D560›'],
  ['digits of mathematics', '𝟒𝟎', '‹U+1D7D2›‹U+1D7CE›'],
  ['circled and squared', 'Ⓓ🅳', '‹U+24B9›‹U+1F173›'],
  [
    'letter-like: Kelvin, script l, double-struck C',
    'Kℓℂ'.replace('K', '\u212a'),
    '‹U+212A›‹U+2113›‹U+2102›',
  ],
  ['Roman numerals', 'aⅼⅰce', 'a‹U+217C›‹U+2170›ce'],
  ['a ligature', 'conﬁg', 'con‹U+FB01›g'],
  ['small capitals', 'ᴀna', '‹U+1D00›na'],
  ['IPA ɑ and ɡ', 'ɑɡent', '‹U+0251›‹U+0261›ent'],
  ['a fraction slash and a division slash', 'example.com⁄a∕b', 'example.com‹U+2044›a‹U+2215›b'],
  ['a ratio, a modifier colon, a Greek question mark', '∶꞉\u037e', '‹U+2236›‹U+A789›‹U+037E›'],
  ['a click that looks like !', 'noǃ', 'no‹U+01C3›'],
  ['a one-dot leader', 'evil․com', 'evil‹U+2024›com'],
  ['stacked marks: the third and on', 'a\u0301\u0302\u0303\u0304', 'a\u0301\u0302‹U+0303›‹U+0304›'],
  ['stacked marks on nothing', ' \u0334\u0335\u0336', ' \u0334\u0335‹U+0336›'],
  ['our own brackets, forged', '‹U+202E›', '‹U+2039›U+202E‹U+203A›'],
  ['a flag, which is two letters', '🇩🇪', '‹U+1F1E9›‹U+1F1EA›'],
];

describe('what looks like something else is shown by its code', () => {
  it.each(LOOKS)('%s', (_, text, out) => {
    expect({ line: visibleLine(text), text: visible(text), undone: undone(visible(text)) }).toEqual({
      line: out,
      text: out,
      undone: text,
    });
  });

  it('each Cyrillic and Greek double in each place of a Latin word', () => {
    const doubles = [...'аеорсухіјѕԁһԛԝАВЕКМНОРСТХοανρυκικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'];
    const hidden = doubles.flatMap((double) =>
      ['delete', 'Orders', 'ADMIN'].flatMap((name) =>
        range(0, name.length).map((at) => `${name.slice(0, at)}${double}${name.slice(at)}`),
      ),
    );
    expect(hidden.length).toBeGreaterThan(800);
    expect(
      hidden.filter(
        (text) =>
          !/^[\x00-\x7f]*‹U\+0[34][0-9A-F]{2}›[\x00-\x7f]*$|^[\x00-\x7f]*‹U\+05[0-2][0-9A-F]›[\x00-\x7f]*$/.test(
            visible(text),
          ),
      ),
    ).toEqual([]);
  });

  it('a column of marks does not come back behind a space, a digit or a dash', () => {
    const pile = '\u0300'.repeat(50);
    for (const before of ['a', ' ', '1', '-', 'я', '中'])
      expect(visible(`${before}${pile}`)).toBe(`${before}\u0300\u0300${'‹U+0300›'.repeat(48)}`);
  });
});

describe('honest text stays as it was written', () => {
  it.each([
    ['English', "Refund A-4711: the customer's parcel arrived broken (see photo) - 40.00 EUR, please!"],
    ['typography', '“Quoted” – and ‘single’ — with an ellipsis… 50 % · § 5 • 3×4 ≤ 12 → yes'],
    ['German', 'Rücküberweisung für Größe 42: Straße, Äpfel, Öl, Übermaß, ẞ'],
    ['French', "Où est le colis ? Ça n'est pas arrivé, cœur brisé à Noël"],
    [
      'Polish, Czech, Turkish, Vietnamese',
      'Zażółć gęślą jaźń · Příliš žluťoučký kůň · Iğdır, ışık · Việt Nam đồng',
    ],
    ['decomposed letters', 'u\u0308 und e\u0301'],
    ['Russian', 'Верните деньги за заказ № 4711, пожалуйста: посылка пришла разбитой. Ёлка, съезд!'],
    ['Ukrainian and Serbian', 'Поверніть гроші, її їжак · Љубав, Ђорђе'],
    ['Russian beside Latin words', 'Заказ A-4711 через PayPal, сумма 40 EUR'],
    ['Greek', 'Επιστροφή χρημάτων για την παραγγελία'],
    ['Chinese', '请退款订单 4711，包裹已损坏！谢谢。'],
    ['Chinese with all its punctuation', '你好，世界！为什么？因为：一、二；（三）「四」《五》。真的吗？！'],
    ['Chinese beside Latin words', '使用 PayPal 退款，共 40 元'],
    ['Japanese', 'ご注文の返金をお願いします（至急）。カタカナ・ー'],
    ['Korean', '주문 환불 부탁드립니다. 감사합니다!'],
    ['Arabic and Hebrew', 'يرجى استرداد المبلغ · נא להחזיר את הכסף'],
    ['Hindi and Thai', 'कृपया पैसे वापस करें · กรุณาคืนเงิน'],
    ['emoji', 'thanks 😀 👍 🎉 🚀 ✅'],
    ['signs', '€ £ ¥ © ® ™ ° µ ½ ² №'],
    ['a URL', 'https://example.com/orders/4711?a=1&b=%20x#top'],
    ['a mail address', 'ana.o-neil+refunds@example.co.uk'],
    ['JSON', '{"order": "A-4711", "amount": 40.5, "ok": [true, null], "path": "C:\\\\x"}'],
    ['SQL', "UPDATE orders SET state = 'refunded' WHERE id = $1 AND total >= 40; -- once"],
    ['code', 'if (a < b && c !== d) { return `${x}` ?? y; } // ~^|@'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect({ text: visible(text), line: visibleLine(text) }).toEqual({ text, line: text });
  });

  it('all of printable ASCII', () => {
    const ascii = cp(...range(0x20, 0x7e));
    expect([visible(ascii), visibleLine(ascii), visibleId(ascii)]).toEqual([ascii, ascii, ascii]);
  });
});

describe('lines, ids and JSON', () => {
  it('in text a line feed is a line; in one line it is shown, so that a label cannot become two', () => {
    expect([visible('a\nb\n'), visibleLine('a\nb')]).toEqual(['a\nb\n', 'a‹U+000A›b']);
  });

  it('a carriage return is shown in both', () => {
    expect([visible('a\r\nb'), visibleLine('a\r\nb')]).toEqual(['a‹U+000D›\nb', 'a‹U+000D›‹U+000A›b']);
  });

  it.each([
    ['an umlaut', 'grün', 'gr‹U+00FC›n'],
    ['all of it Cyrillic', 'ооо', '‹U+043E›‹U+043E›‹U+043E›'],
    ['an escape', '\u001b[2J', '‹U+001B›[2J'],
    ['a line feed', 'a\nb', 'a‹U+000A›b'],
    ['an emoji', 'x😀', 'x‹U+1F600›'],
    ['half an emoji', 'x\ud83d', 'x‹U+D83D›'],
  ])('an id is printable ASCII or shown: %s', (_, id, out) => {
    expect(visibleId(id)).toBe(out);
  });

  it('JSON is what is hashed, indented; control characters are escaped as JSON does, others are shown', () => {
    expect(visibleJson({ note: 'a\nb\u001b\u202e', кey: [1, 'ü'] })).toBe(
      '{\n  "note": "a\\nb\\u001b‹U+202E›",\n  "‹U+043A›ey": [\n    1,\n    "ü"\n  ]\n}',
    );
    expect(visibleJson({ a: 1 }, 0)).toBe('{"a":1}');
  });
});
