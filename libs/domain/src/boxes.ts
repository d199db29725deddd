import type { Box, Size } from '@atelier/contracts';

/**
 * A box of a picture as a box of what is drawn from it: the picture is scaled to cover the size and cut around its
 * centre. Null where nothing of the box is left.
 */
export function boxInCrop(box: Box, picture: Size, drawn: Size): Box | null {
  const scale = Math.max(drawn.widthPx / picture.widthPx, drawn.heightPx / picture.heightPx);
  const along = (from: number, length: number, picturePx: number, drawnPx: number): [number, number] | null => {
    const coveredPx = picturePx * scale;
    const offPx = (coveredPx - drawnPx) / 2;
    const start = Math.max(0, (from * coveredPx - offPx) / drawnPx);
    const end = Math.min(1, ((from + length) * coveredPx - offPx) / drawnPx);
    return end - start > 1e-6 ? [start, end - start] : null;
  };
  const horizontal = along(box.x, box.width, picture.widthPx, drawn.widthPx);
  const vertical = along(box.y, box.height, picture.heightPx, drawn.heightPx);
  if (!horizontal || !vertical) return null;
  return { x: horizontal[0], y: vertical[0], width: horizontal[1], height: vertical[1] };
}
