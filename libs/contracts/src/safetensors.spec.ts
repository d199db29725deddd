import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from './safetensors.js';

const file = {
  metadata: { step: '3', engineFingerprint: 'f' },
  tensors: [
    { name: 'output.0', shape: [2, 3], data: new Float32Array([1, -2, 0.5, Number.MAX_VALUE, 1e-40, -0]) },
    { name: 'output.1', shape: [1], data: new Float32Array([7]) },
  ],
};

/** Bytes of a header text followed by `bufferBytes` zeros. */
function crafted(header: string, bufferBytes: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + bufferBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('safetensors', () => {
  it('give back every bit of tensors and metadata', () => {
    expect(decodeSafetensors(encodeSafetensors(file))).toEqual(file);
  });

  it('align the buffer to 8 bytes, as the format asks of writers', () => {
    const bytes = encodeSafetensors(file);
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    expect(bytes[8]).toBe('{'.charCodeAt(0));
  });

  it('read from a view into a larger buffer', () => {
    const bytes = encodeSafetensors(file);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decodeSafetensors(larger.subarray(3))).toEqual(file);
  });

  it('cut off at any length are refused', () => {
    const bytes = encodeSafetensors(file);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError);
    }
  });

  it.each([
    ['bytes behind the end', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 8],
    ['a hole', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8],
    [
      'an overlap',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
    ],
    ['another type', '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}', 4],
    ['a negative length', '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}}', 0],
    ['metadata that is not text', '{"__metadata__":{"a":1}}', 0],
    ['a list as header', '[]', 0],
    ['null as an entry', '{"a":null}', 0],
    ['no JSON', '{"a"', 0],
  ])('with %s are refused', (_, header, bufferBytes) => {
    expect(() => decodeSafetensors(crafted(header, bufferBytes))).toThrow(SafetensorsError);
  });

  it('that declare a header of 2^63 bytes are refused', () => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true);
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError);
  });
});
