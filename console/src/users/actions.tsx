// The menu of a user and the dialogs that it opens.
import { Match, Switch, type JSX } from 'solid-js';
import type { UserAction, UserRowFragment } from '../api/generated';
import { ActionMenu } from '../components/action-menu';
import { DeleteUserDialog } from './delete-dialog';
import { EditUserDialog } from './edit-dialog';
import { CancelInvitationDialog, SendInvitationDialog } from './invitation-dialogs';

const LABELS: readonly (readonly [UserAction, string])[] = [
  ['UPDATE', 'Edit'],
  ['SEND_INVITATION', 'Send the invitation'],
  ['RESEND_INVITATION', 'Send the invitation again'],
  ['CANCEL_INVITATION', 'Cancel the invitation'],
  ['DELETE', 'Delete the user'],
];

export interface ChosenUserAction {
  readonly action: UserAction;
  readonly user: UserRowFragment;
}

export function UserMenu(props: { user: UserRowFragment; onChoose: (chosen: ChosenUserAction) => void }): JSX.Element {
  const items = () =>
    LABELS.filter(([action]) => props.user.availableActions.includes(action)).map(([action, label]) => ({
      label,
      onSelect: () => props.onChoose({ action, user: props.user }),
    }));
  return <ActionMenu label={`Actions for ${props.user.firstName} ${props.user.lastName}`} items={items()} />;
}

export function UserDialog(props: ChosenUserAction & { onClose: () => void }): JSX.Element {
  const sends = () => props.action === 'SEND_INVITATION' || props.action === 'RESEND_INVITATION';
  return (
    <Switch>
      <Match when={props.action === 'UPDATE'}>
        <EditUserDialog user={props.user} onClose={props.onClose} />
      </Match>
      <Match when={props.action === 'DELETE'}>
        <DeleteUserDialog user={props.user} number={props.user.phoneNumber?.number} onClose={props.onClose} />
      </Match>
      <Match when={sends()}>
        <SendInvitationDialog user={props.user} onClose={props.onClose} />
      </Match>
      <Match when={props.action === 'CANCEL_INVITATION'}>
        <CancelInvitationDialog user={props.user} number={props.user.phoneNumber?.number} onClose={props.onClose} />
      </Match>
    </Switch>
  );
}
