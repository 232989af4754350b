/*
 * Imported before anything else: some packages ask for the mode while they are loaded.
 */

process.env.NODE_ENV ??= 'production';
