// Firebase's web SDK without a browser: its browser build over WebChannel, or its Node build over gRPC.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const BUILDS = { webchannel: "index.esm.js", polling: "index.esm.js", grpc: "index.node.mjs" };

// What the SDK exports, and `open`, which makes a client of its own.
export async function load(folder, flavour) {
  const require = createRequire(join(folder, "anything.js"));
  if (flavour !== "grpc") globalThis.XMLHttpRequest = require("xhr2");
  const from = (path) => import(pathToFileURL(join(folder, "node_modules", path)));
  const { initializeApp } = await from("firebase/app/dist/index.mjs");
  const firestore = await from(join("@firebase/firestore/dist", BUILDS[flavour]));
  firestore.setLogLevel("silent");
  let count = 0;
  const open = (address, projectId, mockUserToken) => {
    const app = initializeApp({ projectId, apiKey: "any" }, `app${count++}`);
    const settings = flavour === "polling" ? { experimentalForceLongPolling: true } : {};
    const db = firestore.initializeFirestore(app, settings);
    const [host, port] = address.split(":");
    firestore.connectFirestoreEmulator(db, host, Number(port), mockUserToken ? { mockUserToken } : {});
    return db;
  };
  return { ...firestore, open };
}

// What a listener sees, one after the other: `next()` waits for the next snapshot, `until` for one that suits.
export function heard(listen) {
  const seen = [];
  let wake = () => {};
  const say = (each) => {
    seen.push(each);
    wake();
  };
  const stop = listen(say, (error) => say({ error: error.code }));
  const next = async () => {
    while (seen.length === 0) await new Promise((resolve) => (wake = resolve));
    return seen.shift();
  };
  const until = async (suits) => {
    for (;;) {
      const each = await next();
      if (suits(each)) return each;
    }
  };
  return { next, until, stop, seen };
}

export async function failing(promise) {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return error.code ?? error.message;
  }
}
