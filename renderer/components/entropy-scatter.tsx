/**
 * H0 against H1, one dot per sample, on a canvas so that 100,000 dots repaint in a few
 * milliseconds: size = weight, colour = the term that gives most of it. On the dashed diagonal the
 * entropy did not change; below it fell, above it rose. A click picks the nearest dot.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import type { MouseEvent } from 'react';
import type { CurriculumPreview, EntropyColumns } from '../../main/contract/artifacts.ts';
import { termColors } from '../theme.ts';

interface Props {
  entropies: EntropyColumns;
  preview: CurriculumPreview | null;
  picked: number | null;
  onPick: (index: number) => void;
  height?: number;
}

const inset = { left: 44, right: 10, top: 10, bottom: 30 };

function topOf(entropies: EntropyColumns): number {
  let top = 0.1;
  for (const value of entropies.entropy0) if (value > top) top = value;
  for (const value of entropies.entropy1) if (value > top) top = value;
  return top * 1.04;
}

export function EntropyScatter({ entropies, preview, picked, onPick, height = 380 }: Props) {
  const scheme = useComputedColorScheme('light');
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const top = topOf(entropies);
  const toX = (value: number): number =>
    inset.left + (value / top) * (width - inset.left - inset.right);
  const toY = (value: number): number =>
    height - inset.bottom - (value / top) * (height - inset.top - inset.bottom);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined || width === 0) return;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    drawAxes(context);
    const { entropy0, entropy1 } = entropies;
    const colors = termColors[scheme];
    const mean = 1 / Math.max(1, entropy0.length);
    const small = entropy0.length > 5000;
    for (let term = 0; term < 3; term += 1) {
      context.fillStyle = `${colors[term] ?? '#888888'}${small ? '90' : 'b0'}`;
      for (let row = 0; row < entropy0.length; row += 1) {
        if ((preview?.dominantTerm[row] ?? 0) !== term) continue;
        const share = preview === null ? 1 : (preview.weights[row] ?? 0) / mean;
        const radius = Math.min(
          small ? 3 : 7,
          Math.max(small ? 0.7 : 1.2, Math.sqrt(share) * (small ? 1.2 : 2.4)),
        );
        const x = toX(entropy0[row] ?? 0);
        const y = toY(entropy1[row] ?? 0);
        if (small) context.fillRect(x - radius, y - radius, radius * 2, radius * 2);
        else {
          context.beginPath();
          context.arc(x, y, radius, 0, 2 * Math.PI);
          context.fill();
        }
      }
    }
    if (picked !== null) {
      context.strokeStyle = scheme === 'dark' ? '#ffffff' : '#111111';
      context.lineWidth = 2;
      context.beginPath();
      context.arc(toX(entropy0[picked] ?? 0), toY(entropy1[picked] ?? 0), 9, 0, 2 * Math.PI);
      context.stroke();
    }
  }, [entropies, preview, picked, scheme, width, height]);

  function drawAxes(context: CanvasRenderingContext2D): void {
    context.strokeStyle = scheme === 'dark' ? '#262b32' : '#e9ebee';
    context.fillStyle = scheme === 'dark' ? '#9aa2ae' : '#5c6570';
    context.font = '11px system-ui, sans-serif';
    context.lineWidth = 1;
    const stride = top > 4 ? 1 : top > 1.5 ? 0.5 : top > 0.5 ? 0.2 : 0.05;
    for (let value = 0; value <= top; value += stride) {
      const x = Math.round(toX(value)) + 0.5;
      const y = Math.round(toY(value)) + 0.5;
      context.beginPath();
      context.moveTo(x, inset.top);
      context.lineTo(x, height - inset.bottom);
      context.moveTo(inset.left, y);
      context.lineTo(width - inset.right, y);
      context.stroke();
      const text = value.toFixed(stride < 0.1 ? 2 : 1);
      context.textAlign = 'center';
      context.fillText(text, x, height - inset.bottom + 13);
      context.textAlign = 'right';
      context.fillText(text, inset.left - 6, y + 4);
    }
    context.textAlign = 'center';
    context.fillText('H0: entropy under the base, nats', (inset.left + width) / 2, height - 3);
    context.save();
    context.translate(11, height / 2 - 10);
    context.rotate(-Math.PI / 2);
    context.fillText('H1: entropy under m1, nats', 0, 0);
    context.restore();
    context.strokeStyle = scheme === 'dark' ? '#4b535e' : '#b6bdc6';
    context.setLineDash([5, 5]);
    context.beginPath();
    context.moveTo(toX(0), toY(0));
    context.lineTo(toX(top), toY(top));
    context.stroke();
    context.setLineDash([]);
  }

  const pickNearest = (event: MouseEvent): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    let best = -1;
    let distance = 400;
    for (let row = 0; row < entropies.entropy0.length; row += 1) {
      const dx = toX(entropies.entropy0[row] ?? 0) - x;
      const dy = toY(entropies.entropy1[row] ?? 0) - y;
      const here = dx * dx + dy * dy;
      if (here < distance) {
        best = row;
        distance = here;
      }
    }
    if (best >= 0) onPick(best);
  };

  const label = `Scatter of ${entropies.ids.length} samples: entropy under the base against entropy under m1. The list beside it has the same samples.`;
  return (
    <div ref={ref} style={{ height }}>
      <canvas
        ref={canvas}
        width={Math.round(width * window.devicePixelRatio)}
        height={Math.round(height * window.devicePixelRatio)}
        style={{ width: '100%', height, cursor: 'crosshair', display: 'block' }}
        role="img"
        aria-label={label}
        onClick={pickNearest}
      />
    </div>
  );
}
