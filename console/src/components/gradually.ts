import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';

const PORTION = 10;

/**
 * The items of a list, ten more of them with each frame, from the next frame on: a long list that is drawn at once
 * would hold up the page, and with it what the user types.
 */
export function gradually<T>(items: Accessor<readonly T[] | undefined>): Accessor<readonly T[] | undefined> {
  const [shown, setShown] = createSignal(0);
  let frame = 0;
  const showMore = (): void => {
    setShown(count => count + PORTION);
    if (shown() < (items()?.length ?? 0)) frame = requestAnimationFrame(showMore);
  };
  createEffect(
    on(
      () => items()?.length ?? 0,
      length => {
        cancelAnimationFrame(frame);
        if (shown() < length) frame = requestAnimationFrame(showMore);
      },
    ),
  );
  onCleanup(() => cancelAnimationFrame(frame));
  return () => items()?.slice(0, shown());
}
