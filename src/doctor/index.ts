/** Looks at everything a worker needs; what one check finds keeps no other from looking. */
import type { Config } from '../config';
import { connect, connectionOptions, UnreachableError, type Target } from '../connection';
import { messageOf } from '../domain/message';
import { fail, warn, type Check } from './check';
import { checkGone, checkPolicy, checkReviewers } from './files';
import { checkActions, checkNode, checkStore } from './local';
import { checkModels } from './model';
import { checkRevoked } from './revoked';
import {
  checkAttributes,
  checkClock,
  checkNamespace,
  checkServer,
  checkWorkers,
  type Server,
} from './server';
import { checkKeys } from './workers';
import { checkWriters } from './writers';

export type { Check } from './check';

export interface Report {
  readonly checks: readonly Check[];
  /** Whether a server answered. */
  readonly reached: boolean;
}

export async function examine(config: Config, target: Target): Promise<Report> {
  const local = Promise.all([
    checkNode(),
    checkStore(config),
    checkModels(config.models),
    checkActions(config),
    checkPolicy(config),
    checkReviewers(config),
    checkGone(config),
    checkKeys(config),
    checkWriters(config),
  ]);
  const { reached, checks } = await examineServer(config, target);
  const [node, ...rest] = await local;
  return { reached, checks: [node, ...checks, ...rest.flat()] };
}

async function examineServer(config: Config, target: Target): Promise<Report> {
  let server: Server;
  try {
    server = await connect(target);
  } catch (error) {
    const unreachable = error instanceof UnreachableError;
    const skipped = ['namespace', 'attributes', 'worker', 'clock', 'revoked'].map((name) =>
      warn(name, 'not looked at: no server'),
    );
    const mend = unreachable
      ? 'countersign dev, or name yours with --address or TEMPORAL_ADDRESS'
      : 'check the TEMPORAL_* variables and the profile';
    return { reached: false, checks: [fail('temporal', firstSentence(error, target), mend), ...skipped] };
  }
  try {
    const about = await Promise.all([checkServer(server), checkNamespace(server)]);
    const within = about.every(({ status }) => status !== 'fail')
      ? await Promise.all([
          checkAttributes(server),
          checkWorkers(server, config),
          checkClock(server),
          checkRevoked(server, config),
        ])
      : ['attributes', 'worker', 'clock', 'revoked'].map((name) => warn(name, 'not looked at: no namespace'));
    return { reached: true, checks: [...about, ...within] };
  } finally {
    await server.connection.close();
  }
}

function firstSentence(error: unknown, target: Target): string {
  if (error instanceof UnreachableError) return `no server answers at ${connectionOptions(target).address}`;
  return messageOf(error);
}
