const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const wholeNumbers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const percents = new Intl.NumberFormat('en', { maximumFractionDigits: 1, style: 'percent' });
const times = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export const formatNumber = (value: number): string => (value < 1000 ? numbers : wholeNumbers).format(value);
export const formatPercent = (value: number): string => percents.format(value / 100);
export const formatTime = (value: string): string => times.format(new Date(value));
/** A date without a time, such as `2026-11-09`, which is the same day everywhere. */
export const formatDay = (value: string): string => days.format(new Date(value));

export function count(value: number, noun: string): string {
  return `${formatNumber(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `INVITATION_FAILED` as `Invitation failed`. */
export function formatEnum(value: string): string {
  const words = value.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
