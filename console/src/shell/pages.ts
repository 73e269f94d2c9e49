import type { Component } from 'solid-js';
import { DashboardPage } from '../dashboard/page';
import { NumbersPage } from '../numbers/page';
import type { Viewer } from './viewer';

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
];
