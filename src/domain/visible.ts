/**
 * The one sanitiser. Everything an agent or a sender wrote passes it before a terminal, Markdown or HTML sees it:
 * what cannot be seen, or looks like something else, is made visible as `‹U+202E›`; nothing is hidden or dropped.
 */

/** Control, format (bidi, zero-width, tags), surrogate, private-use, unassigned, separators and odd spaces, fillers. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
/**
 * Characters that only exist to look like others: full-width forms, mathematical and enclosed alphanumerics, Roman
 * numerals, small capitals, ligatures, and what passes for `:`, `;`, `.`, `/`, `!`. Not № and ™, which people write.
 */
const DISGUISED =
  /[\uff01-\uff5e\u{1d400}-\u{1d7ff}\u2460-\u24ff\u{1f100}-\u{1f1ff}\u2100-\u2115\u2117-\u2121\u2123-\u214f\u2160-\u217f\u0251\u0261\u1d00-\u1d7f\ufb00-\ufb06\u01c3\u037e\u2024\u2044\u2215\u2236\u29f8\ua789]/u;
/** Full-width punctuation beside Chinese, Japanese or Korean is how it is written: `你好，世界！`. At most three, or a long run costs its square. */
const EAST_ASIAN =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\u3001-\\u3003\\u3008-\\u3011';
const PARTS = new RegExp(
  `((?<=[${EAST_ASIAN}])[！（），：；？]{1,3}|[！（），：；？]{1,3}(?=[${EAST_ASIAN}]))|[\\p{L}\\p{M}\\p{N}_]+|[^\\p{L}\\p{M}\\p{N}_]`,
  'gu',
);
const LATIN = /\p{Script=Latin}/u;
/** Scripts whose letters pass for Latin ones. */
const LOOK_ALIKE =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u;
/** Marks that pile up on a letter until it covers its neighbours. */
const MARK = /\p{M}/u;

function code(character: string): string {
  return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** Text over any number of lines: line feeds stay, everything else that is unseen or disguised is shown by its code. */
export function visible(text: string): string {
  return text.split('\n').map(visibleLine).join('\n');
}

/** One line of text: line feeds are shown, too. */
export function visibleLine(text: string): string {
  return text.replace(PARTS, (part: string, asWritten: string | undefined) => asWritten ?? word(part));
}

/** An identifier: anything but printable ASCII is shown by its code. */
export function visibleId(text: string): string {
  return [...text].map((character) => (/[\x20-\x7e]/.test(character) ? character : code(character))).join('');
}

function word(part: string): string {
  const mixed = LATIN.test(part) && LOOK_ALIKE.test(part);
  let marks = 0;
  return [...part]
    .map((character) => {
      marks = MARK.test(character) ? marks + 1 : 0;
      const shown =
        UNSEEN.test(character) ||
        DISGUISED.test(character) ||
        marks > 2 ||
        (mixed && LOOK_ALIKE.test(character)) ||
        character === '‹' ||
        character === '›';
      return shown ? code(character) : character;
    })
    .join('');
}

/** A JSON value as text that is exactly what is hashed, indented, with every string made visible. */
export function visibleJson(value: unknown, indent = 2): string {
  return visible(JSON.stringify(value, undefined, indent));
}
