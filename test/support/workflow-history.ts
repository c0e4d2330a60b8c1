/**
 * A history as the `temporal` CLI and the Web UI write it (ProtoJSON), and back. The SDK's own functions for it compare
 * classes, and fail where npm has installed protobufjs more than once; so the copy that made the messages is asked.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { temporal } from '@temporalio/proto';

export type History = temporal.api.history.v1.IHistory;

interface ProtoJson {
  toJson(type: unknown, message: unknown): unknown;
  fromJson(type: unknown, json: unknown): unknown;
}

function protoJson(): ProtoJson {
  const here = path.dirname(require.resolve('@temporalio/proto'));
  const own = createRequire(path.join(here, 'index.js'));
  return own('protobufjs/ext/protojson') as ProtoJson;
}

const { History: Type } = temporal.api.history.v1;

export function historyToJson(history: History): unknown {
  return protoJson().toJson(Type, Type.fromObject(history));
}

export function historyFromJson(json: unknown): History {
  return protoJson().fromJson(Type, json) as History;
}
