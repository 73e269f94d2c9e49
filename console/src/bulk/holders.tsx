// Allocated to Sub-Organization: the organizations below that hold numbers, each expandable to its series.
import { createSignal, createUniqueId, For, Show, type JSX } from 'solid-js';
import { HoldersDocument, StockDocument, type HolderFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { Icon } from '../components/icons';
import { createPaging, Pager } from '../components/paging';
import { TextSearch } from '../components/text-search';
import { formatNumber } from '../format';
import { StockTable } from './stock-table';
import { WithdrawDialog } from './withdraw-dialog';

export function Holders(): JSX.Element {
  const [search, setSearch] = createSignal('');
  const paging = createPaging(search);
  const query = createQuery(HoldersDocument, () => ({ search: search() || null, after: paging.after() }));
  const page = () => query.data()?.organization?.descendants;
  return (
    <section class="panel" aria-labelledby="holders-title" aria-busy={query.loading()}>
      <div class="panel-head">
        <h2 id="holders-title">Allocated to Sub-Organization</h2>
        <TextSearch label="Organization" onSearch={setSearch} />
      </div>
      <ul class="holders">
        <For
          each={page()?.nodes}
          fallback={
            <li class="hint">
              {query.error() ?? (query.loading() ? 'Loading …' : 'No sub-organization holds numbers.')}
            </li>
          }
        >
          {holder => <HolderItem holder={holder} />}
        </For>
      </ul>
      <Pager paging={paging} page={page()} total={page()?.totalCount} busy={query.loading()} />
    </section>
  );
}

function HolderItem(props: { holder: HolderFragment }): JSX.Element {
  const id = createUniqueId();
  const [open, setOpen] = createSignal(false);
  return (
    <li>
      <button
        class="holder"
        type="button"
        aria-expanded={open()}
        aria-controls={id}
        onClick={() => setOpen(was => !was)}
      >
        <Icon name="chevron" />
        <span class="tree-name">
          {props.holder.name}
          <small>{props.holder.path}</small>
        </span>
        <span class="tree-counts">
          {formatNumber(props.holder.utilization.available)} of {formatNumber(props.holder.utilization.total)} available
        </span>
      </button>
      <div id={id}>
        <Show when={open()}>
          <HolderStock holder={props.holder} />
        </Show>
      </div>
    </li>
  );
}

function HolderStock(props: { holder: HolderFragment }): JSX.Element {
  const query = createQuery(StockDocument, () => ({ organizationId: props.holder.id }));
  const [withdrawing, setWithdrawing] = createSignal(false);
  return (
    <div class="holder-stock">
      <StockTable
        caption={`Numbers of ${props.holder.name} by series`}
        stock={query.data()?.organization?.inventory}
        busy={query.loading()}
        error={query.error()}
      />
      <Show when={props.holder.availableActions.includes('WITHDRAW') && query.data()}>
        <button class="button" type="button" onClick={() => setWithdrawing(true)}>
          Withdraw Numbers
        </button>
      </Show>
      <Show when={withdrawing() && query.data()?.organization?.inventory}>
        {stock => <WithdrawDialog holder={props.holder} stock={stock()} onClose={() => setWithdrawing(false)} />}
      </Show>
    </div>
  );
}
