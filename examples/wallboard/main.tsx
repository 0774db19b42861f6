import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Wallboard } from './wallboard.tsx';

createRoot(document.body).render(
  <StrictMode>
    <Wallboard />
  </StrictMode>,
);
