import { randomBytes } from 'node:crypto';
import { link, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, makeDirectory, unlessMissing } from './durable-files.js';

const HOUR_MS = 3_600_000;

/**
 * Finds expired objects without reading all of them: each object that expires has a second hard link in a directory
 * of its hour. The link is made before the object appears, so that no object can escape the sweep.
 */
export class ExpiryIndex {
  constructor(private readonly directory: string) {}

  entryFor(expiresAt: number): string {
    return `${hourOf(expiresAt)}/${randomBytes(12).toString('hex')}`;
  }

  path(entry: string): string {
    return join(this.directory, entry);
  }

  async add(entry: string, objectFile: string): Promise<void> {
    const hour = join(this.directory, entry.slice(0, entry.indexOf('/')));
    for (let attempt = 1; ; attempt += 1) {
      await makeDirectory(hour);
      try {
        return await link(objectFile, this.path(entry));
      } catch (error) {
        // The sweep may have removed the emptied hour in between.
        if (!hasCode(error, 'ENOENT') || attempt === 5) throw error;
      }
    }
  }

  async remove(entry: string): Promise<void> {
    await rm(this.path(entry), { force: true });
  }

  /** Entries of every hour that has begun: some of them may expire later in the current one. */
  async *due(now: number): AsyncGenerator<string> {
    const hours = (await unlessMissing(readdir(this.directory))) ?? [];
    for (const hour of hours.sort()) {
      if (hour > hourOf(now)) return;
      for (const name of (await unlessMissing(readdir(join(this.directory, hour)))) ?? []) yield `${hour}/${name}`;
      if (hour < hourOf(now)) await this.removeHour(hour);
    }
  }

  private async removeHour(hour: string): Promise<void> {
    try {
      await rmdir(join(this.directory, hour));
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
    }
  }
}

/** Zero-padded, so that names sort as times do. */
const hourOf = (epochMs: number): string => String(Math.max(0, Math.floor(epochMs / HOUR_MS))).padStart(9, '0');
