import * as Dialog from '@kobalte/core/dialog';
import type { JSX } from 'solid-js';
import { Icon } from './icons';

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: JSX.Element;
}

/** A dialog that is open for as long as it is mounted. The focus returns to where it was. */
export function Modal(props: ModalProps): JSX.Element {
  const opener = document.activeElement;
  const returnFocus = (event: Event): void => {
    event.preventDefault();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  };
  return (
    <Dialog.Root open preventScroll={false} onOpenChange={open => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="overlay" />
        <div class="dialog-frame">
          <Dialog.Content class={props.wide ? 'dialog wide' : 'dialog'} onCloseAutoFocus={returnFocus}>
            <div class="dialog-head">
              <Dialog.Title class="dialog-title">{props.title}</Dialog.Title>
              <Dialog.CloseButton class="icon-button" aria-label="Close">
                <Icon name="close" />
              </Dialog.CloseButton>
            </div>
            {props.children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
