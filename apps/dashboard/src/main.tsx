import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { applyTheme, storedTheme } from './theme.js';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/studio.css';
import './styles/edits.css';
import './styles/detail.css';
import './styles/operations.css';
import './styles/tables.css';

applyTheme(storedTheme());
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
