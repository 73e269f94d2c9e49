import { createSignal, Show, type JSX } from 'solid-js';
import { TextSearch } from '../components/text-search';
import { organizationColumn, seriesColumn, tagColumn } from '../numbers/columns';
import { NumberTable, type NumberColumn, type RowTools } from '../numbers/number-table';
import { may, useViewer } from '../shell/viewer';
import { ReserveDialog } from './reserve-dialog';

function columns(tools: RowTools): readonly NumberColumn[] {
  return [
    seriesColumn,
    { header: 'Number', sort: 'NUMBER', class: 'number', cell: number => number.number },
    organizationColumn,
    tagColumn(tools),
    {
      header: 'Forwarded to',
      class: 'telephone',
      cell: number => (
        <Show when={number.availableActions.includes('UPDATE_FORWARDING')} fallback={number.forwardingNumber}>
          <button
            class="link"
            type="button"
            aria-label={`Edit the forwarding of ${number.number} to ${number.forwardingNumber}`}
            onClick={() => tools.choose({ action: 'UPDATE_FORWARDING', number })}
          >
            {number.forwardingNumber}
          </button>
        </Show>
      ),
    },
    {
      header: 'Actions',
      class: 'actions',
      cell: number => (
        <Show when={number.availableActions.includes('UNRESERVE')}>
          <button
            class="button"
            type="button"
            aria-label={`Remove the tag of ${number.number}`}
            onClick={() => tools.choose({ action: 'UNRESERVE', number })}
          >
            Remove
          </button>
        </Show>
      ),
    },
  ];
}

export function ReservedPage(): JSX.Element {
  const viewer = useViewer();
  const [text, setText] = createSignal('');
  const [reserving, setReserving] = createSignal(false);
  return (
    <>
      <div class="page-head">
        <h1>Reserved Numbers</h1>
        <Show when={may(viewer(), 'INVITE_USER')}>
          <button class="button primary" type="button" onClick={() => setReserving(true)}>
            Reserve Number
          </button>
        </Show>
      </div>
      <TextSearch label="Number or tag" onSearch={setText} />
      <NumberTable
        caption="Reserved numbers"
        columns={columns}
        filter={{ text: text() || null, statuses: ['RESERVED'] }}
        empty="No reserved number matches."
      />
      <Show when={reserving()}>
        <ReserveDialog onClose={() => setReserving(false)} />
      </Show>
    </>
  );
}
