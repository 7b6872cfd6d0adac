/** `wds bench --plan`: the memory that is planned against the peak that is measured, over a grid. */
import { measurePlans } from '../../engine/bench/plan-grid.ts';
import { formatGigabytes, formatTable } from '../text.ts';

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
  console.log(
    formatTable([
      ['', 'planned', 'measured', 'planned / measured'],
      ...points.map(({ settings, plannedBytes, measuredBytes }) => [
        settings,
        formatGigabytes(plannedBytes),
        formatGigabytes(measuredBytes),
        (plannedBytes / measuredBytes).toFixed(2),
      ]),
    ]),
  );
  return 0;
}
