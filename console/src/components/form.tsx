// Forms whose refusals stand beside the field that they are about.
import { createContext, createEffect, createUniqueId, For, onCleanup, Show, useContext, type JSX } from 'solid-js';
import { createStore } from 'solid-js/store';
import type { FormError } from '../api/action';

interface FormState {
  readonly messages: (name: string) => string;
  readonly claim: (name: string) => void;
}

const FormContext = createContext<FormState>();

interface FormProps {
  readonly errors: readonly FormError[];
  readonly pending: boolean;
  readonly onSubmit: () => void | Promise<void>;
  readonly submit: string;
  readonly onCancel?: () => void;
  readonly danger?: boolean;
  readonly class?: string;
  readonly children?: JSX.Element;
}

/** The name of the input field that an error is about: `["input", "tag"]` is about `tag`. */
function fieldOf(error: FormError): string | undefined {
  return error.path[1];
}

export function Form(props: FormProps): JSX.Element {
  const [claimed, setClaimed] = createStore<Record<string, boolean>>({});
  let form: HTMLFormElement | undefined;

  const state: FormState = {
    messages: name => props.errors.filter(error => fieldOf(error) === name).map(error => error.message).join(' '),
    claim: name => {
      setClaimed(name, true);
      onCleanup(() => setClaimed(name, false));
    },
  };
  const others = () => props.errors.filter(error => !claimed[fieldOf(error) ?? '']);

  createEffect(() => {
    if (props.errors.length > 0) form?.querySelector<HTMLElement>('[aria-invalid=true], .alert')?.focus();
  });

  return (
    <FormContext.Provider value={state}>
      <form
        ref={form}
        class={`form ${props.class ?? ''}`}
        noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!props.pending) void props.onSubmit();
        }}
      >
        {props.children}
        <Show when={others().length > 0}>
          <div class="alert" role="alert" tabindex="-1">
            <For each={others()}>{error => <p>{error.message}</p>}</For>
          </div>
        </Show>
        <div class="buttons">
          <button class={`button ${props.danger ? 'danger' : 'primary'}`} type="submit" aria-busy={props.pending}>
            {props.submit}
          </button>
          <Show when={props.onCancel}>
            <button class="button" type="button" onClick={() => props.onCancel?.()}>
              Cancel
            </button>
          </Show>
        </div>
      </form>
    </FormContext.Provider>
  );
}

interface ControlAttributes {
  readonly id: string;
  readonly name: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
}

export interface FieldProps {
  /** The name of the field in the mutation's input. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with it before the form is sent. */
  readonly problem?: string | undefined;
}

/** A label, a control, its hint, and what the server says about it. */
export function Field(props: FieldProps & { children: (control: ControlAttributes) => JSX.Element }): JSX.Element {
  const id = createUniqueId();
  const form = useContext(FormContext);
  createEffect(() => form?.claim(props.name));
  const message = () => props.problem ?? form?.messages(props.name) ?? '';
  const control: ControlAttributes = {
    id,
    get name() {
      return props.name;
    },
    get 'aria-invalid'() {
      return message() !== '';
    },
    'aria-describedby': `${id}-hint ${id}-error`,
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(control)}
      <p class="hint" id={`${id}-hint`}>
        {props.hint}
      </p>
      <p class="error" id={`${id}-error`} aria-live="polite">
        {message()}
      </p>
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'date' | 'email' | 'number' | 'password' | 'tel' | 'text';
  readonly autocomplete?: string;
  readonly min?: number;
  readonly max?: number;
}

export function TextField(props: TextFieldProps): JSX.Element {
  return (
    <Field name={props.name} label={props.label} hint={props.hint}>
      {control => (
        <input
          {...control}
          class="input"
          type={props.type ?? 'text'}
          autocomplete={props.autocomplete ?? 'off'}
          min={props.min}
          max={props.max}
          value={props.value}
          onInput={event => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface TextAreaProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
}

export function TextArea(props: TextAreaProps): JSX.Element {
  return (
    <Field name={props.name} label={props.label} hint={props.hint}>
      {control => (
        <textarea
          {...control}
          class="input"
          rows="6"
          spellcheck={false}
          placeholder={props.placeholder}
          value={props.value}
          onInput={event => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** The whole number in a field. An empty or broken one is 0, which the server refuses beside the field. */
export function wholeNumber(text: string): number {
  return Math.trunc(Number(text)) || 0;
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

interface SelectFieldProps<Value extends string> extends FieldProps {
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
}

export function SelectField<Value extends string>(props: SelectFieldProps<Value>): JSX.Element {
  return (
    <Field name={props.name} label={props.label} hint={props.hint}>
      {control => (
        <select
          {...control}
          class="input"
          value={props.value}
          onChange={event => props.onChange(event.currentTarget.value as Value)}
        >
          <For each={props.choices}>
            {choice => (
              <option value={choice.value} selected={choice.value === props.value}>
                {choice.label}
              </option>
            )}
          </For>
        </select>
      )}
    </Field>
  );
}
