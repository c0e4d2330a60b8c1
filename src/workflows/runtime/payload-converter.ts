/**
 * Decoding happens before any handler: with the default converter one signal of bad JSON, or of an unknown encoding,
 * fails the workflow task for ever and hides every good signal behind it. This one never throws on what can never
 * decode; it puts a sentinel in its place, which every parser refuses by name.
 */
import { DefaultPayloadConverter, type Payload } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/encoding';
import type { Undecodable } from '../../domain/json';

class TotalPayloadConverter extends DefaultPayloadConverter {
  override fromPayload<T>(...[payload, ...rest]: Parameters<DefaultPayloadConverter['fromPayload']>): T {
    try {
      return super.fromPayload<T>(payload, ...(rest as []));
    } catch {
      return sentinel(payload) as T;
    }
  }
}

function sentinel(payload: Payload): Undecodable {
  const encoding = payload.metadata?.['encoding'];
  return {
    __undecodable: true,
    encoding: encoding === undefined || encoding === null ? 'none' : text(encoding),
    bytes: payload.data?.length ?? 0,
  };
}

function text(bytes: Uint8Array): string {
  try {
    return decode(bytes).slice(0, 100);
  } catch {
    return 'unreadable';
  }
}

export const payloadConverter = new TotalPayloadConverter();
