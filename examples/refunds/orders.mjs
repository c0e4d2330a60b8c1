// Makes the shop's database: 300 orders, the same ones every time, and a few refunds from before Countersign.
//
//   node examples/refunds/orders.mjs refunds.db
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';

const FIRST = 1001;
const COUNT = 300;

const GIVEN = [
  'Ada',
  'Bruno',
  'Chiara',
  'Dilan',
  'Emeka',
  'Freya',
  'Goran',
  'Hana',
  'Ines',
  'Jonas',
  'Kirsten',
];
const FAMILY = ['Adler', 'Brandt', 'Costa', 'Demir', 'Eze', 'Fischer', 'Grant', 'Horvat', 'Ito', 'Jensen'];
const ITEMS = [
  ['kettle', 3990],
  ['desk lamp', 5490],
  ['wool blanket', 7900],
  ['coffee grinder', 12900],
  ['bread knife', 2450],
  ['bookshelf', 18900],
  ['rain jacket', 9950],
  ['bicycle light', 1999],
];

/** Money in cents. The second row of columns is the schema of `refunds`, whose key is the approval's. */
const SCHEMA = [
  `CREATE TABLE orders (
     id INTEGER PRIMARY KEY, customer TEXT NOT NULL, items TEXT NOT NULL, ordered_on TEXT NOT NULL,
     currency TEXT NOT NULL, total_cents INTEGER NOT NULL CHECK (total_cents > 0))`,
  `CREATE TABLE refunds (
     key TEXT PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
     amount_cents INTEGER NOT NULL CHECK (amount_cents > 0), currency TEXT NOT NULL, reason TEXT NOT NULL,
     workflow_id TEXT, digest TEXT)`,
];

export function orders() {
  return Array.from({ length: COUNT }, (_, index) => {
    const [item, price] = ITEMS[(index * 5) % ITEMS.length];
    const quantity = 1 + (index % 7 === 3 ? 2 : 0);
    return {
      id: FIRST + index,
      customer: `${GIVEN[(index * 3) % GIVEN.length]} ${FAMILY[(index * 7) % FAMILY.length]}`,
      items: `${quantity} × ${item}`,
      orderedOn: new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10),
      currency: index % 3 === 2 ? 'USD' : 'EUR',
      totalCents: quantity * price,
    };
  });
}

/** Every 25th order has had half of its price back already. */
function earlierRefunds(all) {
  return all
    .filter(({ id }) => id % 25 === 0)
    .map(({ id, totalCents, currency }) => ({ id, currency, amountCents: Math.floor(totalCents / 2) }));
}

/** @param file that must not be there yet */
export async function makeOrders(file) {
  if (existsSync(file)) throw new Error(`${file} is there already; delete it, or name another file`);
  const client = createClient({ url: pathToFileURL(path.resolve(file)).href });
  try {
    const all = orders();
    await client.batch(
      [
        ...SCHEMA,
        ...all.map((one) => ({
          sql: 'INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)',
          args: [one.id, one.customer, one.items, one.orderedOn, one.currency, one.totalCents],
        })),
        ...earlierRefunds(all).map(({ id, amountCents, currency }) => ({
          sql: 'INSERT INTO refunds (key, order_id, amount_cents, currency, reason) VALUES (?, ?, ?, ?, ?)',
          args: [`by-hand-${id}`, id, amountCents, currency, 'by hand, before Countersign'],
        })),
      ],
      'write',
    );
    return all.length;
  } finally {
    client.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = process.argv[2];
  if (file === undefined) {
    process.stderr.write('usage: node examples/refunds/orders.mjs <file>\n');
    process.exitCode = 2;
  } else {
    process.stdout.write(`${await makeOrders(file)} orders in ${file}\n`);
  }
}
