import type { Role } from '../api/generated';
import type { Choice } from '../components/form';

export const ROLES: readonly Choice<Role>[] = [
  { value: 'OWNER', label: 'Owner: everything' },
  { value: 'ADMIN', label: 'Admin: everything but administrators and keys' },
  { value: 'VIEWER', label: 'Viewer: reads and downloads' },
  { value: 'USAGE_WRITER', label: 'Usage writer: records usage' },
];
