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
  let content: HTMLDivElement | undefined;
  const opener = document.activeElement;
  const returnFocus = (event: Event): void => {
    event.preventDefault();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  };
  // The first field, because the button that closes comes before it.
  const focusFirst = (event: Event): void => {
    const first = content?.querySelector<HTMLElement>('.input, [role=treeitem]');
    if (!first) return;
    event.preventDefault();
    first.focus();
  };
  return (
    <Dialog.Root open preventScroll={false} onOpenChange={open => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="overlay" />
        <div class="dialog-frame">
          <Dialog.Content
            ref={content}
            class={props.wide ? 'dialog wide' : 'dialog'}
            onOpenAutoFocus={focusFirst}
            onCloseAutoFocus={returnFocus}
          >
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
