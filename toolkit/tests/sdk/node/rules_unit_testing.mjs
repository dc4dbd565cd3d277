// What users of @firebase/rules-unit-testing do, printed as JSON; the emulators are found through the hub alone.
//
//     node rules_unit_testing.mjs <folder with node_modules> <project>

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, projectId] = process.argv.slice(2);
const require = createRequire(join(folder, "index.js"));
const testing = require("@firebase/rules-unit-testing");
const { doc, getDoc, setDoc, setLogLevel } = require("firebase/firestore");

setLogLevel("silent"); // refused writes are expected, and the SDK warns of each

const rules = `
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow read: if request.auth != null;
      allow write: if request.auth.uid == id && request.auth.token.role == 'writer';
    }
  }
}`;

async function outcome(action) {
  try {
    const result = await action();
    return result === undefined ? "done" : result;
  } catch (error) {
    return `refused: ${error.code ?? error.message}`;
  }
}

const environment = await testing.initializeTestEnvironment({ projectId, firestore: { rules } });
const guest = environment.unauthenticatedContext().firestore();
const writer = environment.authenticatedContext("first", { role: "writer" }).firestore();
const answers = {
  found: Object.keys(environment.emulators).sort(),
  guestReads: await outcome(() => testing.assertFails(getDoc(doc(guest, "notes/first"))).then(() => "fails")),
  writes: await outcome(() => testing.assertSucceeds(setDoc(doc(writer, "notes/first"), { n: 1 }))),
  reads: await outcome(async () => (await getDoc(doc(writer, "notes/first"))).data()),
  writesElsewhere: await outcome(() => testing.assertFails(setDoc(doc(writer, "notes/second"), {})).then(() => "fails")),
  seeds: await outcome(() =>
    environment.withSecurityRulesDisabled((context) => setDoc(doc(context.firestore(), "notes/seeded"), { n: 2 })),
  ),
  readsSeeded: await outcome(async () => (await getDoc(doc(writer, "notes/seeded"))).data()),
  withoutTriggers: await outcome(() =>
    testing.withFunctionTriggersDisabled(() => setDoc(doc(writer, "notes/first"), { n: 3 })),
  ),
  clears: await outcome(() => environment.clearFirestore()),
  readsCleared: await outcome(async () => (await getDoc(doc(writer, "notes/first"))).exists()),
  wrongRules: await outcome(() =>
    testing.initializeTestEnvironment({ projectId, firestore: { rules: "service cloud.firestore {" } }),
  ).then((text) => text.includes("L1:26")),
};
await environment.cleanup();
console.log(JSON.stringify(answers));
process.exit(0);
