/*
 * LiveView's own client, as LiveViewJS has its users bundle it.
 */

import { Socket } from 'phoenix';
import { LiveSocket } from 'phoenix_live_view';

const csrfToken = document.querySelector('meta[name="csrf-token"]')?.getAttribute('content');
const liveSocket = new LiveSocket('/live', Socket, { params: { _csrf_token: csrfToken } });
liveSocket.connect();
