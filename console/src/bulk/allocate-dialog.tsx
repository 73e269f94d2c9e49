import { createSignal, type JSX } from 'solid-js';
import type { FormError } from '../api/action';
import {
  AllocateNumbersDocument,
  type AllocationStrategy,
  type SeriesStockFragment,
  type TreeNodeFragment,
} from '../api/generated';
import { SelectField, TextField, wholeNumber } from '../components/form';
import { count } from '../format';
import { OrganizationPicker } from '../organizations/picker';
import { BulkDialog } from './bulk-dialog';
import { TransferPreview } from './preview';
import { seriesChoices } from './series-choices';

const STRATEGIES: readonly { value: AllocationStrategy; label: string }[] = [
  { value: 'LOWEST', label: 'The lowest numbers' },
  { value: 'LONGEST_UNUSED', label: 'Those unused the longest' },
  { value: 'CONTIGUOUS', label: 'Consecutive numbers' },
];
const NO_TARGET: FormError = { message: 'Choose a sub-organization.', path: ['input', 'toOrganizationId'] };

/** Allocate Number: numbers of a series for a sub-organization. */
export function AllocateDialog(props: { stock: readonly SeriesStockFragment[]; onClose: () => void }): JSX.Element {
  const choices = () => seriesChoices(props.stock);
   
  const [seriesId, setSeriesId] = createSignal(choices()[0]?.value ?? '');
  const [quantity, setQuantity] = createSignal('1');
  const [target, setTarget] = createSignal<TreeNodeFragment | null>(null);
  const [strategy, setStrategy] = createSignal<AllocationStrategy>('LOWEST');

  return (
    <BulkDialog
      title="Allocate Number"
      mutation={AllocateNumbersDocument}
      input={{
        seriesId: seriesId(),
        quantity: wholeNumber(quantity()),
        toOrganizationId: target()?.id ?? '',
        strategy: strategy(),
      }}
      button="OK"
      missing={target() ? undefined : NO_TARGET}
      preview={outcome => <TransferPreview outcome={outcome} />}
      done={outcome => `${count(outcome.changedCount, 'number')} allocated to ${target()?.name}.`}
      onClose={props.onClose}
    >
      <SelectField name="seriesId" label="Series" value={seriesId()} choices={choices()} onChange={setSeriesId} />
      <TextField name="quantity" label="Quantity" type="number" min={1} value={quantity()} onInput={setQuantity} />
      <SelectField
        name="strategy"
        label="Which numbers"
        value={strategy()}
        choices={STRATEGIES}
        onChange={setStrategy}
      />
      <OrganizationPicker name="toOrganizationId" label="Sub Organization" selected={target()} onSelect={setTarget} />
    </BulkDialog>
  );
}
