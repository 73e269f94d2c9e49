// The panel Number Utilization: the pie, its details, the threshold, and more numbers.
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js';
import {
  DashboardUtilizationDocument,
  UtilizationReportDocument,
  type UtilizationFiguresFragment,
} from '../api/generated';
import { createQuery } from '../api/query';
import { Alert } from '../components/alert';
import { Icon } from '../components/icons';
import { Modal } from '../components/modal';
import { formatNumber, formatPercent } from '../format';
import { may, useViewer } from '../shell/viewer';
import { DownloadButton } from './downloads';
import { Pie } from './pie';
import { RequestNumbersDialog } from './request-numbers';
import { ThresholdDialog } from './threshold';

type DialogName = 'details' | 'threshold' | 'request';

export function UtilizationPanel(): JSX.Element {
  const viewer = useViewer();
  const query = createQuery(DashboardUtilizationDocument, () => ({}));
  return (
    <section class="panel utilization" aria-labelledby="utilization-title" aria-busy={query.loading()}>
      <div class="panel-head">
        <h2 id="utilization-title">Number Utilization</h2>
        <Show when={may(viewer(), 'DOWNLOAD_REPORTS')}>
          <DownloadButton document={UtilizationReportDocument} label="Download the Number Utilization report" />
        </Show>
      </div>
      <Alert message={query.error()} />
      <Show when={query.data()?.organization?.utilization} fallback={<div class="utilization-body" />}>
        {utilization => <Figures utilization={utilization()} />}
      </Show>
    </section>
  );
}

function Figures(props: { utilization: UtilizationFiguresFragment }): JSX.Element {
  const viewer = useViewer();
  const [dialog, setDialog] = createSignal<DialogName>();
  const close = () => setDialog(undefined);
  return (
    <div class="utilization-body">
      <button
        class="pie-button"
        type="button"
        aria-label={`Number Utilization Details: ${formatPercent(props.utilization.percent)} in use`}
        onClick={() => setDialog('details')}
      >
        <Pie utilization={props.utilization} />
      </button>
      <dl class="legend">
        <div>
          <dt>In use</dt>
          <dd>{formatNumber(props.utilization.inUse)}</dd>
        </div>
        <For each={props.utilization.categories.filter(slice => slice.category !== 'AVAILABLE')}>
          {slice => (
            <div class="part">
              <dt>
                <i class="swatch" data-category={slice.category} />
                {slice.label}
              </dt>
              <dd>{formatNumber(slice.count)}</dd>
            </div>
          )}
        </For>
        <div>
          <dt>
            <i class="swatch" data-category="AVAILABLE" />
            Available
          </dt>
          <dd>{formatNumber(props.utilization.available)}</dd>
        </div>
      </dl>
      <div class="threshold">
        <p>
          Utilization Threshold <strong>{props.utilization.thresholdPercent}%</strong>
          <Show when={may(viewer(), 'SET_THRESHOLD')}>
            <button class="icon-button" type="button" aria-label="Edit threshold" onClick={() => setDialog('threshold')}>
              <Icon name="edit" />
            </button>
          </Show>
        </p>
        <div class="meter" aria-hidden="true" classList={{ reached: props.utilization.thresholdReached }}>
          <div class="meter-fill" style={{ width: `${props.utilization.percent}%` }} />
          <div class="meter-mark" style={{ left: `${props.utilization.thresholdPercent}%` }} />
        </div>
        <p class="hint">
          <Show when={props.utilization.thresholdReached} fallback="Below the threshold. ">
            The threshold is reached.{' '}
          </Show>
          <button class="link" type="button" onClick={() => setDialog('details')}>
            Details
          </button>
        </p>
        <Show when={may(viewer(), 'REQUEST_MORE_NUMBERS')}>
          <button class="button" type="button" onClick={() => setDialog('request')}>
            Request More Numbers
          </button>
        </Show>
      </div>
      <Switch>
        <Match when={dialog() === 'details'}>
          <DetailsDialog utilization={props.utilization} onClose={close} />
        </Match>
        <Match when={dialog() === 'threshold'}>
          <ThresholdDialog percent={props.utilization.thresholdPercent} onClose={close} />
        </Match>
        <Match when={dialog() === 'request'}>
          <RequestNumbersDialog onClose={close} />
        </Match>
      </Switch>
    </div>
  );
}

function DetailsDialog(props: { utilization: UtilizationFiguresFragment; onClose: () => void }): JSX.Element {
  return (
    <Modal title="Number Utilization Details" onClose={props.onClose} wide>
      <table class="table details">
        <thead>
          <tr>
            <th scope="col">Category</th>
            <th scope="col" class="figure">
              Numbers
            </th>
            <th scope="col" class="figure">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.utilization.categories}>
            {slice => (
              <tr>
                <th scope="row">
                  <i class="swatch" data-category={slice.category} />
                  {slice.label}
                  <small>{slice.description}</small>
                </th>
                <td class="figure">{formatNumber(slice.count)}</td>
                <td class="figure">{formatPercent(slice.percent)}</td>
              </tr>
            )}
          </For>
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td class="figure">{formatNumber(props.utilization.total)}</td>
            <td class="figure" />
          </tr>
          <tr>
            <th scope="row">
              Pending invitation
              <small>
                The user has been invited, but not registered.
                <Show when={props.utilization.pendingWithoutNumber > 0}>
                  {' '}
                  Without a number yet, and outside the total: {formatNumber(props.utilization.pendingWithoutNumber)}.
                </Show>
              </small>
            </th>
            <td class="figure">{formatNumber(props.utilization.pendingInvitations)}</td>
            <td class="figure" />
          </tr>
        </tfoot>
      </table>
      <Show when={props.utilization.shortfall > 0}>
        <p class="alert">
          {formatNumber(props.utilization.shortfall)} more numbers are needed for the pending invitations.
        </p>
      </Show>
    </Modal>
  );
}
