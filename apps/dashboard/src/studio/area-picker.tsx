import { useRef, useState } from 'react';
import type { Area } from './edits.js';

interface AreaPickerProps {
  readonly url: string;
  readonly area: Area | null;
  readonly onArea: (area: Area | null) => void;
}

/** Smaller areas are a slip of the hand. */
const SMALLEST_SHARE = 0.03;

/** A picture on which a rectangle can be drawn by dragging. */
export function AreaPicker({ url, area, onArea }: AreaPickerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [start, setStart] = useState<{ x: number; y: number } | null>(null);
  const [drawn, setDrawn] = useState<Area | null>(null);
  const pointOf = (event: React.PointerEvent): { x: number; y: number } => {
    const { left, top, width, height } = (frame.current as HTMLDivElement).getBoundingClientRect();
    const share = (value: number): number => Math.min(1, Math.max(0, value));
    return { x: share((event.clientX - left) / width), y: share((event.clientY - top) / height) };
  };
  const shown = drawn ?? area;
  return (
    <div
      ref={frame}
      className="area-picker"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        setStart(pointOf(event));
      }}
      onPointerMove={(event) => start && setDrawn(between(start, pointOf(event)))}
      onPointerUp={(event) => {
        if (!start) return;
        const made = between(start, pointOf(event));
        setStart(null);
        setDrawn(null);
        onArea(made.width < SMALLEST_SHARE || made.height < SMALLEST_SHARE ? null : made);
      }}
      onPointerCancel={() => {
        setStart(null);
        setDrawn(null);
      }}
    >
      <img src={url} alt="To be changed" draggable={false} />
      {shown && (
        <span
          className="area"
          style={{
            left: `${100 * shown.x}%`,
            top: `${100 * shown.y}%`,
            width: `${100 * shown.width}%`,
            height: `${100 * shown.height}%`,
          }}
        />
      )}
    </div>
  );
}

export function between(a: { x: number; y: number }, b: { x: number; y: number }): Area {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}
