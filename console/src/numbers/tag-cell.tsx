// The Reserved Tag column, in which a tag is entered and edited.
import { createSignal, onMount, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { EditReservedTagDocument, ReserveNumbersDocument, type NumberRowFragment } from '../api/generated';
import { announce } from '../components/announcements';
import { Icon } from '../components/icons';

interface TagCellProps {
  readonly number: NumberRowFragment;
  readonly editing: boolean;
  readonly onEdit: () => void;
  readonly onDone: () => void;
}

export function TagCell(props: TagCellProps): JSX.Element {
  let cell: HTMLDivElement | undefined;
  // The focus goes to the pencil, or to the menu of the row where there is no tag.
  const finish = (): void => {
    props.onDone();
    (cell?.querySelector('button') ?? cell?.closest('tr')?.querySelector<HTMLElement>('.actions button'))?.focus();
  };
  return (
    <div class="tag-cell" ref={cell}>
      <Show
        when={props.editing}
        fallback={
          <>
            <span class="tag-text">{props.number.reservedTag}</span>
            <Show when={props.number.availableActions.includes('EDIT_TAG')}>
              <button
                class="icon-button"
                type="button"
                aria-label={`Edit the tag of ${props.number.number}`}
                onClick={() => props.onEdit()}
              >
                <Icon name="edit" />
              </button>
            </Show>
          </>
        }
      >
        <TagForm number={props.number} onDone={finish} />
      </Show>
    </div>
  );
}

function TagForm(props: { number: NumberRowFragment; onDone: () => void }): JSX.Element {
  const reserve = createAction(ReserveNumbersDocument);
  const edit = createAction(EditReservedTagDocument);
  // eslint-disable-next-line solid/reactivity -- where the editing begins
  const [tag, setTag] = createSignal(props.number.reservedTag ?? '');
  let input: HTMLInputElement | undefined;
  onMount(() => input?.select());

  const errors = () => [...reserve.errors(), ...edit.errors()];
  const save = async (): Promise<void> => {
    const { id, number, status } = props.number;
    const saved =
      status === 'RESERVED'
        ? await edit.run({ numberId: id, tag: tag() })
        : await reserve.run({ numberIds: [id], tag: tag() });
    if (!saved) {
      input?.focus();
      return;
    }
    announce(`${number} is reserved for “${tag().trim()}”.`);
    props.onDone();
  };
  return (
    <form
      class="tag-form"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={event => event.key === 'Escape' && props.onDone()}
    >
      <input
        ref={input}
        class="input"
        autocomplete="off"
        aria-label={`Reserved tag of ${props.number.number}`}
        aria-invalid={errors().length > 0}
        aria-describedby={`tag-error-${props.number.id}`}
        value={tag()}
        onInput={event => setTag(event.currentTarget.value)}
      />
      <button class="icon-button" type="submit" aria-label="Save">
        <Icon name="check" />
      </button>
      <button class="icon-button" type="button" aria-label="Cancel" onClick={() => props.onDone()}>
        <Icon name="close" />
      </button>
      <p class="error" id={`tag-error-${props.number.id}`} aria-live="polite">
        {errors()
          .map(error => error.message)
          .join(' ')}
      </p>
    </form>
  );
}
