/**
 * SQLite behind the `sql` action. The driver runs a statement synchronously and cannot be interrupted: an endless one,
 * which an agent may propose and a preview would run, would stop the whole worker. So the statement runs in a process
 * of its own, which is killed when its time is up. A kill is safe: SQLite rolls back what was not committed, and what
 * was committed holds its key. What a statement may do there is in sql-sqlite-authorizer.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { PermanentError } from './action';
import { childEnvironment } from './child-environment';
import { redactor, type SqlDatabase, type SqlLimits, type SqlResult, type Statement } from './sql-database';
import type { Reply, Request } from './sql-sqlite-process';

type Job = Pick<Request, 'statement' | 'effect' | 'lock'> & {
  readonly total: number;
  readonly signal: AbortSignal;
};

export function openSqlite(name: string, url: string, limits: SqlLimits): SqlDatabase {
  const redact = redactor(url);
  let child: ChildProcess | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  /** One after the other: SQLite has one writer, and so a kill hits only the statement that it is meant for. */
  function inTurn(job: Job): Promise<SqlResult> {
    const turn = last.then(() => {
      job.signal.throwIfAborted();
      if (closed) throw new Error(`database ${name} is closed`);
      if (child?.connected !== true || child.killed) child = start();
      return ask(child, { url, ...job }, job);
    });
    last = turn.catch(() => undefined);
    return turn.catch((error: unknown) => {
      const text = `database ${name}: ${redact(error instanceof Error ? error.message : String(error))}`;
      throw error instanceof PermanentError ? new PermanentError(text) : new Error(text);
    });
  }

  return {
    async preview(statement: Statement, signal) {
      const { rowsAffected } = await inTurn({
        statement,
        signal,
        lock: limits.preview.lock,
        total: limits.preview.statement,
      });
      return { rowsAffected };
    },
    run: (statement, effect, signal) =>
      inTurn({ statement, effect, signal, lock: limits.run.lock, total: limits.run.total }),
    async close() {
      closed = true;
      await last;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const leaving = child;
      await new Promise<void>((resolve) => {
        leaving.once('exit', () => {
          resolve();
        });
        if (leaving.connected) leaving.disconnect();
      });
    },
  };
}

function start(): ChildProcess {
  const child = fork(require.resolve('./sql-sqlite-process'), {
    // Built, it is JavaScript.
    execArgv: [
      '--expose-gc',
      ...(__filename.endsWith('.ts') ? ['--require', require.resolve('tsx/cjs')] : []),
    ],
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  // That it could not be started or reached is told to whoever asks; without a listener it would end this process.
  child.on('error', () => undefined);
  // An idle child keeps nobody alive; it leaves when this process does.
  idle(child);
  return child;
}

function idle(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

/** Its answer, or its end: a statement that was stopped, or whose lock must go, has ended before this rejects. */
function ask(child: ChildProcess, request: Request, { total, signal }: Job): Promise<SqlResult> {
  if (child.pid === undefined)
    return Promise.reject(new Error('the process for its statements cannot be started'));
  child.ref();
  child.channel?.ref();
  return new Promise<SqlResult>((resolve, reject) => {
    let why = 'the process that runs its statements ended; it is started again at the next attempt';
    const end = (reason: string): void => {
      why = reason;
      child.kill('SIGKILL');
    };
    const late = setTimeout(() => {
      end(`there was no answer within ${String(total)} ms, so it was stopped`);
    }, total);
    const aborted = (): void => {
      end('it was cancelled');
    };
    const answered = (reply: Reply): void => {
      if (reply.ok)
        settle(() => {
          resolve(reply.result);
        });
      else if (reply.permanent)
        settle(() => {
          reject(new PermanentError(reply.message));
        });
      // A COMMIT that met a lock may keep one of its own until it is garbage; the end of its process lets it go.
      else end(reply.message);
    };
    const gone = (): void => {
      settle(() => {
        reject(new Error(why));
      });
    };
    const settle = (then: () => void): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', aborted);
      child.off('message', answered).off('exit', gone);
      idle(child);
      then();
    };
    signal.addEventListener('abort', aborted, { once: true });
    child.on('message', answered).on('exit', gone);
    const { url, statement, effect, lock } = request;
    child.send({ url, statement, effect, lock }, (error) => {
      if (error !== null) end(`its process cannot be reached: ${error.message}`);
    });
  });
}
