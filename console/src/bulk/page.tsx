import { createSignal, Show, type JSX } from 'solid-js';
import { StockDocument } from '../api/generated';
import { createQuery } from '../api/query';
import { AddDialog } from './add-dialog';
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
  const [adding, setAdding] = createSignal(false);
  const [allocating, setAllocating] = createSignal(false);
  const organization = () => query.data()?.organization;
  return (
    <section class="panel" aria-labelledby="available-title">
      <div class="panel-head">
        <h2 id="available-title">Available</h2>
        <div class="buttons">
          <Show when={organization()?.availableActions.includes('ADD_NUMBERS')}>
            <button class="button" type="button" onClick={() => setAdding(true)}>
              Add Numbers
            </button>
          </Show>
          <Show when={organization()?.availableActions.includes('ALLOCATE')}>
            <button class="button primary" type="button" onClick={() => setAllocating(true)}>
              Allocate Number
            </button>
          </Show>
        </div>
      </div>
      <StockTable
        caption="Numbers by series"
        stock={organization()?.inventory}
        busy={query.loading()}
        error={query.error()}
      />
      <Show when={adding()}>
        <AddDialog onClose={() => setAdding(false)} />
      </Show>
      <Show when={allocating() && organization()?.inventory}>
        {stock => <AllocateDialog stock={stock()} onClose={() => setAllocating(false)} />}
      </Show>
    </section>
  );
}
