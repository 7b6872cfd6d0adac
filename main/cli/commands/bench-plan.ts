/** `wds bench --plan`: the memory that is planned against the peak that is measured, over a grid. */
import { measurePlans } from '../../engine/bench/plan-grid.ts';
import { formatTable } from '../text.ts';

export async function benchPlan(
  config: string,
  ours: readonly string[],
  json: boolean,
): Promise<number> {
  const points = await measurePlans(ours, config, ({ settings, plannedBytes, measuredBytes }) =>
    console.error(
      `${settings}: ${(plannedBytes / 1e9).toFixed(3)} / ${(measuredBytes / 1e9).toFixed(3)}`,
    ),
  );
  if (json) {
    console.log(JSON.stringify(points));
    return 0;
  }
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  console.log(
    formatTable([
      ['', 'planned', 'measured', 'planned / measured'],
      ...points.map(({ settings, plannedBytes, measuredBytes }) => [
        settings,
        gigabytes(plannedBytes),
        gigabytes(measuredBytes),
        (plannedBytes / measuredBytes).toFixed(2),
      ]),
    ]),
  );
  return 0;
}
