// Hears of changed files below a folder. What is installed or built is left out from the start: to watch ten thousand
// files that nobody writes takes seconds. Output: paths, relative to the folder.

import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders whose files are made, not written. */
const left = new Set(['node_modules', 'build', 'data', 'dist', 'coverage']);

export interface Watcher {
  close(): void;
}

export function watchFolder(folder: string, onChange: (name: string) => void): Watcher {
  const watchers = new Map<string, FSWatcher>();
  let isClosed = false;
  const watchNew = async (): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const { name } = entry;
      if (!entry.isDirectory() || left.has(name) || name.startsWith('.') || watchers.has(name) || isClosed) continue;
      const watcher = watch(join(folder, name), { recursive: true }, (_, file) => {
        if (file !== null) onChange(join(name, file));
      });
      watcher.on('error', () => {
        watchers.delete(name);
        watcher.close();
      });
      watchers.set(name, watcher);
    }
  };
  const top = watch(folder, (_, name) => {
    if (name === null || left.has(name) || name.startsWith('.')) return;
    void watchNew();
    if (!watchers.has(name)) onChange(name);
  });
  void watchNew();
  return {
    close() {
      isClosed = true;
      top.close();
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
