import { Show, type JSX } from 'solid-js';
import { may, useViewer } from '../shell/viewer';
import { Administrators } from './administrators';
import { Keys } from './keys';

export function AccessPage(): JSX.Element {
  const viewer = useViewer();
  return (
    <>
      <h1>Administrators and Keys</h1>
      <Administrators />
      <Show when={may(viewer(), 'MANAGE_API_KEYS')}>
        <Keys />
      </Show>
    </>
  );
}
