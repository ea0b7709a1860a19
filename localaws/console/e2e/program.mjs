// Runs bin/updraft as a user would, and reads from its output where the
// console is. UPDRAFT names another binary.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const binary = process.env.UPDRAFT ?? fileURLToPath(new URL("../../../bin/updraft", import.meta.url));

// start resolves with the console's address when it is printed.
export async function start(...args) {
  if (!existsSync(binary)) throw new Error(`${binary} is not there; run make build`);
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  let output = "";
  const address = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /http:\/\/\S+\/console\//.exec(output);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    ended.then((code) => reject(new Error(`updraft ${args.join(" ")} ended with ${code}:\n${output}`)));
    child.once("error", reject);
  });
  return {
    address,
    async stop() {
      child.kill("SIGINT");
      const code = await ended;
      if (code !== 0) throw new Error(`updraft ${args.join(" ")} ended with ${code}:\n${output}`);
    },
  };
}
