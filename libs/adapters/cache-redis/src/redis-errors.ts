/** Redis has answered, and said no: it is not away. */
export const isRefusal = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

export const isFull = (error: unknown): boolean => isRefusal(error) && error.message.startsWith('OOM');
