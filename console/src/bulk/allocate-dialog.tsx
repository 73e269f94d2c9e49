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
  const [missing, setMissing] = createSignal(false);
  const [outcome, setOutcome] = createSignal<Awaited<ReturnType<typeof action.run>>>(null);
  // Another choice is another change, which has to be looked at again.
  const change = <Value,>(set: (value: Value) => unknown) => (value: Value): void => {
    set(value);
    setOutcome(null);
    setMissing(false);
  };

  const submit = async (): Promise<void> => {
    const organization = target();
    setMissing(!organization);
    if (!organization) return;
    const input = {
      seriesId: seriesId(),
      quantity: wholeNumber(quantity()),
      toOrganizationId: organization.id,
      strategy: strategy(),
    };
    const previews = !outcome();
    const done = await action.run({ ...input, dryRun: previews });
    if (!done) return;
    if (previews) {
      setOutcome(done);
      return;
    }
    announce(`${count(done.changedCount, 'number')} allocated to ${organization.name}.`);
    props.onClose();
  };

  return (
    <FormDialog
      title="Allocate Number"
      errors={missing() ? [NO_TARGET] : action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit={outcome() ? 'OK' : 'Preview'}
      onClose={props.onClose}
    >
      <SelectField
        name="seriesId"
        label="Series"
        value={seriesId()}
        choices={choices()}
        onChange={change(setSeriesId)}
      />
      <TextField
        name="quantity"
        label="Quantity"
        type="number"
        min={1}
        value={quantity()}
        onInput={change(setQuantity)}
      />
      <SelectField
        name="strategy"
        label="Which numbers"
        value={strategy()}
        choices={STRATEGIES}
        onChange={change(setStrategy)}
      />
      <OrganizationPicker
        name="toOrganizationId"
        label="Sub Organization"
        selected={target()}
        onSelect={change(setTarget)}
      />
      <Show when={outcome()}>{found => <Preview outcome={found()} />}</Show>
    </FormDialog>
  );
}
