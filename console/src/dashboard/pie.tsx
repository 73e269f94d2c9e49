import { For, type JSX } from 'solid-js';
import type { UtilizationFiguresFragment } from '../api/generated';
import { formatPercent } from '../format';

const RADIUS = 40;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;
const GAP = 1.5;

interface Arc {
  readonly category: string;
  readonly length: number;
  readonly start: number;
}

function arcs(utilization: UtilizationFiguresFragment): readonly Arc[] {
  const shown = utilization.categories.filter(slice => slice.count > 0);
  let start = 0;
  return shown.map(slice => {
    const length = (slice.percent / 100) * CIRCUMFERENCE;
    const arc = { category: slice.category, length, start };
    start += length;
    return arc;
  });
}

/** A slice is the stroke of a circle, dashed so that only its part is drawn. */
export function Pie(props: { utilization: UtilizationFiguresFragment }): JSX.Element {
  const all = () => arcs(props.utilization);
  const gap = () => (all().length > 1 ? GAP : 0);
  return (
    <svg class="pie" viewBox="0 0 100 100" aria-hidden="true">
      <circle class="pie-base" cx="50" cy="50" r={RADIUS} />
      <g transform="rotate(-90 50 50)">
        <For each={all()}>
          {arc => (
            <circle
              class="slice"
              data-category={arc.category}
              cx="50"
              cy="50"
              r={RADIUS}
              stroke-dasharray={`${Math.max(arc.length - gap(), 0.6)} ${CIRCUMFERENCE}`}
              stroke-dashoffset={-arc.start}
            />
          )}
        </For>
      </g>
      <text class="pie-percent" x="50" y="51" text-anchor="middle">
        {formatPercent(props.utilization.percent)}
      </text>
      <text class="pie-label" x="50" y="61" text-anchor="middle">
        in use
      </text>
    </svg>
  );
}
