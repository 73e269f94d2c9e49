import { createSignal, Show, type JSX } from 'solid-js';
import { createAction, type FormError } from '../api/action';
import {
  AllocateNumbersDocument,
  type AllocationStrategy,
  type SeriesStockFragment,
  type TreeNodeFragment,
} from '../api/generated';
import { announce } from '../components/announcements';
import { SelectField, TextField, wholeNumber } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { count } from '../format';
import { OrganizationPicker } from '../organizations/picker';
import { Preview } from './preview';
import { createPreviewed } from './previewed';
import { seriesChoices } from './series-choices';

const STRATEGIES: readonly { value: AllocationStrategy; label: string }[] = [
  { value: 'LOWEST', label: 'The lowest numbers' },
  { value: 'LONGEST_UNUSED', label: 'Those unused the longest' },
  { value: 'CONTIGUOUS', label: 'Consecutive numbers' },
];
const NO_TARGET: FormError = { message: 'Choose a sub-organization.', path: ['input', 'toOrganizationId'] };

/** Allocate Number: first a preview, then the change. */
export function AllocateDialog(props: { stock: readonly SeriesStockFragment[]; onClose: () => void }): JSX.Element {
  const action = createAction(AllocateNumbersDocument);
  const choices = () => seriesChoices(props.stock);
  // eslint-disable-next-line solid/reactivity -- where the editing begins
  const [seriesId, setSeriesId] = createSignal(choices()[0]?.value ?? '');
  const [quantity, setQuantity] = createSignal('1');
  const [target, setTarget] = createSignal<TreeNodeFragment | null>(null);
  const [strategy, setStrategy] = createSignal<AllocationStrategy>('LOWEST');
  const [tried, setTried] = createSignal(false);
  const previewed = createPreviewed(action.run, () => ({
    seriesId: seriesId(),
    quantity: wholeNumber(quantity()),
    toOrganizationId: target()?.id ?? '',
    strategy: strategy(),
  }));

  const submit = async (): Promise<void> => {
    const organization = target();
    setTried(true);
    if (!organization) return;
    const done = await previewed.run();
    if (!done) return;
    announce(`${count(done.changedCount, 'number')} allocated to ${organization.name}.`);
    props.onClose();
  };

  return (
    <FormDialog
      title="Allocate Number"
      errors={tried() && !target() ? [NO_TARGET] : action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit={previewed.outcome() ? 'OK' : 'Preview'}
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
      <Show when={previewed.outcome()}>{found => <Preview outcome={found()} />}</Show>
    </FormDialog>
  );
}
