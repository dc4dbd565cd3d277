// The web SDK's listeners, whose build for Node.js speaks gRPC. Prints one JSON object: what each listener was told.
// Usage: node web_listeners.mjs <folder with node_modules> <project> <host:port>

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, projectId, address] = process.argv.slice(2);
const require = createRequire(join(folder, "anything.js"));
const { initializeApp, deleteApp } = require("firebase/app");
const sdk = require("firebase/firestore");
const { collection, collectionGroup, doc, query, where, orderBy, limit, limitToLast, setDoc, updateDoc, deleteDoc, writeBatch } = sdk;

sdk.setLogLevel("silent");
const [host, port] = address.split(":");
const opened = (name) => {
  const app = initializeApp({ projectId, apiKey: "none" }, name);
  const db = sdk.getFirestore(app);
  sdk.connectFirestoreEmulator(db, host, Number(port));
  return { app, db };
};
const reader = opened("reader");
const writer = opened("writer");

const rules = async (allow) => {
  const content = `rules_version = '2'; service cloud.firestore { match /databases/{d}/documents { match /{path=**} { allow ${allow}; } } }`;
  const body = JSON.stringify({ rules: { files: [{ content }] } });
  const answer = await fetch(`http://${address}/emulator/v1/projects/${projectId}:securityRules`, { method: "PUT", body });
  if (!answer.ok) throw new Error(await answer.text());
};

// A listener whose calls are taken one after the other. What only the cache says is left out.
const watching = (watched, show) => {
  const calls = [];
  let wake = () => {};
  const tell = (call) => {
    calls.push(call);
    wake();
  };
  const stop = sdk.onSnapshot(watched, { includeMetadataChanges: true }, (snapshot) => {
    if (!snapshot.metadata.fromCache) tell(show(snapshot));
  }, (error) => tell(`error ${error.code}`));
  const until = async (expected) => {
    const skipped = [];
    for (;;) {
      while (!calls.length) await new Promise((resolve) => (wake = resolve));
      const call = calls.shift();
      if (JSON.stringify(call) === JSON.stringify(expected)) return call;
      skipped.push(call);
    }
  };
  return { until, stop };
};
const ids = (snapshot) => snapshot.docs.map((each) => each.id);
const data = (snapshot) => (snapshot.exists() ? snapshot.data() : null);

const notes = collection(reader.db, "notes");
const written = (id) => doc(writer.db, "notes", id);
const told = {};
const expect = async (name, listener, expected) => (told[name] ??= []).push(await listener.until(expected));

const document = watching(doc(reader.db, "notes/b"), data);
const filtered = watching(query(notes, where("n", ">", 0), orderBy("n")), ids);
const group = watching(collectionGroup(reader.db, "notes"), ids);
const first = watching(query(notes, orderBy("n"), limit(2)), ids);
const last = watching(query(notes, orderBy("n"), limitToLast(2)), ids);
await expect("document", document, null);
for (const [name, each] of Object.entries({ filtered, group, first, last })) await expect(name, each, []);

await setDoc(written("b"), { n: 2 });
await expect("document", document, { n: 2 });
const batch = writeBatch(writer.db);
for (const [id, n] of [["a", 1], ["c", 3], ["d", 4]]) batch.set(written(id), { n });
await batch.commit();
await expect("filtered", filtered, ["a", "b", "c", "d"]);
await expect("first", first, ["a", "b"]);
await expect("last", last, ["c", "d"]);
await updateDoc(written("b"), { n: -2 });
await expect("document", document, { n: -2 });
await expect("filtered", filtered, ["a", "c", "d"]);
await expect("first", first, ["b", "a"]);
await setDoc(doc(writer.db, "x/y/notes/e"), { n: 5 });
await expect("group", group, ["a", "b", "c", "d", "e"]);

// What happens meanwhile is told when the network is back, by resume tokens.
await sdk.disableNetwork(reader.db);
await deleteDoc(written("c"));
await setDoc(written("f"), { n: 6 });
await updateDoc(written("a"), { n: 10 });
await sdk.enableNetwork(reader.db);
await expect("filtered", filtered, ["d", "f", "a"]);
await expect("first", first, ["b", "d"]);
await expect("last", last, ["f", "a"]);
await expect("group", group, ["a", "b", "d", "f", "e"]);

await rules("read: if resource == null || resource.data.n < 100");
const denied = watching(query(notes, limit(3)), ids);
await expect("denied", denied, "error permission-denied");
const missing = watching(doc(reader.db, "none/none"), data);
await expect("missing", missing, null);

for (const each of [document, filtered, group, first, last, denied, missing]) each.stop();
console.log(JSON.stringify(told, null, 1));
for (const { app, db } of [reader, writer]) {
  await sdk.terminate(db);
  await deleteApp(app);
}
