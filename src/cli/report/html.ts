/**
 * HTML in which no text can be anything but text: a template takes what was made here and numbers, so that a string that
 * nobody has made visible and escaped does not compile.
 */
import { cut } from '../../domain/cut';
import { visible, visibleLine } from '../output';

declare const made: unique symbol;
export type Html = string & { readonly [made]: true };

/** Characters of one text; what is left out is said, with where it is. */
const SHOWN = 4_000;

export function h(
  parts: TemplateStringsArray,
  ...values: readonly (Html | number | readonly Html[])[]
): Html {
  return parts.reduce((text, part, index) => {
    const value = values[index - 1] ?? '';
    return `${text}${Array.isArray(value) ? value.join('') : String(value)}${part}`;
  }) as Html;
}

export const NOTHING = h``;

function escaped(text: string): Html {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`) as Html;
}

function limited(text: string, show: (text: string) => string): Html {
  const head = cut(text, SHOWN);
  const left = text.length - head.length;
  const more =
    left === 0
      ? NOTHING
      : h` <strong>… ${left} more characters, which <code>countersign audit show</code> has</strong>`;
  return h`${escaped(show(head))}${more}`;
}

/** Somebody's words in a line: they cannot turn their neighbours around. */
export function words(text: string): Html {
  return h`<bdi>${limited(text, visibleLine)}</bdi>`;
}

/** Somebody's words over any number of lines, or JSON. */
export function block(text: string): Html {
  return h`<pre dir="auto">${limited(text, visible)}</pre>`;
}

export function json(value: unknown): Html {
  return value === undefined ? NOTHING : block(JSON.stringify(value, undefined, 2));
}

/** The beginning of a hash; a page that is only looked at needs no more, and the whole is in its title. */
export function short(hash: string): Html {
  if (!/^[0-9a-f]{64}$/.test(hash)) return words(hash);
  return h`<code title="${hash as Html}">${hash.slice(0, 12) as Html}</code>`;
}

export function when(at: string | undefined): Html {
  if (at === undefined) return NOTHING;
  const iso = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$/.exec(at);
  if (iso === null) return words(at);
  return h`<time datetime="${at as Html}">${iso[1] as Html} ${iso[2] as Html}</time>`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** The two largest units: `2 d 3 h`, `4 min 12 s`, `850 ms`. */
export function lasted(milliseconds: number | undefined): Html {
  if (milliseconds === undefined) return NOTHING;
  const ms = Math.round(milliseconds);
  const first = UNITS.findIndex(([, unit]) => Math.abs(ms) >= unit);
  if (first === -1) return h`${ms} ms`;
  const [name, unit] = UNITS[first] as (typeof UNITS)[number];
  const next = UNITS[first + 1];
  const whole = Math.trunc(ms / unit);
  const rest = next === undefined ? 0 : Math.trunc((ms % unit) / next[1]);
  const more = next === undefined || rest === 0 ? NOTHING : h` ${rest} ${next[0] as Html}`;
  return h`${whole} ${name as Html}${more}`;
}

export function some(count: number, one: string, many = `${one}s`): Html {
  return h`${count} ${escaped(count === 1 ? one : many)}`;
}

/** What comes between two of them is ours. */
export function joined(all: readonly Html[], between = ', '): Html {
  return all.join(between) as Html;
}

/** The first cell of a row says what the row is about. */
export function row([first = NOTHING, ...cells]: readonly Html[]): Html {
  return h`<tr><th scope="row">${first}</th>${cells.map((cell) => h`<td>${cell}</td>`)}</tr>\n`;
}

/** What stands before a table's rows, for rows that are not at hand yet; `TABLE_ENDS` closes it. */
export function tableBegins(caption: Html, heads: readonly string[]): Html {
  const columns = heads.map((head) => h`<th scope="col">${escaped(head)}</th>`);
  return h`<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${columns}</tr></thead>
<tbody>
`;
}
export const TABLE_ENDS = h`</tbody></table></div>\n`;

/** @param caption in words of ours, without markup */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Html[])[]): Html {
  if (rows.length === 0) return NOTHING;
  return h`${tableBegins(escaped(caption), heads)}${rows.map(row)}${TABLE_ENDS}`;
}

export function list(pairs: readonly (readonly [string, Html])[]): Html {
  const items = pairs
    .filter(([, value]) => value !== '')
    .map(([name, value]) => h`<div><dt>${escaped(name)}</dt><dd>${value}</dd></div>`);
  return h`<dl>${items}</dl>\n`;
}
