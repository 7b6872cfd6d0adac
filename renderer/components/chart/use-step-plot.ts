/**
 * The uPlot behind a step chart: made when there is something to draw, and fed again whenever points
 * come or the range of steps changes.
 */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import uPlot from 'uplot';
import type { Marker } from '../../state/run-state.ts';
import type { ColorScheme } from '../../theme.ts';
import type { ChartData, Curve } from './chart-data.ts';
import { feed, shownBy } from './feed-plot.ts';
import { isZoomed, showLatest } from './plot-keys.ts';
import { plotOptions } from './plot-options.ts';

interface Parts {
  host: RefObject<HTMLDivElement | null>;
  curves: Curve[];
  data: ChartData;
  markers: Marker[];
  scheme: ColorScheme;
  logarithmic: boolean;
  smooth: boolean;
  width: number;
  height: number;
  /** A chart that is not drawn has no plot. */
  hidden: boolean;
}

export function useStepPlot(parts: Parts): RefObject<uPlot | null> {
  const { host, curves, data, markers, scheme, logarithmic, smooth, width, height, hidden } = parts;
  const plot = useRef<uPlot | null>(null);
  const live = useRef({ data, markers, width, height });
  live.current = { data, markers, width, height };
  const structure = curves.map(({ label, metric }) => `${label}/${metric}`).join('|');

  useEffect(() => {
    if (host.current === null || width === 0 || hidden) return;
    const target = host.current;
    let made: uPlot | null = null;
    let timer = 0;
    // In a turn of its own: a page of nine charts is painted before its curves are.
    timer = window.setTimeout(() => {
      const size = { width: live.current.width, height: live.current.height };
      const options = plotOptions({
        ...size,
        curves,
        scheme,
        logarithmic,
        smooth,
        data: () => live.current.data,
        markers: () => live.current.markers,
        onRange: (changed) => isZoomed(changed) && feed(changed, live.current.data),
      });
      const drawn = (made = new uPlot(
        options,
        shownBy(live.current.data, null, size.width),
        target,
      ));
      plot.current = drawn;
      // uPlot's first drawing, which empties the legend, comes after this turn.
      timer = window.setTimeout(() => showLatest(drawn), 0);
    }, 0);
    return () => {
      window.clearTimeout(timer);
      made?.destroy();
      plot.current = null;
    };
  }, [structure, scheme, logarithmic, smooth, width === 0, hidden]);

  useEffect(() => {
    if (plot.current === null || width === 0) return;
    plot.current.setSize({ width, height });
    feed(plot.current, live.current.data);
  }, [width, height]);

  useEffect(() => {
    if (plot.current !== null) feed(plot.current, data);
  }, [data]);

  useEffect(() => plot.current?.redraw(false), [markers]);
  return plot;
}
