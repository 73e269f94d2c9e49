import type { Component } from 'solid-js';
import { AccessPage } from '../access/page';
import { ActivityPage } from '../activity/page';
import { BulkPage } from '../bulk/page';
import { DashboardPage } from '../dashboard/page';
import { JobsPage } from '../jobs/page';
import { NumbersPage } from '../numbers/page';
import { ReservedPage } from '../reserved/page';
import { UsersPage } from '../users/page';
import { may, type Viewer } from './viewer';

interface Page {
  readonly path: string;
  readonly title: string;
  readonly component: Component;
  readonly allowed: (viewer: Viewer) => boolean;
}

const mayRead = (viewer: Viewer): boolean => viewer.role !== 'USAGE_WRITER';

/** The pages, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: '/', title: 'Dashboard', component: DashboardPage, allowed: mayRead },
  { path: '/numbers', title: 'Number Status and Actions', component: NumbersPage, allowed: mayRead },
  { path: '/reserved', title: 'Reserved Numbers', component: ReservedPage, allowed: mayRead },
  { path: '/bulk', title: 'Bulk Number Operations', component: BulkPage, allowed: mayRead },
  { path: '/users', title: 'Users', component: UsersPage, allowed: mayRead },
  {
    path: '/administrators',
    title: 'Administrators and Keys',
    component: AccessPage,
    allowed: viewer => may(viewer, 'MANAGE_ADMINISTRATORS'),
  },
  { path: '/jobs', title: 'Jobs', component: JobsPage, allowed: mayRead },
  { path: '/activity', title: 'Activity', component: ActivityPage, allowed: mayRead },
];
