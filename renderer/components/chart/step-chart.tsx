/**
 * A live chart over steps. The crosshair is shared by all charts of a page; drag zooms, a double
 * click resets; with the keyboard: arrows move the crosshair, + and - zoom, 0 resets. The figures
 * can be read as a table, copied as CSV and saved as PNG.
 */
import {
  ActionIcon,
  Group,
  Menu,
  Paper,
  Text,
  Tooltip,
  useComputedColorScheme,
} from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconDots } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import uPlot from 'uplot';
import { act, tell } from '../../bridge/actions.tsx';
import type { Marker } from '../../state/run-state.ts';
import { significant } from '../../state/numbers.ts';
import { asCsv, chartData, hasValues } from './chart-data.ts';
import type { Curve } from './chart-data.ts';
import { ChartTable } from './chart-table.tsx';
import { isZoomed, moveCursor, resetZoom, showLatest, zoom } from './plot-keys.ts';
import { plotOptions } from './plot-options.ts';

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
  const plot = useRef<uPlot | null>(null);
  const liveMarkers = useRef(markers);
  liveMarkers.current = markers;
  const [asTable, setAsTable] = useState(false);

  const curves = props.curves.filter(hasValues);
  const data = useMemo(() => chartData(curves, smoothing), [props.curves, smoothing]);
  const liveData = useRef(data);
  liveData.current = data;
  const structure = curves.map(({ label, metric }) => `${label}/${metric}`).join('|');
  const smooth = smoothing > 0;
  const empty = data.x.length === 0;

  useEffect(() => {
    if (host.current === null || width === 0 || asTable || empty) return;
    const target = host.current;
    let made: uPlot | null = null;
    let timer = 0;
    // In a turn of its own: a page of nine charts is painted before its curves are.
    timer = window.setTimeout(() => {
      const { x, raw, shown } = liveData.current;
      const look = { curves, scheme, logarithmic, smooth, width, height };
      const options = plotOptions({ ...look, markers: () => liveMarkers.current });
      const drawn = (made = new uPlot(options, [x, ...raw, ...shown], target));
      plot.current = drawn;
      // uPlot's first drawing, which empties the legend, comes after this turn.
      timer = window.setTimeout(() => showLatest(drawn), 0);
    }, 0);
    return () => {
      window.clearTimeout(timer);
      made?.destroy();
      plot.current = null;
    };
  }, [structure, scheme, logarithmic, smooth, width, height, asTable, empty]);

  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    const zoomed = isZoomed(made);
    made.setData([data.x, ...data.raw, ...data.shown], !zoomed);
    if (zoomed) made.redraw();
    showLatest(made);
  }, [data]);

  useEffect(() => plot.current?.redraw(false), [markers]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const made = plot.current;
    if (made === null) return;
    const stride = event.shiftKey ? 10 : 1;
    if (event.key === 'ArrowLeft') moveCursor(made, -stride);
    else if (event.key === 'ArrowRight') moveCursor(made, stride);
    else if (event.key === '+' || event.key === '=') zoom(made, 0.5);
    else if (event.key === '-') zoom(made, 2);
    else if (event.key === '0') resetZoom(made);
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

  const lasts = curves.map(
    ({ label }, index) => `${label} ${significant(data.raw[index]?.at(-1))}`,
  );
  const summary = empty ? waiting : `${data.x.length} steps; last: ${lasts.join(', ')}`;
  return (
    <Paper p="sm" pb={6} component="section" aria-label={title} miw={0}>
      <Group justify="space-between" wrap="nowrap" mb={2}>
        <Group gap={6} align="baseline" wrap="nowrap" miw={0}>
          <Tooltip label={help ?? title} multiline maw={340} disabled={help === undefined}>
            <Text component="h3" fw={600} m={0} className="ellipsis">
              {title}
            </Text>
          </Tooltip>
          <Text size="xs" c="dimmed" className="ellipsis">
            {unit}
          </Text>
        </Group>
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon size="sm" aria-label={`${title}: more`}>
              <IconDots size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setAsTable(!asTable)}>
              {asTable ? 'Show as chart' : 'Show as table'}
            </Menu.Item>
            <Menu.Item onClick={() => void copy()}>Copy as CSV</Menu.Item>
            <Menu.Item onClick={() => void savePng()} disabled={asTable || empty}>
              Save as PNG…
            </Menu.Item>
            <Menu.Item onClick={() => plot.current && resetZoom(plot.current)}>
              Reset zoom
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
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
