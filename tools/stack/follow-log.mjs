// Lines of a growing file, as `tail -F` shows them.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/** Calls `onLine` for every line from the start of the file on; returns the function that ends it. */
export function follow(file, onLine) {
  let offset = 0;
  let rest = '';
  const read = () => {
    if (!existsSync(file)) return;
    const descriptor = openSync(file, 'r');
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      while (offset < statSync(file).size) {
        const bytes = readSync(descriptor, chunk, 0, CHUNK_BYTES, offset);
        if (bytes === 0) return;
        offset += bytes;
        const lines = (rest + chunk.toString('utf8', 0, bytes)).split('\n');
        rest = lines.pop();
        lines.forEach(onLine);
      }
    } finally {
      closeSync(descriptor);
    }
  };
  const timer = setInterval(read, POLL_MS);
  return () => {
    clearInterval(timer);
    read();
  };
}
