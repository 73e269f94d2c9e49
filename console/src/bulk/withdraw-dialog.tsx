import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { WithdrawNumbersDocument, type HolderFragment, type SeriesStockFragment } from '../api/generated';
import { announce } from '../components/announcements';
import { SelectField, TextField, wholeNumber } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { count } from '../format';
import { Preview } from './preview';
import { createPreviewed } from './previewed';
import { seriesChoices } from './series-choices';

interface WithdrawDialogProps {
  readonly holder: HolderFragment;
  readonly stock: readonly SeriesStockFragment[];
  readonly onClose: () => void;
}

/** Withdraw Numbers: unused numbers go to the immediate parent. First a preview, then the change. */
export function WithdrawDialog(props: WithdrawDialogProps): JSX.Element {
  const action = createAction(WithdrawNumbersDocument);
  const choices = () => seriesChoices(props.stock);
  // eslint-disable-next-line solid/reactivity -- where the editing begins
  const [seriesId, setSeriesId] = createSignal(choices()[0]?.value ?? '');
  const [quantity, setQuantity] = createSignal('1');
  const previewed = createPreviewed(action.run, () => ({
    organizationId: props.holder.id,
    seriesId: seriesId(),
    quantity: wholeNumber(quantity()),
  }));

  const submit = async (): Promise<void> => {
    const done = await previewed.run();
    if (!done) return;
    announce(`${count(done.changedCount, 'number')} withdrawn from ${props.holder.name}.`);
    props.onClose();
  };

  return (
    <FormDialog
      title={`Withdraw Numbers from ${props.holder.name}`}
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit={previewed.outcome() ? 'Proceed' : 'Preview'}
      onClose={props.onClose}
    >
      <p>Only unused numbers can be withdrawn. They go to {props.holder.parent?.name}.</p>
      <SelectField name="seriesId" label="Series" value={seriesId()} choices={choices()} onChange={setSeriesId} />
      <TextField name="quantity" label="Quantity" type="number" min={1} value={quantity()} onInput={setQuantity} />
      <Show when={previewed.outcome()}>{found => <Preview outcome={found()} />}</Show>
    </FormDialog>
  );
}
