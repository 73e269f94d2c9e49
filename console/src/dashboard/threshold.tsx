import { createSignal, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { SetThresholdDocument } from '../api/generated';
import { announce } from '../components/announcements';
import { TextField, wholeNumber } from '../components/form';
import { FormDialog } from '../components/form-dialog';

export function ThresholdDialog(props: { percent: number; onClose: () => void }): JSX.Element {
  const action = createAction(SetThresholdDocument);
  // eslint-disable-next-line solid/reactivity -- where the editing begins
  const [percent, setPercent] = createSignal(String(props.percent));
  const submit = async (): Promise<void> => {
    if (!(await action.run({ percent: wholeNumber(percent()) }))) return;
    announce(`The utilization threshold is ${percent()}%.`);
    props.onClose();
  };
  return (
    <FormDialog
      title="Manage Threshold"
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit="Save"
      onClose={props.onClose}
    >
      <p>
        When this share of your numbers is in use, administrators get an email, and again at every later assignment
        until the last number is used.
      </p>
      <TextField
        name="percent"
        label="Utilization Threshold, in percent"
        hint="From 1 to 100."
        type="number"
        min={1}
        max={100}
        value={percent()}
        onInput={setPercent}
      />
    </FormDialog>
  );
}
