import { useSearchParams } from '@solidjs/router';
import { createSignal, Show, type JSX } from 'solid-js';
import type { TreeNodeFragment } from '../api/generated';
import { allColumns } from './columns';
import { EMPTY_SEARCH, filterOf, type NumberSearch } from './filter';
import { HierarchyDialog } from './hierarchy-dialog';
import { NumberTable } from './number-table';
import { SearchPanel } from './search-panel';

export function NumbersPage(): JSX.Element {
  const [parameters] = useSearchParams();
  const [draft, setDraft] = createSignal<NumberSearch>(EMPTY_SEARCH);
  const [search, setSearch] = createSignal<NumberSearch>(EMPTY_SEARCH);
  const [hierarchy, setHierarchy] = createSignal(parameters['hierarchy'] !== undefined);

  const apply = (next: NumberSearch): void => {
    setDraft(next);
    setSearch(next);
  };
  const showNumbers = ({ id, name, path }: TreeNodeFragment): void => {
    setHierarchy(false);
    apply({ ...EMPTY_SEARCH, organizations: [{ id, name, detail: path }] });
  };

  return (
    <>
      <h1>Number Status and Actions</h1>
      <SearchPanel
        search={draft()}
        onChange={setDraft}
        onSearch={apply}
        onViewHierarchy={() => setHierarchy(true)}
      />
      <NumberTable
        caption="Numbers"
        columns={allColumns}
        filter={filterOf(search())}
        empty="No number matches your search."
      />
      <Show when={hierarchy()}>
        <HierarchyDialog onShowNumbers={showNumbers} onClose={() => setHierarchy(false)} />
      </Show>
    </>
  );
}
