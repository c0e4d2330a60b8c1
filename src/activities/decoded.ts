/** A payload of a history, as the worker's own data converter reads it: through its codecs, too. */
import { Context } from '@temporalio/activity';
import type { Payload } from '@temporalio/common';

/** Undefined where it cannot be decoded: nobody can have decided by it. */
export async function decoded(payload: Payload): Promise<unknown> {
  const { loadedDataConverter } = Context.current().client.options;
  try {
    const [plain] = await through(loadedDataConverter.payloadCodecs, [payload]);
    return plain === undefined ? undefined : loadedDataConverter.payloadConverter.fromPayload(plain);
  } catch {
    return undefined;
  }
}

type Codecs = Context['client']['options']['loadedDataConverter']['payloadCodecs'];

async function through(codecs: Codecs, payloads: Payload[]): Promise<Payload[]> {
  let plain = payloads;
  for (const codec of [...codecs].reverse()) plain = await codec.decode(plain);
  return plain;
}
