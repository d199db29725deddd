import { ListCursorError } from '@atelier/ports';

/** The last generation of a page: the next page starts behind it, whatever was added at the front since. */
interface Position {
  readonly createdAt: number;
  readonly id: string;
}

export const encodeCursor = ({ createdAt, id }: Position): string =>
  Buffer.from(`${createdAt} ${id}`).toString('base64url');

export const decodeCursor = (cursor: string): Position => {
  const match = Buffer.from(cursor, 'base64url')
    .toString('utf8')
    .match(/^(\d{1,15}) (gen_[0-9a-z]+)$/);
  if (match?.[1] === undefined || match[2] === undefined) throw new ListCursorError();
  return { createdAt: Number(match[1]), id: match[2] };
};
