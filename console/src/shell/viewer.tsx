import { createContext, useContext } from 'solid-js';
import type { OrganizationAction, ViewerQuery } from '../api/generated';

export type Viewer = ViewerQuery['viewer'];

export const ViewerContext = createContext<() => Viewer>();

/** Who is signed in. Only for what is shown after sign-in. */
export function useViewer(): () => Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('There is no viewer before sign-in.');
  return viewer;
}

/** Whether the viewer may do this at the acting organization; the server says so. */
export function may(viewer: Viewer, action: OrganizationAction): boolean {
  return viewer.actingOrganization.availableActions.includes(action);
}
