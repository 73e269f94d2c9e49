import type { JSX } from 'solid-js';

interface CheckboxProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** Draws a line above it. */
  readonly ruled?: boolean;
  readonly children: JSX.Element;
}

/** A checkbox with its label. */
export function Checkbox(props: CheckboxProps): JSX.Element {
  return (
    <label class="option" classList={{ rule: props.ruled ?? false }}>
      <input type="checkbox" checked={props.checked} onChange={event => props.onChange(event.currentTarget.checked)} />
      <span>{props.children}</span>
    </label>
  );
}
