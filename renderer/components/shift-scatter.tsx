/**
 * One number of every sample under two models, on a canvas: below the dashed diagonal it fell. A click
 * picks the nearest dot.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import type { MouseEvent } from 'react';
import { dataColors } from '../theme.ts';

interface Props {
  before: Float64Array;
  after: Float64Array;
  names: [string, string];
  /** Row that is ringed; -1 for none. */
  picked: number;
  onPick: (row: number) => void;
}

const height = 300;
const inset = { left: 46, right: 10, top: 8, bottom: 34 };

function largest(...columns: Float64Array[]): number {
  let top = 0.01;
  for (const column of columns) for (const value of column) if (value > top) top = value;
  return top * 1.04;
}

export function ShiftScatter({ before, after, names, picked, onPick }: Props) {
  const scheme = useComputedColorScheme('light');
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const top = largest(before, after);
  const toX = (value: number): number =>
    inset.left + (value / top) * (width - inset.left - inset.right);
  const toY = (value: number): number =>
    height - inset.bottom - (value / top) * (height - inset.top - inset.bottom);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    drawFrame(context);
    const small = before.length > 5000;
    const many = before.length > 800;
    context.fillStyle = `${dataColors.strong[scheme]}${many ? '60' : 'a0'}`;
    for (let row = 0; row < before.length; row += 1) {
      const [x, y] = [toX(before[row] ?? 0), toY(after[row] ?? 0)];
      if (small) context.fillRect(x - 1, y - 1, 2, 2);
      else {
        context.beginPath();
        context.arc(x, y, many ? 1.8 : 3, 0, 2 * Math.PI);
        context.fill();
      }
    }
    if (picked < 0) return;
    context.strokeStyle = scheme === 'dark' ? '#ffffff' : '#111111';
    context.lineWidth = 2;
    context.beginPath();
    context.arc(toX(before[picked] ?? 0), toY(after[picked] ?? 0), 7, 0, 2 * Math.PI);
    context.stroke();
  }, [before, after, names[0], names[1], picked, scheme, width]);

  function drawFrame(context: CanvasRenderingContext2D): void {
    context.strokeStyle = scheme === 'dark' ? '#262b32' : '#e9ebee';
    context.fillStyle = scheme === 'dark' ? '#9aa2ae' : '#5c6570';
    context.font = '11px system-ui, sans-serif';
    context.lineWidth = 1;
    const stride = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2].find((step) => top / step <= 6) ?? 5;
    for (let value = 0; value <= top; value += stride) {
      const [x, y] = [Math.round(toX(value)) + 0.5, Math.round(toY(value)) + 0.5];
      context.beginPath();
      context.moveTo(x, inset.top);
      context.lineTo(x, height - inset.bottom);
      context.moveTo(inset.left, y);
      context.lineTo(width - inset.right, y);
      context.stroke();
      const text = value.toFixed(stride < 0.1 ? 2 : 1);
      context.textAlign = 'center';
      context.fillText(text, x, height - inset.bottom + 14);
      context.textAlign = 'right';
      context.fillText(text, inset.left - 6, y + 4);
    }
    context.textAlign = 'center';
    context.fillText(`${names[0]}, nats`, (inset.left + width) / 2, height - 4);
    context.save();
    context.translate(11, (height - inset.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(`${names[1]}, nats`, 0, 0);
    context.restore();
    context.strokeStyle = scheme === 'dark' ? '#5b6470' : '#a7afb9';
    context.setLineDash([5, 5]);
    context.beginPath();
    context.moveTo(toX(0), toY(0));
    context.lineTo(toX(top), toY(top));
    context.stroke();
    context.setLineDash([]);
  }

  const pickNearest = (event: MouseEvent): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = { row: -1, distance: 400 };
    for (let row = 0; row < before.length; row += 1) {
      const distance = (toX(before[row] ?? 0) - x) ** 2 + (toY(after[row] ?? 0) - y) ** 2;
      if (distance < best.distance) best = { row, distance };
    }
    if (best.row >= 0) onPick(best.row);
  };

  return (
    <div ref={ref} style={{ height, minWidth: 0 }}>
      <canvas
        ref={canvas}
        width={Math.round(width * window.devicePixelRatio)}
        height={Math.round(height * window.devicePixelRatio)}
        style={{ width: '100%', height, cursor: 'crosshair', display: 'block' }}
        role="img"
        aria-label={`Scatter of ${before.length} samples: entropy under ${names[0]} against entropy under ${names[1]}`}
        onClick={pickNearest}
      />
    </div>
  );
}
