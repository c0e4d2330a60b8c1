/** What a check says, and how one that goes wrong in an unexpected way still says something. */
import { messageOf } from '../domain/message';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly says: string;
  /** What to do: a command or a sentence, one a line. */
  readonly mend?: readonly string[];
}

export const ok = (name: string, says: string): Check => ({ name, status: 'ok', says });
export const warn = (name: string, says: string, ...mend: string[]): Check => ({
  name,
  status: 'warn',
  says,
  ...(mend.length > 0 ? { mend } : {}),
});
export const fail = (name: string, says: string, ...mend: string[]): Check => ({
  name,
  status: 'fail',
  says,
  mend,
});

/** Milliseconds that a check may take. */
const WITHIN = 15_000;

/** One check; an error or a silence is a failure with the mend that fits most. Never rejects. */
export async function checked(name: string, mend: string, check: () => Promise<Check>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => {
      resolve(fail(name, `no answer within ${String(WITHIN / 1000)} s`, mend));
    }, WITHIN);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return fail(name, messageOf(error), mend);
  } finally {
    clearTimeout(timer);
  }
}
