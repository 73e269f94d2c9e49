import { createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js';
import { formatDay, formatNumber } from '../format';

interface Point {
  readonly date: string;
  readonly value: number;
}

interface GraphProps {
  readonly points: readonly Point[];
  readonly unit: string;
  readonly label: string;
}

const HEIGHT = 220;
const LEFT = 52;
const TOP = 8;
const BOTTOM = 26;
const PLOT = HEIGHT - TOP - BOTTOM;
const DAYS = 31;
const TICKS = 4;

/** The smallest of 1, 2, 2.5, 5 times a power of ten that makes at most `TICKS` steps up to the maximum. */
function stepUpTo(maximum: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(maximum, 1) / TICKS));
  return [1, 2, 2.5, 5, 10].map(factor => factor * magnitude).find(step => step * TICKS >= maximum) ?? magnitude;
}

/** A bar for each day. The arrow keys or the pointer choose a day, whose value stands above. */
export function DailyGraph(props: GraphProps): JSX.Element {
  const [width, setWidth] = createSignal(600);
  const [chosen, setChosen] = createSignal<number>();
  let box: HTMLDivElement | undefined;
  onMount(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(entry?.contentRect.width ?? 0, 200)));
    if (box) observer.observe(box);
    onCleanup(() => observer.disconnect());
  });

  const step = () => stepUpTo(Math.max(...props.points.map(point => point.value), 0));
  const slot = () => (width() - LEFT) / Math.max(props.points.length, DAYS);
  const y = (value: number) => TOP + PLOT * (1 - value / (step() * TICKS));
  const labelled = (index: number) => index % (slot() < 16 ? 10 : 5) === 0;
  const total = () => props.points.reduce((sum, point) => sum + point.value, 0);
  const chosenPoint = () => props.points[chosen() ?? -1];
  const readout = (): string => {
    const point = chosenPoint();
    if (point) return `${formatDay(point.date)}: ${formatNumber(point.value)} ${props.unit}`;
    return props.points.length > 0 ? `${formatNumber(total())} ${props.unit} so far` : ' ';
  };
  const choose = (event: PointerEvent & { currentTarget: SVGSVGElement }): void => {
    const index = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / slot());
    setChosen(props.points[index] ? index : undefined);
  };
  const chooseByKey = (event: KeyboardEvent): void => {
    const last = props.points.length - 1;
    const steps: Record<string, number> = { ArrowLeft: (chosen() ?? last + 1) - 1, ArrowRight: (chosen() ?? -1) + 1, Home: 0, End: last };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setChosen(Math.min(Math.max(next, 0), last));
  };

  return (
    <div class="graph" ref={box}>
      <p class="readout" aria-live="polite">
        {readout()}
      </p>
      <svg
        width={width()}
        height={HEIGHT}
        role="slider"
        tabindex="0"
        aria-label={`${props.label}: choose a day`}
        aria-orientation="horizontal"
        aria-valuemin={1}
        aria-valuemax={Math.max(props.points.length, 1)}
        aria-valuenow={(chosen() ?? 0) + 1}
        aria-valuetext={readout()}
        onPointerMove={choose}
        onPointerLeave={() => setChosen(undefined)}
        onKeyDown={chooseByKey}
        onBlur={() => setChosen(undefined)}
      >
        <For each={Array.from({ length: TICKS + 1 }, (_, index) => index)}>
          {index => (
            <g class="tick">
              <line x1={LEFT} x2={width()} y1={y(index * step())} y2={y(index * step())} />
              <text x={LEFT - 8} y={y(index * step()) + 4} text-anchor="end">
                {formatNumber(index * step())}
              </text>
            </g>
          )}
        </For>
        <For each={props.points}>
          {(point, index) => (
            <>
              <rect
                class="bar"
                classList={{ chosen: chosen() === index() }}
                x={LEFT + index() * slot() + slot() * 0.15}
                width={slot() * 0.7}
                y={y(point.value)}
                height={Math.max(TOP + PLOT - y(point.value), 0)}
                rx="2"
              />
              <Show when={labelled(index())}>
                <text class="day" x={LEFT + (index() + 0.5) * slot()} y={HEIGHT - 8} text-anchor="middle">
                  {formatDay(point.date)}
                </text>
              </Show>
            </>
          )}
        </For>
      </svg>
    </div>
  );
}
