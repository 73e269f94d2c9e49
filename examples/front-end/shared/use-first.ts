import { useState } from 'react';

/**
 * The first value that is there. A list is followed from the `changesCursor` of its first page, although each page that
 * is loaded later has another one.
 */
export function useFirst<T>(value: T | null | undefined): T | undefined {
  const [first, setFirst] = useState(value ?? undefined);
  if (first === undefined && value != null) setFirst(value);
  return first;
}
