import { createHash } from 'node:crypto';
import type { BlobRef } from '@atelier/contracts';
import {
  BlobConflictError,
  BlobNotFoundError,
  type BlobStore,
  BlobStoreUnavailableError,
  type Clock,
} from '@atelier/ports';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type ByteRange, checkRange, emptyRangeWithin, rangeHeader } from './byte-range.js';
import { ExpirySweep } from './expiry-sweep.js';
import { checkPrefix, keyOf, objectKeyOf } from './object-key.js';
import { asStoreError, isBucketThere, isLostRace, isMissing, isUnsatisfiableRange } from './s3-errors.js';
import { isExpired, metadataOf, type ObjectAnswer, refOf, type StoredObject, storedObjectOf } from './stored-object.js';

export interface S3BlobStoreOptions {
  /** Of another server than Amazon's; keys then follow the bucket in the path. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Absent: the SDK looks for them in its usual places. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly clock: Clock;
  /** Tries of one request, with growing pauses. @default 3 */
  readonly maxAttempts?: number;
  /** @default 10,000 */
  readonly requestTimeoutMs?: number;
}

const OPEN_RETRY_MS = 250;
/** A key whose object vanishes and comes back between two requests, so many times: not in a sound system. */
const MOST_LOST_RACES = 8;

/** Objects in a bucket of an S3 server that knows conditional writes (`If-None-Match`, `If-Match`). */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: Clock;
  readonly #sweep: ExpirySweep;

  constructor(options: S3BlobStoreOptions) {
    const { endpoint, region, credentials, maxAttempts = 3, requestTimeoutMs = 10_000 } = options;
    this.#bucket = options.bucket;
    this.#clock = options.clock;
    this.#client = new S3Client({
      region,
      maxAttempts,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(credentials === undefined ? {} : { credentials }),
      requestHandler: { connectionTimeout: 2_000, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
      // The content's sha256 is sent, stored and compared by us; a second checksum would only cost time.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.#sweep = new ExpirySweep({
      listKeys: () => this.list(''),
      head: (key) => this.#head(key),
      remove: (object) => this.#removeIfUnchanged(object),
      clock: options.clock,
    });
  }

  /** Makes the bucket where it is missing, and waits up to `withinMs` for a server that cannot be reached yet. */
  async ensureBucket(withinMs = 30_000): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    for (;;) {
      try {
        await this.#told(() => this.#client.send(new CreateBucketCommand({ Bucket: this.#bucket })));
        return;
      } catch (error) {
        if (isBucketThere(error)) return;
        const isLast = this.#clock.monotonicMs() + OPEN_RETRY_MS >= deadlineMs;
        if (!(error instanceof BlobStoreUnavailableError) || isLast) throw error;
      }
      await this.#clock.sleep(OPEN_RETRY_MS);
    }
  }

  async put(
    key: string,
    bytes: Uint8Array,
    { contentType, expiresAt }: { contentType: string; expiresAt?: number },
  ): Promise<BlobRef> {
    const Key = objectKeyOf(key);
    const content = Buffer.from(bytes);
    const digest = createHash('sha256').update(content).digest();
    const sha256 = digest.toString('hex');
    const write = (condition: { IfNoneMatch: '*' } | { IfMatch: string }) =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key,
          Body: content,
          ContentType: contentType,
          ChecksumSHA256: digest.toString('base64'),
          Metadata: metadataOf(sha256, expiresAt),
          ...condition,
        }),
      );
    return this.#told(async () => {
      let present: StoredObject | null = null;
      for (let lost = 0; lost < MOST_LOST_RACES; lost += 1) {
        try {
          // An expired object gives way to the next writer, and to exactly one.
          await write(present === null ? { IfNoneMatch: '*' } : { IfMatch: present.etag });
          return { key, bytes: content.length, sha256, contentType };
        } catch (error) {
          if (!isLostRace(error) && !(present !== null && isMissing(error))) throw error;
        }
        present = await this.#head(key);
        if (present === null || isExpired(present, this.#clock.now())) continue;
        // Ours, if the answer to an earlier try was lost on the way.
        if (present.sha256 === sha256) return refOf(present);
        throw new BlobConflictError(key);
      }
      throw new BlobStoreUnavailableError(`blob ${key} could not be written: its object keeps changing`);
    });
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array> {
    const Key = objectKeyOf(key);
    if (range !== undefined) checkRange(range);
    return this.#told(async () => {
      if (range !== undefined && range.start === range.endExclusive) return this.#emptyRange(key, range);
      try {
        const Range = range === undefined ? {} : { Range: rangeHeader(range) };
        const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key, ...Range }));
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
        if (!this.#isSound(key, answer, range === undefined ? bytes : null)) throw new BlobNotFoundError(key);
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      } catch (error) {
        if (isMissing(error)) throw new BlobNotFoundError(key);
        if (range !== undefined && isUnsatisfiableRange(error)) return this.#emptyRange(key, range);
        throw error;
      }
    });
  }

  async head(key: string): Promise<BlobRef | null> {
    objectKeyOf(key);
    const object = await this.#told(() => this.#head(key));
    return object === null || isExpired(object, this.#clock.now()) ? null : refOf(object);
  }

  async delete(key: string): Promise<void> {
    const Key = objectKeyOf(key);
    await this.#told(() => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key })));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    checkPrefix(prefix);
    let ContinuationToken: string | undefined;
    do {
      const page = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      });
      const answer = await this.#told(() => this.#client.send(page));
      for (const { Key = '' } of answer.Contents ?? []) {
        const key = keyOf(Key);
        if (key !== null) yield key;
      }
      ContinuationToken = answer.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  /**
   * An address from which anybody may read the object until `validForMs` are over or the object expires, whichever is
   * first. Throws `BlobNotFoundError` where there is nothing to read.
   */
  async signedUrl(key: string, validForMs: number): Promise<string> {
    const Key = objectKeyOf(key);
    const object = await this.#told(() => this.#head(key));
    const now = this.#clock.now();
    if (object === null || isExpired(object, now)) throw new BlobNotFoundError(key);
    const leftMs = object.expiresAt === null ? validForMs : Math.min(validForMs, object.expiresAt - now);
    return getSignedUrl(this.#client, new GetObjectCommand({ Bucket: this.#bucket, Key }), {
      expiresIn: Math.max(1, Math.floor(leftMs / 1_000)),
    });
  }

  /** Removes expired objects. Returns how many went. */
  sweep(): Promise<number> {
    return this.#told(() => this.#sweep.run());
  }

  close(): void {
    this.#client.destroy();
  }

  async #head(key: string): Promise<StoredObject | null> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: objectKeyOf(key) });
      return storedObjectOf(key, await this.#client.send(command));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** `bytes`: the whole content, to be compared with its checksum; null where only a part was read. */
  #isSound(key: string, answer: ObjectAnswer, bytes: Uint8Array | null): boolean {
    const object = storedObjectOf(key, answer);
    if (object === null || isExpired(object, this.#clock.now())) return false;
    return bytes === null || createHash('sha256').update(bytes).digest('hex') === object.sha256;
  }

  async #emptyRange(key: string, range: ByteRange): Promise<Uint8Array> {
    const object = await this.#head(key);
    if (object === null || isExpired(object, this.#clock.now())) throw new BlobNotFoundError(key);
    return emptyRangeWithin(range, object.bytes);
  }

  /** The key may belong to a new object by now. */
  async #removeIfUnchanged({ key, etag }: StoredObject): Promise<boolean> {
    try {
      const target = { Bucket: this.#bucket, Key: objectKeyOf(key), IfMatch: etag };
      await this.#client.send(new DeleteObjectCommand(target));
      return true;
    } catch (error) {
      if (isMissing(error) || isLostRace(error)) return false;
      throw error;
    }
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error);
    }
  }
}
