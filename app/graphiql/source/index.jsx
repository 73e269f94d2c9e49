// GraphiQL with this server's example tabs. The bundle is self-contained.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { ToolbarButton } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './index.css';
import './workers.js';
import { exampleTabs } from './examples.js';

// Long lines wrap, so that the examples fit panes of any width.
const wraps = { wordWrap: 'on', wrappingIndent: 'indent' };
import('monaco-graphql/esm/monaco-editor.js').then(({ editor }) => {
  editor.getEditors().forEach(one => one.updateOptions(wraps));
  editor.onDidCreateEditor(one => one.updateOptions(wraps));
});

const root = document.getElementById('graphiql');
// A data attribute instead of an inline script: the content security policy forbids inline code.
const configuration = JSON.parse(root.dataset.configuration);

const url = new URL('/graphql', location.href);
const subscriptionUrl = new URL(url);
subscriptionUrl.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: subscriptionUrl.href });

// A comment instead of an invalid token: anonymous callers can still load the documentation.
const TOKEN_HINT = `{
  // Insert your token and remove the slashes:
  // "Authorization": "Bearer TOKEN"
}`;

function demoHeaders(key) {
  return JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2);
}

function restoreExamples() {
  localStorage.removeItem('graphiql:tabState');
  localStorage.removeItem('graphiql:query');
  localStorage.removeItem('graphiql:variables');
  location.reload();
}

function RestoreIcon() {
  return (
    <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
      <path d="M4 4v6h6M4.5 10a8 8 0 1 1-.5 4" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

function Explorer({ tabs }) {
  const key = configuration.demoKey;
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tabs}
      defaultHeaders={key ? demoHeaders(key) : TOKEN_HINT}
      defaultEditorToolsVisibility={key ? 'variables' : 'headers'}
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>
        <span className="graphiql-name">Dialtree</span>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <ToolbarButton onClick={restoreExamples} label="Restore the example tabs (replaces the open tabs)">
              <RestoreIcon />
            </ToolbarButton>
          </>
        )}
      </GraphiQL.Toolbar>
    </GraphiQL>
  );
}

exampleTabs(configuration, url.href).then(tabs => createRoot(root).render(<Explorer tabs={tabs} />));
