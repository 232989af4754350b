// `npm run guide`: follows docs/guide.md in an empty folder, as a reader would, and says each step.

import { followGuide } from './follow.ts';

await followGuide((line) => console.log(line));
console.log('The guide can be followed to its end.');
