// The menu of a number and the dialogs that it opens. The server says which actions there are.
import { Match, Switch, type JSX } from 'solid-js';
import {
  RetireNumbersDocument,
  UnreserveNumbersDocument,
  type NumberAction,
  type NumberRowFragment,
} from '../api/generated';
import { ActionMenu } from '../components/action-menu';
import { Confirmation } from '../components/confirmation';
import { DeleteUserDialog } from '../users/delete-dialog';
import { CancelInvitationDialog, SendInvitationDialog } from '../users/invitation-dialogs';
import { InviteDialog } from '../users/invite-dialog';
import { ForwardingDialog } from './forwarding-dialog';
import { MoveDialog } from './move-dialog';

/** The actions with their names in the menu, in its order. Both forwarding actions share a dialog. */
const LABELS: readonly (readonly [NumberAction, string])[] = [
  ['MOVE', 'Move'],
  ['RESERVE', 'Reserve'],
  ['EDIT_TAG', 'Edit tag'],
  ['UNRESERVE', 'Unreserve'],
  ['UPDATE_FORWARDING', 'Forwarding number'],
  ['INVITE', 'Invite a user'],
  ['RESEND_INVITATION', 'Send the invitation again'],
  ['CANCEL_INVITATION', 'Cancel the invitation'],
  ['DELETE_USER', 'Delete the user'],
  ['RETIRE', 'Retire'],
];

export interface ChosenAction {
  readonly action: NumberAction;
  readonly number: NumberRowFragment;
}

export function NumberMenu(props: {
  number: NumberRowFragment;
  onChoose: (chosen: ChosenAction) => void;
}): JSX.Element {
  const items = () =>
    LABELS.filter(([action]) => props.number.availableActions.includes(action)).map(([action, label]) => ({
      label,
      onSelect: () => props.onChoose({ action, number: props.number }),
    }));
  return <ActionMenu label={`Actions for ${props.number.number}`} items={items()} />;
}

export function NumberDialog(props: ChosenAction & { onClose: () => void }): JSX.Element {
  const is = (action: NumberAction) => props.action === action;
  const userOf = (action: NumberAction) => (is(action) ? props.number.user : null);
  return (
    <Switch>
      <Match when={is('MOVE')}>
        <MoveDialog number={props.number} onClose={props.onClose} />
      </Match>
      <Match when={is('UPDATE_FORWARDING')}>
        <ForwardingDialog number={props.number} onClose={props.onClose} />
      </Match>
      <Match when={is('INVITE')}>
        <InviteDialog number={props.number} organizationId={props.number.organization.id} onClose={props.onClose} />
      </Match>
      <Match when={userOf('DELETE_USER')}>
        {user => <DeleteUserDialog user={user()} number={props.number.number} onClose={props.onClose} />}
      </Match>
      <Match when={is('UNRESERVE')}>
        <Confirmation
          title={`Unreserve ${props.number.number}`}
          text={`The tag “${props.number.reservedTag}” is deleted, and the number is available again.`}
          button="Unreserve"
          mutation={UnreserveNumbersDocument}
          input={{ numberIds: [props.number.id] }}
          done={`${props.number.number} is available.`}
          onClose={props.onClose}
        />
      </Match>
      <Match when={is('RETIRE')}>
        <Confirmation
          title={`Retire ${props.number.number}`}
          text="The number leaves the inventory. Its history stays readable."
          button="Retire"
          mutation={RetireNumbersDocument}
          input={{ numberIds: [props.number.id] }}
          done={`${props.number.number} was retired.`}
          onClose={props.onClose}
        />
      </Match>
      <Match when={userOf('CANCEL_INVITATION')}>
        {user => <CancelInvitationDialog user={user()} number={props.number.number} onClose={props.onClose} />}
      </Match>
      <Match when={userOf('RESEND_INVITATION')}>
        {user => <SendInvitationDialog user={user()} onClose={props.onClose} />}
      </Match>
    </Switch>
  );
}
