/** A reporter of Node's test runner: the files with a failed test, one on each line. */
export default async function* failedFiles(source) {
  const files = new Set();
  for await (const { type, data } of source) {
    if (type === "test:fail" && data.file !== undefined) files.add(data.file);
  }
  for (const file of files) yield `${file}\n`;
}
