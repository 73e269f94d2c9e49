import { createSignal, Match, Show, Switch, type JSX } from 'solid-js';
import { AdministratorListDocument, DeleteAdministratorDocument, type AdministratorRowFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { ActionMenu } from '../components/action-menu';
import { Confirmation } from '../components/confirmation';
import type { Column } from '../components/data-table';
import { PagedTable } from '../components/paged-table';
import { createPaging } from '../components/paging';
import { formatEnum, formatTime } from '../format';
import { AdministratorDialog } from './administrator-dialog';

interface Chosen {
  readonly action: 'edit' | 'delete';
  readonly administrator: AdministratorRowFragment;
}

export function Administrators(): JSX.Element {
  const paging = createPaging();
  const query = createQuery(AdministratorListDocument, () => ({ after: paging.after() }));
  const [inviting, setInviting] = createSignal(false);
  const [chosen, setChosen] = createSignal<Chosen>();
  const close = () => setChosen(undefined);
  const page = () => query.data()?.administrators;

  const columns: readonly Column<AdministratorRowFragment>[] = [
    { header: 'Name', cell: administrator => administrator.name },
    { header: 'Email address', cell: administrator => administrator.email },
    { header: 'Role', cell: administrator => formatEnum(administrator.role) },
    { header: 'Organization', cell: administrator => administrator.organization.name },
    { header: 'Alerts', cell: administrator => (administrator.receivesAlerts ? 'On' : 'Off') },
    {
      header: 'Last sign-in',
      cell: ({ lastSignInAt, status }) => (lastSignInAt ? formatTime(lastSignInAt) : formatEnum(status)),
    },
    {
      header: 'Actions',
      class: 'actions',
      cell: administrator => (
        <ActionMenu
          label={`Actions for ${administrator.name}`}
          items={[
            { label: 'Edit', onSelect: () => setChosen({ action: 'edit', administrator }) },
            { label: 'Delete', onSelect: () => setChosen({ action: 'delete', administrator }) },
          ]}
        />
      ),
    },
  ];

  return (
    <section class="panel flush" aria-labelledby="administrators-title">
      <div class="panel-head inset">
        <h2 id="administrators-title">Administrators</h2>
        <button class="button primary" type="button" onClick={() => setInviting(true)}>
          Invite an administrator
        </button>
      </div>
      <PagedTable
        caption="Administrators"
        columns={columns}
        query={query}
        page={page()}
        paging={paging}
        total={page()?.totalCount}
        empty="There are no administrators."
      />
      <Show when={inviting()}>
        <AdministratorDialog onClose={() => setInviting(false)} />
      </Show>
      <Show when={chosen()} keyed>
        {({ action, administrator }) => (
          <Switch>
            <Match when={action === 'edit'}>
              <AdministratorDialog administrator={administrator} onClose={close} />
            </Match>
            <Match when={action === 'delete'}>
              <Confirmation
                title={`Delete ${administrator.name}`}
                text={`${administrator.email} can no longer sign in. What they did stays in the history.`}
                button="Delete"
                mutation={DeleteAdministratorDocument}
                input={{ administratorId: administrator.id }}
                done={`${administrator.name} was deleted.`}
                onClose={close}
              />
            </Match>
          </Switch>
        )}
      </Show>
    </section>
  );
}
