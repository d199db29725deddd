const DEFAULT_FRAME_BINS = 64;

/**
 * Positions of latent cells [images * rows * columns, 3] = (image index, row, column). Row and column are the centre
 * of the cell in bins of 1/frameBins of the picture's edge, so that a cell keeps its place when the resolution changes.
 */
export function cellPositions(
  imageIndices: readonly number[],
  rows: number,
  columns: number,
  frameBins: number = DEFAULT_FRAME_BINS,
): Float32Array {
  const positions = new Float32Array(imageIndices.length * rows * columns * 3);
  let at = 0;
  for (const image of imageIndices) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        positions[at++] = image;
        positions[at++] = (row + 0.5) * (frameBins / rows);
        positions[at++] = (column + 0.5) * (frameBins / columns);
      }
    }
  }
  return positions;
}
