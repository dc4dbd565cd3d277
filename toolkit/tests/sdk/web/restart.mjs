// A client that lives on while its server is away. It says "connected" and "queued" as it comes that far, a line each,
// and in the end what it saw as JSON.
// Usage: node restart.mjs <folder> <flavour> <address> <project>

import { heard, load } from "./sdk.mjs";

const [folder, flavour, address, project] = process.argv.slice(2);
const sdk = await load(folder, flavour);
const db = sdk.open(address, project);
const listener = heard((next, failed) =>
  sdk.onSnapshot(sdk.collection(db, "notes"), { includeMetadataChanges: true }, next, failed),
);
const settled = (each) => each.error || !(each.metadata.fromCache || each.metadata.hasPendingWrites);
await sdk.setDoc(sdk.doc(db, "notes/before"), { n: 0 });
await listener.until((each) => settled(each) && each.size === 1);
console.log("connected");
await listener.until((each) => each.metadata.fromCache); // the server is gone
const writes = [1, 2, 3].map((n) => sdk.setDoc(sdk.doc(db, `notes/away${n}`), { n }));
const queued = await listener.until((each) => each.size === 4);
console.log("queued");
await Promise.all(writes);
const back = await listener.until((each) => settled(each) && each.size === 5);
const seen = { pending: queued.metadata.hasPendingWrites, documents: back.docs.map((each) => [each.id, each.get("n")]) };
process.stdout.write(JSON.stringify(seen) + "\n", () => process.exit(0));
