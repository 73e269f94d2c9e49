import type { JSX } from 'solid-js';
import { useViewer } from '../shell/viewer';
import { Story } from './story';
import { UsagePanels } from './usage';
import { UtilizationPanel } from './utilization';

export function DashboardPage(): JSX.Element {
  const viewer = useViewer();
  return (
    <>
      <h1>
        Dashboard <small>{viewer().actingOrganization.name}</small>
      </h1>
      <Story />
      <div class="dashboard">
        <UtilizationPanel />
        <UsagePanels />
      </div>
    </>
  );
}
