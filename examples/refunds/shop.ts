/** The shop's database, as the action needs it. Local and synchronous: a `recognise` answers at once. */
import { existsSync } from 'node:fs';
import Database from 'libsql';

export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly items: string;
  readonly orderedOn: string;
  readonly currency: 'EUR' | 'USD';
  readonly totalCents: number;
  readonly refundedCents: number;
}

export interface Refund {
  /** The approval's key: however often one approval runs, there is one row. */
  readonly key: string;
  readonly order: number;
  readonly cents: number;
  readonly currency: string | undefined;
  readonly reason: string;
  readonly workflowId: string;
  readonly digest: string;
}

export interface Shop {
  order(id: number): Order | undefined;
  /** The row under this key, whoever inserted it; undefined where the order has not that much left. */
  refund(refund: Refund): { order: number; cents: number; currency: string } | undefined;
}

const ORDER = `SELECT id, customer, items, ordered_on AS orderedOn, currency, total_cents AS totalCents,
  (SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE order_id = orders.id) AS refundedCents
  FROM orders WHERE id = ?`;

// One statement, so that two refunds at once cannot both take the last cent.
const REFUND = `INSERT INTO refunds (key, order_id, amount_cents, currency, reason, workflow_id, digest)
  SELECT ?, id, ?, currency, ?, ?, ? FROM orders
  WHERE id = ? AND currency = coalesce(?, currency)
    AND ? <= total_cents - (SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE order_id = orders.id)
  ON CONFLICT (key) DO NOTHING`;

const ROW = 'SELECT order_id AS "order", amount_cents AS cents, currency FROM refunds WHERE key = ?';

/** Opened when it is first needed, and then kept open. */
export function openShop(file: string): Shop {
  let opened: Database.Database | undefined;
  const database = () => {
    if (!existsSync(file))
      throw new Error(`there is no database ${file}; make it with node examples/refunds/orders.mjs ${file}`);
    return (opened ??= new Database(file, { timeout: 5_000 }));
  };
  return {
    order: (id) => database().prepare(ORDER).get(id) as Order | undefined,
    refund({ key, order, cents, currency, reason, workflowId, digest }) {
      database()
        .prepare(REFUND)
        .run(key, cents, reason, workflowId, digest, order, currency ?? null, cents);
      return database().prepare(ROW).get(key) as
        { order: number; cents: number; currency: string } | undefined;
    },
  };
}

export function money(cents: number, currency: string): string {
  return `${(cents / 100).toFixed(2)} ${currency}`;
}
