// The socket watcher detects connections beyond loopback.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "node:process";
import { test } from "node:test";
import { watchSockets } from "./support/sockets.mjs";

const READY = '() => console.log("ready")';
const skip = platform === "linux" ? false : "there is no /proc";
// Connecting a datagram socket sends nothing.
const OUTWARD = {
  listens: `net.createServer().listen(0, "0.0.0.0", ${READY})`,
  connects: `dgram.createSocket("udp4").connect(53, "192.0.2.1", ${READY})`,
};

for (const [what, code] of Object.entries(OUTWARD)) {
  test(`a process that ${what} beyond loopback is detected`, { skip }, async () => {
    const [seen] = await socketsOf(code);
    assert.match(seen ?? "", what === "listens" ? /^tcp from 0+:/ : /^udp .* to 010200C0:0035/);
  });
}

test("a process that stays on loopback is not detected", { skip }, async () => {
  assert.deepEqual(await socketsOf(`net.createServer().listen(0, "127.0.0.1", ${READY})`), []);
});

async function socketsOf(code) {
  const child = spawn(process.execPath, ["-e", code], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const sockets = watchSockets(child.pid);
  try {
    await once(child.stdout, "data");
    return sockets.seen();
  } finally {
    sockets.end();
    process.kill(-child.pid);
  }
}
