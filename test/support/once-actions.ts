/** An action whose effect is a row under its key in PostgreSQL, and each of whose attempts leaves another. */
import { Pool } from 'pg';
import { z } from 'zod';
import { defineAction } from 'countersign/actions';

const pool = new Pool({
  connectionString: process.env['ONCE_TEST_DATABASE'],
  max: 4,
  allowExitOnIdle: true,
});

export default [
  defineAction({
    name: 'once',
    input: z.object({ n: z.int() }),
    risk: 'low',
    run: async ({ n }, { key }) => {
      await pool.query('INSERT INTO attempts (key, n) VALUES ($1, $2)', [key, n]);
      await pool.query('INSERT INTO effects (key, n) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [key, n]);
      return { n };
    },
  }),
];
