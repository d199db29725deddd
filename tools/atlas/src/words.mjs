/** A comma-separated list as a set. */
export const words = (text) =>
  new Set(
    text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  );
