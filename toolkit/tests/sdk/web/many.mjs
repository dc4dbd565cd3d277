// A listener of a collection with more documents than Google's emulator can queue for a browser.
// Usage: node many.mjs <folder> <flavour> <address> <project> <how many>; prints how many documents and changes it saw.

import { heard, load } from "./sdk.mjs";

const [folder, flavour, address, project, wanted] = process.argv.slice(2);
const sdk = await load(folder, flavour);
const db = sdk.open(address, project);
const listener = heard((next, failed) => sdk.onSnapshot(sdk.collection(db, "many"), next, failed));
const all = await listener.until((each) => each.error || each.size === Number(wanted));
const texts = new Set(all.docs?.map((each) => each.get("text")));
await sdk.setDoc(sdk.doc(db, "many/d1"), { text: "changed" });
const changed = await listener.until((each) => each.error || each.docChanges().some((change) => change.doc.get("text") === "changed"));
const seen = { size: all.size, texts: texts.size, changes: changed.docChanges().length, error: all.error ?? changed.error ?? null };
process.stdout.write(JSON.stringify(seen) + "\n", () => process.exit(0));
