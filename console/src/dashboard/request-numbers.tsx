import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { RequestNumbersDocument, SupplierDocument } from '../api/generated';
import { createQuery } from '../api/query';
import { announce } from '../components/announcements';
import { TextField, wholeNumber } from '../components/form';
import { FormDialog } from '../components/form-dialog';

/** Shows how to reach the supplier, and sends the request by mail. */
export function RequestNumbersDialog(props: { onClose: () => void }): JSX.Element {
  const supplier = createQuery(SupplierDocument, () => ({}));
  const action = createAction(RequestNumbersDocument);
  const [quantity, setQuantity] = createSignal('100');
  const [area, setArea] = createSignal('');
  const [note, setNote] = createSignal('');
  const contact = () => supplier.data()?.supplierContact;

  const submit = async (): Promise<void> => {
    const input = { quantity: wholeNumber(quantity()), area: area() || null, note: note() || null };
    if (!(await action.run(input))) return;
    announce(`The request was sent to ${contact()?.email}.`);
    props.onClose();
  };

  return (
    <FormDialog
      title="Request More Numbers"
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit="Send the request"
      onClose={props.onClose}
    >
      <p class="note">
        <Show when={contact()} fallback={supplier.error() ?? 'Loading …'}>
          {found => found().message}
        </Show>
      </p>
      <p>Or let us send the email for you:</p>
      <TextField name="quantity" label="How many numbers" type="number" min={1} value={quantity()} onInput={setQuantity} />
      <TextField name="area" label="Area" hint="Such as a city or an area code. Optional." value={area()} onInput={setArea} />
      <TextField name="note" label="Note" hint="Optional." value={note()} onInput={setNote} />
    </FormDialog>
  );
}
