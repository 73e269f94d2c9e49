import { createUniqueId, For, type JSX } from 'solid-js';
import type { Choice } from './form';

interface RadioGroupProps<Value extends string> {
  readonly legend: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

export function RadioGroup<Value extends string>(props: RadioGroupProps<Value>): JSX.Element {
  const name = createUniqueId();
  return (
    <fieldset class="radios">
      <legend>{props.legend}</legend>
      <For each={props.choices}>
        {choice => (
          <label class="option">
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === props.value}
              onChange={() => props.onChange(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        )}
      </For>
    </fieldset>
  );
}
