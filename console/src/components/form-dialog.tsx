import type { JSX } from 'solid-js';
import type { FormError } from '../api/action';
import { Form } from './form';
import { Modal } from './modal';

interface FormDialogProps {
  readonly title: string;
  readonly errors: readonly FormError[];
  readonly pending: boolean;
  readonly submit: string;
  readonly onSubmit: () => void | Promise<void>;
  readonly onClose: () => void;
  readonly danger?: boolean;
  readonly children: JSX.Element;
}

/** A dialog with a form, which closes it when it is cancelled. */
export function FormDialog(props: FormDialogProps): JSX.Element {
  return (
    <Modal title={props.title} onClose={props.onClose}>
      <Form
        errors={props.errors}
        pending={props.pending}
        submit={props.submit}
        onSubmit={props.onSubmit}
        onCancel={props.onClose}
        danger={props.danger ?? false}
      >
        {props.children}
      </Form>
    </Modal>
  );
}
