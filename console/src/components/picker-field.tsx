import { createSignal, type Accessor, type JSX } from 'solid-js';
import { afterPause } from './after-pause';
import { Field, type FieldProps } from './form';

interface PickerFieldProps extends FieldProps {
  readonly short?: boolean;
  /** The list to pick from; gets the text that is searched for. */
  readonly children: (search: Accessor<string>) => JSX.Element;
}

/** A field whose value is picked from a list below a search field. */
export function PickerField(props: PickerFieldProps): JSX.Element {
  const [text, setText] = createSignal('');
  const search = afterPause(text);
  return (
    <Field name={props.name} label={props.label} hint={props.hint}>
      {control => (
        <div class="picker">
          <input
            {...control}
            class="input"
            type="search"
            autocomplete="off"
            placeholder="Search, or choose below"
            value={text()}
            onInput={event => setText(event.currentTarget.value)}
          />
          <div class="picker-list" aria-busy={search.typing()} classList={{ short: props.short ?? false }}>
            {props.children(search.text)}
          </div>
        </div>
      )}
    </Field>
  );
}
