import { render } from 'solid-js/web';
import { App } from './app';
import './styles/base.css';
import './styles/layout.css';
import './styles/controls.css';
import './styles/overlays.css';
import './styles/pages.css';

const root = document.getElementById('console');
if (root) {
  root.replaceChildren();
  render(() => <App />, root);
}
