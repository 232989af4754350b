// The script of a page that shows one of the components in the browser.

import { start } from '../../client-runtime/app/start.ts';
import { components, type Name } from './field-components.ts';

// whichever it is: no message is sent from outside
start(components[document.body.dataset.name as Name] as (typeof components)['box'], '#app', {});
