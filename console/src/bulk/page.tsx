import { createSignal, Show, type JSX } from 'solid-js';
import { StockDocument } from '../api/generated';
import { createQuery } from '../api/query';
import { AllocateDialog } from './allocate-dialog';
import { Holders } from './holders';
import { StockTable } from './stock-table';

export function BulkPage(): JSX.Element {
  return (
    <>
      <h1>Bulk Number Operations</h1>
      <Available />
      <Holders />
    </>
  );
}

/** Available: the numbers of the acting organization by series, and the button that allocates them. */
function Available(): JSX.Element {
  const query = createQuery(StockDocument, () => ({}));
  const [allocating, setAllocating] = createSignal(false);
  const organization = () => query.data()?.organization;
  return (
    <section class="panel" aria-labelledby="available-title">
      <div class="panel-head">
        <h2 id="available-title">Available</h2>
        <Show when={organization()?.availableActions.includes('ALLOCATE')}>
          <button class="button primary" type="button" onClick={() => setAllocating(true)}>
            Allocate Number
          </button>
        </Show>
      </div>
      <StockTable
        caption="Numbers by series"
        stock={organization()?.inventory}
        busy={query.loading()}
        error={query.error()}
      />
      <Show when={allocating() && organization()?.inventory}>
        {stock => <AllocateDialog stock={stock()} onClose={() => setAllocating(false)} />}
      </Show>
    </section>
  );
}
