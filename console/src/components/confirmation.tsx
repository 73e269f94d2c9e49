import type { JSX } from 'solid-js';
import { createAction, type Input } from '../api/action';
import type { TypedDocumentString } from '../api/generated';
import { announce } from './announcements';
import { FormDialog } from './form-dialog';

interface ConfirmationProps<Data, Variables extends { input: object }> {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly mutation: TypedDocumentString<Data, Variables>;
  readonly input: Input<Variables>;
  /** What to say when it is done. */
  readonly done: string;
  readonly onClose: () => void;
}

/** Asks before a mutation, and says why when it is refused. */
export function Confirmation<Data extends object, Variables extends { input: object }>(
  props: ConfirmationProps<Data, Variables>,
): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- a confirmation keeps its mutation
  const action = createAction(props.mutation);
  const confirm = async (): Promise<void> => {
    if (!(await action.run(props.input))) return;
    announce(props.done);
    props.onClose();
  };
  return (
    <FormDialog
      title={props.title}
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={confirm}
      submit={props.button}
      danger
      onClose={props.onClose}
    >
      <p>{props.text}</p>
    </FormDialog>
  );
}
