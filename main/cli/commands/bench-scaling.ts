/** `wds bench --scaling DIR`: how cost grows with length, depth, vocabulary and batch; table and plots. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  measureScaling, scalingAxes, type ScalingAxis, type ScalingPoint,
} from '../../engine/bench/scaling.ts'; // prettier-ignore
import { scalingChart } from '../../engine/bench/scaling-chart.ts';
import { StudioError } from '../../contract/errors.ts';
import { formatGigabytes, formatTable } from '../text.ts';

/** Writes `scaling.json` and one SVG an axis. `axes`: those asked for, or none for all. */
export async function benchScaling(
  folder: string,
  axes: readonly string[],
  ours: readonly string[],
  json: boolean,
): Promise<number> {
  const out = resolve(folder);
  mkdirSync(out, { recursive: true });
  const wanted = axes.length > 0 ? axes.map(asAxis) : scalingAxes;
  const points = await measureScaling(ours, wanted, (axis, size) =>
    console.error(`${axis} ${size}`),
  );
  writeFileSync(join(out, 'scaling.json'), `${JSON.stringify(points, null, 2)}\n`);
  for (const axis of wanted) {
    const own = points.filter((point) => point.axis === axis);
    writeFileSync(join(out, `scaling-${axis}.svg`), scalingChart(axis, own));
  }
  console.log(json ? JSON.stringify(points) : table(points));
  return 0;
}

function asAxis(name: string): ScalingAxis {
  const axis = scalingAxes.find((candidate) => candidate === name);
  if (axis) return axis;
  const text = `There is no axis '${name}'.`;
  throw new StudioError('config-invalid', text, `Give one of ${scalingAxes.join(', ')}.`);
}

function table(points: readonly ScalingPoint[]): string {
  const heading = [
    '',
    'size',
    'step',
    'processor',
    'peak',
    'open',
    'compile',
    'warm cache: open + compile',
  ];
  const lines = points.map((point) => [
    point.axis,
    String(point.size),
    `${point.stepSeconds.toFixed(3)} s`,
    `${point.processorSeconds.toFixed(3)} s`,
    formatGigabytes(point.peakBytes),
    `${point.start.open.toFixed(2)} s`,
    `${point.start.compile.toFixed(2)} s`,
    point.warmStart
      ? `${point.warmStart.open.toFixed(2)} + ${point.warmStart.compile.toFixed(2)} s`
      : '',
  ]);
  return formatTable([heading, ...lines]);
}
