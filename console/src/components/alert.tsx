import { Show, type JSX } from 'solid-js';

/** An error, if there is one. */
export function Alert(props: { message: string | undefined }): JSX.Element {
  return (
    <Show when={props.message}>
      <p class="alert" role="alert">
        {props.message}
      </p>
    </Show>
  );
}
