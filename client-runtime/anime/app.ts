/*
 * The anime tracker in the browser: its components, and the app that starts over the page that the server rendered.
 */

import '../element/element.ts';
import { rating } from '../../components/rating.ts';
import { tracker } from '../../components/tracker.ts';
import { register } from '../app/register.ts';
import { start } from '../app/start.ts';
import { answerRatings } from './answers.ts';
import { watchLostVotes } from './lost-votes.ts';

// first the elements that a page holds, so that each has taken over its own content
register(rating);
watchLostVotes();
answerRatings();
start(tracker, '#app');
