import { createSignal, Show, type JSX } from 'solid-js';
import type { FormError } from '../api/action';
import { AddNumbersDocument } from '../api/generated';
import { Checkbox } from '../components/checkbox';
import { count } from '../format';
import { SeriesPicker, type Series } from '../numbers/series-picker';
import { BulkDialog } from './bulk-dialog';
import { createCsvSource, CsvFields } from './csv-source';
import { Preview } from './preview';

const NO_SERIES: FormError = { message: 'Choose the series that they belong to.', path: ['input', 'seriesId'] };

/** Add Numbers: new numbers for the inventory, which the acting organization holds. */
export function AddDialog(props: { onClose: () => void }): JSX.Element {
  const source = createCsvSource();
  const [series, setSeries] = createSignal<Series | null>(null);
  const [skips, setSkips] = createSignal(false);
  return (
    <BulkDialog
      title="Add Numbers"
      mutation={AddNumbersDocument}
      input={{ ...source.input(), seriesId: series()?.id ?? '', onDuplicate: skips() ? 'SKIP' : 'REFUSE' }}
      button="Add"
      missing={series() ? source.missing() : NO_SERIES}
      jobOnly={source.kind() === 'FILE'}
      preview={outcome => (
        <Preview outcome={outcome}>
          {count(outcome.changedCount, 'number')} would be added
          <Show when={outcome.skippedCount > 0}>, and {count(outcome.skippedCount, 'line')} skipped</Show>:
        </Preview>
      )}
      done={outcome => `${count(outcome.changedCount, 'number')} added to ${series()?.name}.`}
      onClose={props.onClose}
    >
      <SeriesPicker name="seriesId" selected={series()} onSelect={setSeries} />
      <CsvFields source={source} columns="One number per line." example={'+1 418 555 0100\n+1 418 555 0101'} />
      <Checkbox checked={skips()} onChange={setSkips}>
        Skip lines without a number, and numbers that exist
      </Checkbox>
    </BulkDialog>
  );
}
