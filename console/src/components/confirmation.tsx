import type { JSX } from 'solid-js';
import type { Action } from '../api/action';
import { announce } from './announcements';
import { Form } from './form';
import { Modal } from './modal';

interface ConfirmationProps<Data, Input> {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly action: Action<Data, Input>;
  readonly input: Input;
  /** What to say when it is done. */
  readonly done: string;
  readonly onClose: () => void;
}

/** Asks before a mutation, and says why when it is refused. */
export function Confirmation<Data, Input>(props: ConfirmationProps<Data, Input>): JSX.Element {
  const confirm = async (): Promise<void> => {
    if (!(await props.action.run(props.input))) return;
    announce(props.done);
    props.onClose();
  };
  return (
    <Modal title={props.title} onClose={props.onClose}>
      <Form
        errors={props.action.errors()}
        pending={props.action.pending()}
        onSubmit={() => void confirm()}
        submit={props.button}
        onCancel={props.onClose}
        danger
      >
        <p>{props.text}</p>
      </Form>
    </Modal>
  );
}
