/**
 * The shop's own action: `refund`. This is all that a person adds to Countersign; COUNTERSIGN_ACTIONS names this file.
 * REFUNDS_DB names the database (made by orders.mjs); without it, refunds.db beside this file.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineAction, PermanentError } from 'countersign/actions';
import { z } from 'zod';
import { readMessage } from './messages';
import { money, openShop } from './shop';

const file = path.resolve(process.env['REFUNDS_DB'] ?? path.join(__dirname, 'refunds.db'));
const shop = openShop(file);

const input = z.object({
  order: z.int().positive(),
  amount: z
    .number()
    .positive()
    .refine((amount) => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6, 'at most two decimals'),
  currency: z.enum(['EUR', 'USD']).optional(),
  reason: z.string().min(1).max(200),
});

const refund = defineAction({
  name: 'refund',
  input,
  risk: 'medium',

  async preview({ order: id, amount, currency }) {
    const order = shop.order(id);
    if (order === undefined) return { refused: `there is no order ${String(id)}` };
    const left = order.totalCents - order.refundedCents;
    const after = left - cents(amount);
    const row = {
      order: id,
      customer: order.customer,
      items: order.items,
      total: money(order.totalCents, order.currency),
      refundedSoFar: money(order.refundedCents, order.currency),
    };
    if (currency !== undefined && currency !== order.currency)
      return { ...row, refused: `the order was paid in ${order.currency}, not in ${currency}` };
    if (after < 0) return { ...row, refused: `only ${money(left, order.currency)} of what was paid is left` };
    return { ...row, wouldRemain: money(after, order.currency) };
  },

  // For the offline agent. A language model needs no such function: it is given the schema.
  recognise: (text) => readMessage(text, shop),

  async run({ order, amount, currency, reason }, { key, workflowId, digest }) {
    const row = shop.refund({ key, order, cents: cents(amount), currency, reason, workflowId, digest });
    // Trying again would not help: the sum is more than what is left, or the order is another one.
    if (row === undefined)
      throw new PermanentError(`order ${String(order)} has not that much left to refund`);
    return { order: row.order, refunded: money(row.cents, row.currency), key };
  },
});

function cents(amount: number): number {
  return Math.round(amount * 100);
}

/** The same database for the built-in action `sql`. */
export const databases = { shop: pathToFileURL(file).href };
export default [refund];
