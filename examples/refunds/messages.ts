/**
 * Reads what a customer wrote, by rules: which order, how much, and how sure one can be of either. It believes nothing:
 * whatever it reads goes to a person, with the customer's own words beside it.
 */
import type { Recognised } from 'countersign/actions';
import { money, type Order, type Shop } from './shop';

interface Args {
  readonly order: number;
  readonly amount: number;
  readonly currency: 'EUR' | 'USD';
  readonly reason: string;
}

/** "refund", also where a finger slipped; "money back"; "zurück", "erstatten". */
const WANTS = /\bre?fu?n?u?d|\brefudn|\breimburs|\bmon(?:e|i)?y back|\berstatt|\brückerstatt|\bzurück/iu;
/** "#1042", "order 1042", "order no. 1042", "Bestellung 1042", "Bestellnr. 1042". */
const ORDER =
  /(?:#\s*|\b(?:order|oder|bestellung|bestell-?nr\.?)\s*(?:(?:no|nr|number|nummer)\b\.?)?\s*[:#]?\s*)(\d{3,6})\b/giu;
const NUMBER = String.raw`\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{1,2})?`;
/** "$19.99", "€ 20", "20 euros", "20,50 EUR", and a bare number right after "refund". */
const AMOUNT = new RegExp(
  String.raw`(?<before>[$€])\s*(?<one>${NUMBER})(?!\d)|(?<two>${NUMBER})\s*(?<after>€|\$|euros?\b|eur\b|usd\b|dollars?\b|bucks\b)|\brefund\s+(?<bare>${NUMBER})(?!\d)`,
  'giu',
);
const HALF = /\bhalf\b|\bhälfte\b/iu;
const FULL =
  /\b(?:full|whole|entire|complete)\b|\ball of (?:it|my money)\b|\b(?:ganze|volle|komplette?)[nrs]?\b/iu;
const UNSEEN = /[^\P{C}\n\r\t]/u;

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/broke|crack|damag|smash|kaputt|beschädigt|zerbrochen/iu, 'arrived damaged'],
  [/\blate\b|weeks|never (?:came|arrived)|zu spät/iu, 'arrived late or never'],
  [/wrong|not what i ordered|falsch/iu, 'wrong item'],
  [/twice|double|doppelt/iu, 'charged twice'],
];

export function readMessage(text: string, shop: Shop): Recognised<Args> | undefined {
  if (!WANTS.test(text)) return undefined;
  const named = [...new Set([...text.matchAll(ORDER)].map((match) => Number(match[1])))];
  const order = named.map((id) => shop.order(id)).find((found) => found !== undefined);
  if (order === undefined) return undefined;
  const asked = amountIn(text, order);
  const doubts = [
    ...asked.doubts,
    ...(named.length > 1 ? [`the message names ${String(named.length)} orders`] : []),
    ...(asked.cents > order.totalCents - order.refundedCents
      ? ['this is more than what is left of the price']
      : []),
    ...(UNSEEN.test(text) ? ['the message holds characters that cannot be seen'] : []),
  ];
  const amount = asked.cents / 100;
  return {
    args: { order: order.id, amount, currency: order.currency, reason: reasonIn(text) },
    title: `Refund ${money(asked.cents, order.currency)} on order ${String(order.id)}`,
    rationale: [
      `The customer asks for ${asked.words}.`,
      ...doubts.map((doubt) => `In doubt: ${doubt}.`),
    ].join(' '),
    evidence: [
      { label: 'The customer wrote', value: text },
      { label: `Order ${String(order.id)}`, value: described(order) },
    ],
    confidence: Math.max(0.1, Math.round((asked.sure - 0.3 * doubts.length) * 100) / 100),
  };
}

interface Asked {
  readonly cents: number;
  readonly words: string;
  /** 0–1, before the doubts. */
  readonly sure: number;
  readonly doubts: readonly string[];
}

/** A sum in figures comes before "half", and "half" before "full". */
function amountIn(text: string, order: Order): Asked {
  const left = order.totalCents - order.refundedCents;
  const sums = [...text.replace(ORDER, ' ').matchAll(AMOUNT)].map(({ 0: words, groups = {} }) => ({
    words: words.trim(),
    cents: centsOf(groups['one'] ?? groups['two'] ?? groups['bare'] ?? ''),
    currency: currencyOf(groups['before'] ?? groups['after']),
  }));
  const [sum] = sums.filter(({ cents }) => cents > 0);
  if (sum !== undefined) {
    const others = new Set(sums.map(({ cents }) => cents)).size > 1;
    const foreign = sum.currency !== undefined && sum.currency !== order.currency;
    return {
      cents: sum.cents,
      words: `"${sum.words}"`,
      sure: 0.9,
      doubts: [
        ...(others ? ['the message names several sums'] : []),
        ...(foreign ? [`the order was paid in ${order.currency}`] : []),
      ],
    };
  }
  if (HALF.test(text))
    return { cents: Math.floor(order.totalCents / 2), words: 'half', sure: 0.8, doubts: [] };
  if (FULL.test(text)) return { cents: Math.max(left, 1), words: 'all of it', sure: 0.8, doubts: [] };
  return {
    cents: Math.max(left, 1),
    words: 'money back',
    sure: 0.65,
    doubts: ['no sum is named, so this is all that is left'],
  };
}

/** "1,299.00", "1.299,00", "20,5": the last separator parts the cents where one or two digits follow it. */
function centsOf(number: string): number {
  const [, whole = '', part = ''] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(number) ?? [];
  return Number(whole.replace(/[.,]/g, '')) * 100 + Number(part.padEnd(2, '0'));
}

function currencyOf(sign: string | undefined): Order['currency'] | undefined {
  if (sign === undefined) return undefined;
  return /^(?:€|eur)/iu.test(sign) ? 'EUR' : 'USD';
}

function reasonIn(text: string): string {
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'asked for by the customer';
}

function described({ customer, items, orderedOn, totalCents, refundedCents, currency }: Order): string {
  return `${customer}, ${items}, ${orderedOn}, ${money(totalCents, currency)}, refunded so far ${money(refundedCents, currency)}`;
}
