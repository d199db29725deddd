/** Partition of a key: FNV-1a over its UTF-16 units, so that a key stays on its partition for the life of a topic. */
export function partitionOfKey(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  // FNV's low bits are its weakest: fold the high half in before the remainder is taken.
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}
