import type { JSX } from 'solid-js';

const PATHS = {
  check: 'M4 10.5l4 4 8-9',
  chevron: 'M6 8l4 4 4-4',
  close: 'M5 5l10 10M15 5L5 15',
  download: 'M10 3v10m-4-4l4 4 4-4M4 17h12',
  edit: 'M4 16l1-4 8-8 3 3-8 8-4 1zM11.5 5.5l3 3',
  menu: 'M3 6h14M3 10h14M3 14h14',
  more: 'M10 4.5h.01M10 10h.01M10 15.5h.01',
  question: 'M7.5 7.5a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.7-.9 1.7M10 14.5v.01M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16z',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5L17 17',
  tree: 'M8 2.5h4v4H8zM3 13.5h4v4H3zM13 13.5h4v4h-4zM10 6.5V10M5 13.5V10h10v3.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: what it means is said by the text or the label of its button. */
export function Icon(props: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" data-icon={props.name} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[props.name]} />
    </svg>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 9v6M16 15H7v6M16 15v6M16 15h9v6" />
      <circle cx="16" cy="6" r="4" />
      <circle cx="7" cy="25" r="4" />
      <circle cx="16" cy="25" r="4" />
      <circle cx="25" cy="25" r="4" />
    </svg>
  );
}
