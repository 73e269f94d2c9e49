// The current cycle with its graph, the past cycle, and all time.
import { createSignal, For, Show, type JSX } from 'solid-js';
import {
  DashboardDailyDocument,
  DashboardUsageDocument,
  type UsageFiguresFragment,
  type UsageKind,
} from '../api/generated';
import { createQuery } from '../api/query';
import { Alert } from '../components/alert';
import { formatNumber, formatTime } from '../format';
import { may, useViewer } from '../shell/viewer';
import { ConsumptionButton } from './downloads';
import { DailyGraph } from './graph';

const UNITS: Record<UsageKind, string> = { VOICE: 'min', MESSAGE: 'messages', DATA: 'MB' };
const KINDS: readonly { value: UsageKind; label: string }[] = [
  { value: 'VOICE', label: 'Voice' },
  { value: 'MESSAGE', label: 'Message' },
  { value: 'DATA', label: 'Data' },
];

interface TileProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly unit?: string;
  /** All records, billable or not. */
  readonly of?: number | undefined;
}

function Tile(props: TileProps): JSX.Element {
  return (
    <div class="tile">
      <dt>{props.label}</dt>
      <dd>
        {props.value === undefined ? '–' : formatNumber(props.value)} <span class="unit">{props.unit}</span>
        <Show when={props.of !== undefined && props.of !== props.value}>
          <small>{formatNumber(props.of ?? 0)} in all</small>
        </Show>
      </dd>
    </div>
  );
}

function UsageTiles(props: { usage: UsageFiguresFragment | undefined; suffix: string }): JSX.Element {
  return (
    <>
      <Tile
        label={`Total Voice ${props.suffix}`}
        value={props.usage?.voiceMinutes}
        unit={UNITS.VOICE}
        of={props.usage?.totalVoiceMinutes}
      />
      <Tile label={`Total Message ${props.suffix}`} value={props.usage?.messages} of={props.usage?.totalMessages} />
      <Tile
        label={`Total Data ${props.suffix}`}
        value={props.usage?.dataMegabytes}
        unit={UNITS.DATA}
        of={props.usage?.totalDataMegabytes}
      />
    </>
  );
}

export function UsagePanels(): JSX.Element {
  const viewer = useViewer();
  const query = createQuery(DashboardUsageDocument, () => ({}));
  const dashboard = () => query.data()?.organization?.dashboard;
  return (
    <>
      <section class="panel current-cycle" aria-labelledby="current-title" aria-busy={query.loading()}>
        <div class="panel-head">
          <h2 id="current-title">Current Cycle</h2>
          <Show when={dashboard()?.currentCycle}>
            {cycle => <p class="hint">until {formatTime(cycle().end)}, billable usage</p>}
          </Show>
          <Show when={may(viewer(), 'DOWNLOAD_REPORTS')}>
            <ConsumptionButton />
          </Show>
        </div>
        <Alert message={query.error()} />
        <dl class="tiles">
          <Tile label="New Users" value={dashboard()?.currentCycle.newUsers} />
          <Tile label="Total Active Users" value={dashboard()?.currentCycle.activeUsers} />
          <UsageTiles usage={dashboard()?.currentCycle} suffix="Usage" />
        </dl>
        <DailyUsage />
      </section>
      <section class="panel" aria-labelledby="past-title">
        <h2 id="past-title">Past Cycle</h2>
        <dl class="tiles">
          <UsageTiles usage={dashboard()?.pastCycle} suffix="Used" />
        </dl>
      </section>
      <section class="panel all-time" aria-labelledby="all-time-title">
        <h2 id="all-time-title">All Time</h2>
        <dl class="tiles">
          <Tile label="New Users" value={dashboard()?.allTime.newUsers} />
          <Tile label="Total Active Users" value={dashboard()?.allTime.activeUsers} />
          <UsageTiles usage={dashboard()?.allTime} suffix="Used" />
        </dl>
      </section>
    </>
  );
}

function DailyUsage(): JSX.Element {
  const [kind, setKind] = createSignal<UsageKind>('VOICE');
  const query = createQuery(DashboardDailyDocument, () => ({ kind: kind() }));
  const cycle = () => query.data()?.organization?.dashboard.currentCycle;
  return (
    <div class="daily">
      <div class="panel-head">
        <h3>{cycle()?.heading ?? ' '}</h3>
        <select
          class="input"
          aria-label="Kind of usage in the graph"
          onChange={event => setKind(event.currentTarget.value as UsageKind)}
        >
          <For each={KINDS}>{choice => <option value={choice.value}>{choice.label}</option>}</For>
        </select>
      </div>
      <DailyGraph points={cycle()?.daily ?? []} unit={UNITS[kind()]} label={cycle()?.heading ?? ''} />
    </div>
  );
}
