// The organizations as a tree, loaded level by level: only what is open has been asked for.
import { createSignal, For, Show, type JSX } from 'solid-js';
import { TreeChildrenDocument, TreeRootDocument, type TreeNodeFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { gradually } from '../components/gradually';
import { Icon } from '../components/icons';
import { moveFocus } from '../components/item-keys';
import { formatNumber } from '../format';

export interface Selection {
  readonly selected: TreeNodeFragment | null;
  readonly onSelect: (organization: TreeNodeFragment) => void;
}

/** Tree with the acting organization at its top. Arrow keys walk it, Enter and Space select. */
export function OrganizationTree(props: Selection & { label: string }): JSX.Element {
  const root = createQuery(TreeRootDocument, () => ({}));
  // In a later frame than the dialog around the tree.
  const shown = gradually(() => toArray(root.data()?.organization));
  return (
    <ul class="tree" role="tree" aria-label={props.label} onKeyDown={moveFocus} aria-busy={root.loading()}>
      <For each={shown()} fallback={<li role="none" class="tree-note">Loading …</li>}>
        {organization => (
          <Branch
            organization={organization}
            level={1}
            first
            selected={props.selected}
            onSelect={props.onSelect}
          />
        )}
      </For>
    </ul>
  );
}

function toArray<T>(value: T | null | undefined): readonly T[] {
  return value ? [value] : [];
}

function Branch(props: Selection & { organization: TreeNodeFragment; level: number; first?: boolean }): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- the top is open from the start
  const [open, setOpen] = createSignal(props.level === 1);
  const hasChildren = () => props.organization.childCount > 0;
  const isSelected = () => props.selected?.id === props.organization.id;
  const select = (): void => {
    setOpen(was => isSelected() ? !was : true);
    props.onSelect(props.organization);
  };
  return (
    <li role="none">
      <div
        class="tree-row"
        role="treeitem"
        aria-level={props.level}
        aria-expanded={hasChildren() ? open() : undefined}
        aria-selected={isSelected()}
        tabindex={isSelected() || (props.first && !props.selected) ? 0 : -1}
        on:toggle={() => setOpen(was => !was)}
        on:choose={select}
        onClick={select}
      >
        <span
          class="tree-toggle"
          onClick={event => {
            event.stopPropagation();
            setOpen(was => !was);
          }}
        >
          <Show when={hasChildren()}>
            <Icon name="chevron" />
          </Show>
        </span>
        <span class="tree-name">{props.organization.name}</span>
        <Counts organization={props.organization} />
      </div>
      <Show when={hasChildren() && open()}>
        <ul role="group">
          <Children
            parentId={props.organization.id}
            after={null}
            level={props.level + 1}
            selected={props.selected}
            onSelect={props.onSelect}
          />
        </ul>
      </Show>
    </li>
  );
}

function Children(props: Selection & { parentId: string; after: string | null; level: number }): JSX.Element {
  const query = createQuery(TreeChildrenDocument, () => ({ id: props.parentId, after: props.after }));
  const [continued, setContinued] = createSignal(false);
  const page = () => query.data()?.organization?.children;
  const shown = gradually(() => page()?.nodes);
  return (
    <>
      <For each={shown()} fallback={<li role="none" class="tree-note">{query.error() ?? 'Loading …'}</li>}>
        {child => (
          <Branch organization={child} level={props.level} selected={props.selected} onSelect={props.onSelect} />
        )}
      </For>
      <Show when={page()?.pageInfo.hasNextPage && shown()?.length === page()?.nodes.length}>
        <Show
          when={continued()}
          fallback={
            <li role="none">
              <div
                class="tree-row tree-more"
                role="treeitem"
                aria-level={props.level}
                tabindex="-1"
                on:choose={() => setContinued(true)}
                onClick={() => setContinued(true)}
              >
                Show more
              </div>
            </li>
          }
        >
          <Children {...props} after={page()?.pageInfo.endCursor ?? null} />
        </Show>
      </Show>
    </>
  );
}

export function Counts(props: { organization: TreeNodeFragment }): JSX.Element {
  return (
    <span class="tree-counts">
      {formatNumber(props.organization.utilization.available)} of{' '}
      {formatNumber(props.organization.utilization.total)} available
    </span>
  );
}
