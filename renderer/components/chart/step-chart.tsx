/**
 * A live chart over steps. The crosshair is shared by all charts of a page; drag zooms, a double
 * click resets; with the keyboard: arrows move the crosshair, + and - zoom, 0 resets. The figures
 * can be read as a table, copied as CSV and saved as PNG.
 */
import { Paper, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { act, tell } from '../../bridge/actions.tsx';
import type { Marker } from '../../state/run-state.ts';
import { significant } from '../../state/numbers.ts';
import { asCsv, chartData, hasValues } from './chart-data.ts';
import type { Curve } from './chart-data.ts';
import { ChartHeader } from './chart-header.tsx';
import type { ChartAction } from './chart-header.tsx';
import { ChartTable } from './chart-table.tsx';
import { resetZoom } from './feed-plot.ts';
import { moveCursor, zoom } from './plot-keys.ts';
import { useStepPlot } from './use-step-plot.ts';

interface Props {
  title: string;
  /** Unit of the y axis, e.g. "nats per answer token". */
  unit: string;
  help?: string;
  curves: Curve[];
  markers: Marker[];
  smoothing: number;
  logarithmic: boolean;
  height?: number;
  /** Said while there is no point yet. */
  waiting: string;
}

export function StepChart(props: Props) {
  const { title, unit, help, markers, smoothing, logarithmic, height = 190, waiting } = props;
  const scheme = useComputedColorScheme('light');
  const { ref: frame, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const curves = props.curves.filter(hasValues);
  const data = useMemo(() => chartData(curves, smoothing), [props.curves, smoothing]);
  const empty = data.x.length === 0;
  const smooth = smoothing > 0;
  const hidden = asTable || empty;
  const look = { scheme, logarithmic, smooth, width, height, hidden };
  const plot = useStepPlot({ host, curves, data, markers, ...look });

  const onKeyDown = (event: KeyboardEvent): void => {
    const made = plot.current;
    if (made === null) return;
    const stride = event.shiftKey ? 10 : 1;
    if (event.key === 'ArrowLeft') moveCursor(made, -stride);
    else if (event.key === 'ArrowRight') moveCursor(made, stride);
    else if (event.key === '+' || event.key === '=') zoom(made, data, 0.5);
    else if (event.key === '-') zoom(made, data, 2);
    else if (event.key === '0') resetZoom(made, data);
    else return;
    event.preventDefault();
  };

  const copy = async (): Promise<void> => {
    const done = await act('clipboard.write', { text: asCsv(curves, data) });
    if (done === null) tell('Copied', `${title}: ${data.x.length} steps as CSV`);
  };
  const savePng = async (): Promise<void> => {
    const canvas = plot.current?.root.querySelector('canvas');
    const blob = await new Promise<Blob | null>((done) =>
      canvas ? canvas.toBlob(done) : done(null),
    );
    if (blob === null) return;
    const content = new Uint8Array(await blob.arrayBuffer());
    await act('dialog.save', {
      suggestedName: `${title.toLowerCase().replaceAll(' ', '-')}.png`,
      content,
    });
  };

  const actions = useRef<Record<ChartAction, () => unknown>>(null);
  actions.current = {
    table: () => setAsTable(!asTable),
    copy,
    png: savePng,
    reset: () => plot.current && resetZoom(plot.current, data),
  };
  const onAction = useCallback((action: ChartAction) => void actions.current?.[action](), []);

  const lasts = curves.map(
    ({ label }, index) => `${label} ${significant(data.raw[index]?.at(-1))}`,
  );
  const summary = empty ? waiting : `${data.x.length} steps; last: ${lasts.join(', ')}`;
  return (
    <Paper p="sm" pb={6} component="section" aria-label={title} miw={0}>
      <ChartHeader {...{ title, unit, help, asTable, empty }} onAction={onAction} />
      <div ref={frame} style={{ minHeight: height + 28 }}>
        {asTable && <ChartTable title={title} curves={curves} data={data} height={height} />}
        {!asTable && empty && (
          <Text c="dimmed" size="sm" ta="center" pt={height / 2 - 10}>
            {waiting}
          </Text>
        )}
        {!asTable && !empty && (
          <div
            ref={host}
            className="chart-surface"
            role="application"
            aria-roledescription="chart"
            aria-label={`${title} in ${unit}. ${summary}. Arrow keys move the crosshair.`}
            tabIndex={0}
            onKeyDown={onKeyDown}
            data-points={data.x.length}
          />
        )}
      </div>
    </Paper>
  );
}
