// The script of a page that shows one of the components of control-components.ts in the browser.

import { start } from '../../client-runtime/app/start.ts';
import { type ControlName, controls } from './control-components.ts';

start(controls[document.querySelector<HTMLElement>('[data-name]')?.dataset.name as ControlName], '#app', {});
