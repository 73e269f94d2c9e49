import { createSignal, type JSX } from 'solid-js';
import { Icon } from './icons';

interface TextSearchProps {
  readonly label: string;
  readonly onSearch: (text: string) => void;
  /** Further filters, between the field and the button. */
  readonly children?: JSX.Element;
}

/** A search field with its button, above a table. */
export function TextSearch(props: TextSearchProps): JSX.Element {
  const [text, setText] = createSignal('');
  return (
    <form
      class="text-search"
      role="search"
      onSubmit={event => {
        event.preventDefault();
        props.onSearch(text().trim());
      }}
    >
      <input
        class="input"
        type="search"
        autocomplete="off"
        aria-label={props.label}
        placeholder={props.label}
        value={text()}
        onInput={event => setText(event.currentTarget.value)}
      />
      {props.children}
      <button class="button" type="submit">
        <Icon name="search" />
        Search
      </button>
    </form>
  );
}
