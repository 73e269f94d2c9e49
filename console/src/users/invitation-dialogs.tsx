// Asks before an invitation is sent again or cancelled.
import type { JSX } from 'solid-js';
import { CancelInvitationDocument, ResendInvitationDocument } from '../api/generated';
import { Confirmation } from '../components/confirmation';

interface InvitationDialogProps {
  readonly user: { readonly id: string; readonly email: string };
  readonly onClose: () => void;
}

export function SendInvitationDialog(props: InvitationDialogProps): JSX.Element {
  return (
    <Confirmation
      title="Send the invitation"
      text={`${props.user.email} gets a mail with a link. The link in an earlier mail stops working.`}
      button="Send"
      mutation={ResendInvitationDocument}
      input={{ userId: props.user.id }}
      done={`The invitation was sent to ${props.user.email}.`}
      onClose={props.onClose}
    />
  );
}

/** The number is the one that the user was invited on, if there is one. */
export function CancelInvitationDialog(props: InvitationDialogProps & { number: string | undefined }): JSX.Element {
  return (
    <Confirmation
      title="Cancel the invitation"
      text={
        `The link in the mail to ${props.user.email} stops working` +
        (props.number ? `, and ${props.number} is available again.` : '.')
      }
      button="Cancel the invitation"
      mutation={CancelInvitationDocument}
      input={{ userId: props.user.id }}
      done={`The invitation of ${props.user.email} was cancelled.`}
      onClose={props.onClose}
    />
  );
}
