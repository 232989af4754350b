/*
 * The floor of a click: a page whose button sends a message to a bare `ws` echo and shows how many came back.
 */

const socket = new WebSocket(`ws://${location.host}/echo`);
const output = document.querySelector('output') as HTMLOutputElement;
let count = 0;
socket.onopen = () => {
  document.querySelector('button')?.addEventListener('click', () => socket.send('[1,100,0,0]'));
  document.documentElement.dataset.live = '';
};
socket.onmessage = () => {
  count++;
  output.textContent = String(count);
};
