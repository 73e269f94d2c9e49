import { createSignal, type JSX } from 'solid-js';
import { WithdrawNumbersDocument, type HolderFragment, type SeriesStockFragment } from '../api/generated';
import { SelectField, TextField, wholeNumber } from '../components/form';
import { count } from '../format';
import { BulkDialog } from './bulk-dialog';
import { TransferPreview } from './preview';
import { seriesChoices } from './series-choices';

interface WithdrawDialogProps {
  readonly holder: HolderFragment;
  readonly stock: readonly SeriesStockFragment[];
  readonly onClose: () => void;
}

/** Withdraw Numbers: unused numbers go to the immediate parent. */
export function WithdrawDialog(props: WithdrawDialogProps): JSX.Element {
  const choices = () => seriesChoices(props.stock);
   
  const [seriesId, setSeriesId] = createSignal(choices()[0]?.value ?? '');
  const [quantity, setQuantity] = createSignal('1');

  return (
    <BulkDialog
      title={`Withdraw Numbers from ${props.holder.name}`}
      mutation={WithdrawNumbersDocument}
      input={{ organizationId: props.holder.id, seriesId: seriesId(), quantity: wholeNumber(quantity()) }}
      button="Proceed"
      preview={outcome => <TransferPreview outcome={outcome} />}
      done={outcome => `${count(outcome.changedCount, 'number')} withdrawn from ${props.holder.name}.`}
      onClose={props.onClose}
    >
      <p>Only unused numbers can be withdrawn. They go to {props.holder.parent?.name}.</p>
      <SelectField name="seriesId" label="Series" value={seriesId()} choices={choices()} onChange={setSeriesId} />
      <TextField name="quantity" label="Quantity" type="number" min={1} value={quantity()} onInput={setQuantity} />
    </BulkDialog>
  );
}
