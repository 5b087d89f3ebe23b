import { expect, it } from "vitest";
import { droppedFiles, pathOf } from "./dropped";

interface Tree {
  [name: string]: Tree | null;
}

/** Entries as browsers make them: portions of two, then an empty one. */
function entry(name: string, content: Tree | null, above = ""): FileSystemEntry {
  const fullPath = `${above}/${name}`;
  const file = (done: (file: File) => void) => done(new File(["x"], name));
  const createReader = () => {
    const all = Object.entries(content ?? {}).map(([below, more]) => entry(below, more, fullPath));
    return { readEntries: (done: (some: FileSystemEntry[]) => void) => done(all.splice(0, 2)) };
  };
  return { name, fullPath, isFile: !content, isDirectory: !!content, file, createReader } as unknown as FileSystemEntry;
}

function transfer(tree: Tree): Pick<DataTransfer, "items" | "files"> {
  const items = Object.entries(tree).map(([name, content]) => ({ webkitGetAsEntry: () => entry(name, content) }));
  const files = Object.keys(tree).map((name) => new File(["x"], name));
  return { items, files } as unknown as Pick<DataTransfer, "items" | "files">;
}

it("finds the files in folders and folders of folders, hidden ones left out, in the order of their names", async () => {
  const digits = { "7": { "b.png": null, "a.png": null, "c.png": null }, "10": { "d.png": null }, ".git": { x: null } };
  const files = await droppedFiles(transfer({ digits, "readme.txt": null }));
  expect(files.map(pathOf)).toEqual([
    "digits/10/d.png",
    "digits/7/a.png",
    "digits/7/b.png",
    "digits/7/c.png",
    "readme.txt",
  ]);
});

it("takes files without folders as they are", async () => {
  const files = await droppedFiles(transfer({ "b.png": null, "a.png": null }));
  expect(files.map(pathOf)).toEqual(["b.png", "a.png"]);
});
