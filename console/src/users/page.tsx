import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import {
  UserCountDocument,
  UserListDocument,
  type UserFilter,
  type UserOrderField,
  type UserRowFragment,
  type UserStatus,
} from '../api/generated';
import { createQuery } from '../api/query';
import type { Column, Sorting } from '../components/data-table';
import { PagedTable } from '../components/paged-table';
import { createPaging } from '../components/paging';
import { TextSearch } from '../components/text-search';
import { formatEnum } from '../format';
import { may, useViewer } from '../shell/viewer';
import { UserDialog, UserMenu, type ChosenUserAction } from './actions';
import { InviteDialog } from './invite-dialog';
import { InviteManyDialog } from './invite-many-dialog';

const STATUSES: readonly UserStatus[] = ['NOT_INVITED', 'INVITED', 'ACTIVATED', 'INVITATION_FAILED'];

export function UsersPage(): JSX.Element {
  const viewer = useViewer();
  const [text, setText] = createSignal('');
  const [status, setStatus] = createSignal<UserStatus>();
  const [inviting, setInviting] = createSignal(false);
  const [invitingMany, setInvitingMany] = createSignal(false);
  const filter = createMemo<UserFilter>(() => {
    const chosen = status();
    return { text: text() || null, statuses: chosen ? [chosen] : null };
  });
  return (
    <>
      <div class="page-head">
        <h1>Users</h1>
        <Show when={may(viewer(), 'INVITE_USER')}>
          <div class="buttons">
            <button class="button" type="button" onClick={() => setInvitingMany(true)}>
              Invite several users
            </button>
            <button class="button primary" type="button" onClick={() => setInviting(true)}>
              Invite a user
            </button>
          </div>
        </Show>
      </div>
      <TextSearch label="Name, email address or number" onSearch={setText}>
        <select
          class="input"
          aria-label="Status"
          onChange={event => setStatus((event.currentTarget.value || undefined) as UserStatus | undefined)}
        >
          <option value="">Any status</option>
          <For each={STATUSES}>{value => <option value={value}>{formatEnum(value)}</option>}</For>
        </select>
      </TextSearch>
      <UserTable filter={filter()} />
      <Show when={inviting()}>
        <InviteDialog organizationId={viewer().actingOrganization.id} onClose={() => setInviting(false)} />
      </Show>
      <Show when={invitingMany()}>
        <InviteManyDialog
          organizationId={viewer().actingOrganization.id}
          onClose={() => setInvitingMany(false)}
        />
      </Show>
    </>
  );
}

function UserTable(props: { filter: UserFilter }): JSX.Element {
  const [sorting, setSorting] = createSignal<Sorting<UserOrderField>>({ field: 'NAME', direction: 'ASC' });
  const [chosen, setChosen] = createSignal<ChosenUserAction>();
  const paging = createPaging(createMemo(() => JSON.stringify([props.filter, sorting()])));
  const list = createQuery(UserListDocument, () => ({
    filter: props.filter,
    orderBy: sorting(),
    after: paging.after(),
  }));
  const total = createQuery(UserCountDocument, () => ({ filter: props.filter }));
  const page = () => list.data()?.users;

  const columns: readonly Column<UserRowFragment, UserOrderField>[] = [
    { header: 'Name', sort: 'NAME', cell: user => `${user.firstName} ${user.lastName}` },
    { header: 'Email address', sort: 'EMAIL', cell: user => user.email },
    { header: 'Organization', sort: 'ORGANIZATION', cell: user => user.organization.name },
    { header: 'Number', sort: 'NUMBER', class: 'telephone', cell: user => user.phoneNumber?.number ?? 'none' },
    { header: 'Status', sort: 'STATUS', cell: user => <UserStatusText user={user} /> },
    {
      header: 'Actions',
      class: 'actions',
      cell: user => (
        <Show when={user.availableActions.length > 0}>
          <UserMenu user={user} onChoose={setChosen} />
        </Show>
      ),
    },
  ];

  return (
    <section class="panel flush" aria-label="Users">
      <PagedTable
        caption="Users"
        columns={columns}
        query={list}
        page={page()}
        paging={paging}
        total={total.loading() ? undefined : total.data()?.users.totalCount}
        empty="No user matches."
        sorting={sorting()}
        onSort={setSorting}
      />
      <Show when={chosen()} keyed>
        {action => <UserDialog action={action.action} user={action.user} onClose={() => setChosen(undefined)} />}
      </Show>
    </section>
  );
}

function UserStatusText(props: { user: UserRowFragment }): JSX.Element {
  return (
    <>
      {formatEnum(props.user.status)}
      <Show when={props.user.invitationError}>
        <small>{props.user.invitationError}</small>
      </Show>
    </>
  );
}
