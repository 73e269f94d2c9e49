import { createSignal, Show, type JSX } from 'solid-js';
import { ApiKeyListDocument, RevokeApiKeyDocument, type ApiKeyRowFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { Confirmation } from '../components/confirmation';
import { DataTable, type Column } from '../components/data-table';
import { formatEnum, formatTime } from '../format';
import { KeyDialog } from './key-dialog';

const time = (value: string | null | undefined, otherwise: string): string => (value ? formatTime(value) : otherwise);

export function Keys(): JSX.Element {
  const query = createQuery(ApiKeyListDocument, () => ({}));
  const [creating, setCreating] = createSignal(false);
  const [revoked, setRevoked] = createSignal<ApiKeyRowFragment>();

  const columns: readonly Column<ApiKeyRowFragment>[] = [
    { header: 'Name', cell: key => key.name },
    { header: 'Role', cell: key => formatEnum(key.role) },
    { header: 'Organization', cell: key => key.organization.name },
    { header: 'Created', cell: key => formatTime(key.createdAt) },
    { header: 'Expires', cell: key => time(key.expiresAt, 'Never') },
    { header: 'Last used', cell: key => time(key.lastUsedAt, 'Never') },
    {
      header: 'Actions',
      class: 'actions',
      cell: key => (
        <Show when={!key.revokedAt} fallback="Revoked">
          <button class="button" type="button" aria-label={`Revoke ${key.name}`} onClick={() => setRevoked(key)}>
            Revoke
          </button>
        </Show>
      ),
    },
  ];

  return (
    <section class="panel flush" aria-labelledby="keys-title">
      <div class="panel-head inset">
        <h2 id="keys-title">API keys</h2>
        <button class="button primary" type="button" onClick={() => setCreating(true)}>
          Create an API key
        </button>
      </div>
      <DataTable
        caption="API keys"
        columns={columns}
        rows={query.data()?.apiKeys ?? undefined}
        busy={query.loading()}
        error={query.error()}
        empty="There are no keys."
      />
      <Show when={creating()}>
        <KeyDialog onClose={() => setCreating(false)} />
      </Show>
      <Show when={revoked()} keyed>
        {key => (
          <Confirmation
            title={`Revoke ${key.name}`}
            text="Programs that use the key are refused from now on."
            button="Revoke"
            mutation={RevokeApiKeyDocument}
            input={{ apiKeyId: key.id }}
            done={`${key.name} was revoked.`}
            onClose={() => setRevoked(undefined)}
          />
        )}
      </Show>
    </section>
  );
}
