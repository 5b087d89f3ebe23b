/** Files as they were dropped, those inside of folders included, with the path of each. */

const paths = new WeakMap<File, string>();

/** Path below what was dropped or chosen, `folder/class/picture.png`; the name where there was no folder. */
export function pathOf(file: File): string {
  return paths.get(file) ?? (file.webkitRelativePath || file.name);
}

/** Must be called while the drop is being handled: the browser forgets what was dropped afterwards. */
export function droppedFiles(transfer: Pick<DataTransfer, "items" | "files">): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (!entries.some((entry) => entry.isDirectory)) return Promise.resolve([...transfer.files]);
  return walk(entries);
}

async function walk(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const files: File[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    if (isDirectory(entry)) files.push(...(await walk(await children(entry))));
    else if (isFile(entry)) files.push(await toFile(entry));
  }
  return files;
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

/** A folder tells its entries in portions, the last of which is empty. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function toFile(entry: FileSystemFileEntry): Promise<File> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  paths.set(file, entry.fullPath.replace(/^\//, ""));
  return file;
}
