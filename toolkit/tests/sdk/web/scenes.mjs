// What programs do with the web SDK. Prints one JSON object: a result for each scene.
// Usage: node scenes.mjs <folder with node_modules> <webchannel|polling|grpc> <address> <project> <project with rules>

import { failing, heard, load } from "./sdk.mjs";

const [folder, flavour, address, project, ruled] = process.argv.slice(2);
const sdk = await load(folder, flavour);
const { collection, doc, getDoc, getDocs, setDoc, updateDoc, deleteDoc, addDoc, onSnapshot, query, orderBy, limit, where } = sdk;
const db = sdk.open(address, project);
const other = sdk.open(address, project);

const shown = (value) => {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && !Number.isFinite(value)) return `number ${value}`;
  if (value instanceof sdk.Timestamp) return `time ${value.seconds} ${value.nanoseconds}`;
  if (value instanceof sdk.GeoPoint) return `place ${value.latitude} ${value.longitude}`;
  if (value instanceof sdk.Bytes) return `bytes ${value.toBase64()}`;
  if (value instanceof sdk.DocumentReference) return `document ${value.path}`;
  if (value instanceof sdk.VectorValue) return `vector ${value.toArray().join(" ")}`;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === "object") return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shown(value[key])]));
  return value;
};
const state = (snapshot) => ({
  data: shown(snapshot.data()),
  fromCache: snapshot.metadata.fromCache,
  pending: snapshot.metadata.hasPendingWrites,
});
const view = (snapshot) => ({
  documents: snapshot.docs.map((each) => [each.id, shown(each.data())]),
  changes: snapshot.docChanges().map((each) => [each.type, each.doc.id, each.oldIndex, each.newIndex]),
  fromCache: snapshot.metadata.fromCache,
  pending: snapshot.metadata.hasPendingWrites,
});
const listened = (target) => heard((next, failed) => onSnapshot(target, { includeMetadataChanges: true }, next, failed));
const settled = (snapshot) => snapshot.error || !(snapshot.metadata.fromCache || snapshot.metadata.hasPendingWrites);
const read = async (id) => state(await getDoc(doc(other, id)));

const scenes = {
  async documents() {
    const note = doc(db, "notes/a");
    const seen = [await read("notes/a")];
    await setDoc(note, { a: 1, b: { c: 2, d: 3 } });
    seen.push(await read("notes/a"));
    await setDoc(note, { b: { c: 4 } }, { merge: true });
    await updateDoc(note, { "b.e": 7, a: sdk.deleteField() });
    seen.push(await read("notes/a"));
    const added = await addDoc(collection(db, "notes"), { added: true });
    seen.push(await read(added.path), added.id.length);
    seen.push(await failing(updateDoc(doc(db, "notes/none"), { a: 1 })));
    await deleteDoc(note);
    seen.push(await read("notes/a"));
    const batch = sdk.writeBatch(db);
    batch.set(doc(db, "notes/b1"), { n: 1 }).set(doc(db, "notes/b2"), { n: 2 }).delete(added);
    await batch.commit();
    seen.push(view(await getDocs(collection(other, "notes"))).documents);
    return seen;
  },

  async values() {
    const fields = {
      nothing: null, yes: true, whole: 2 ** 53 - 1, part: 0.1, none: NaN, huge: Infinity, text: "é 😀 \u2028 </b> \u0000",
      time: new sdk.Timestamp(1_700_000_000, 123_456_000), place: new sdk.GeoPoint(-1.5, 2.5), list: [1, "a", { b: [] }],
      data: sdk.Bytes.fromBase64String("AP+A"), other: doc(db, "notes/x"), vector: sdk.vector([1, 2.5]), "ключ 🔑": { "": 1 },
    };
    delete fields["ключ 🔑"][""];
    await setDoc(doc(db, "values/ид 🔑"), fields);
    return read("values/ид 🔑");
  },

  async transforms() {
    const counter = doc(db, "counters/a");
    await setDoc(counter, { n: 1, list: [1, 2], at: sdk.serverTimestamp() });
    await updateDoc(counter, { n: sdk.increment(2.5), list: sdk.arrayUnion(2, 3), late: sdk.serverTimestamp() });
    await updateDoc(counter, { list: sdk.arrayRemove(1) });
    const { data } = await read("counters/a");
    return { n: data.n, list: data.list, times: [data.at, data.late].map((each) => each.startsWith("time ")) };
  },

  async transactions() {
    const counter = doc(db, "counters/t");
    await setDoc(counter, { n: 0 });
    const adding = (client) =>
      sdk.runTransaction(client, async (transaction) => {
        const found = await transaction.get(doc(client, "counters/t"));
        transaction.update(found.ref, { n: found.get("n") + 1 });
        return found.exists();
      });
    const done = await Promise.all([db, other, db, other].map(adding));
    const failed = await failing(sdk.runTransaction(db, async () => Promise.reject(new Error("enough"))));
    return [done, failed, (await read("counters/t")).data];
  },

  async one_document_heard() {
    const listener = listened(doc(db, "heard/a"));
    const seen = [state(await listener.until(settled))];
    const written = setDoc(doc(db, "heard/a"), { n: 1, at: sdk.serverTimestamp() });
    const { data, pending } = state(await listener.next());
    seen.push({ data, pending });
    await written;
    const after = await listener.until(settled);
    seen.push({ ...state(after), data: Object.keys(after.data()).sort() });
    await setDoc(doc(other, "heard/a"), { n: 2 });
    seen.push(state(await listener.until((each) => settled(each) && each.get("n") === 2)));
    await deleteDoc(doc(other, "heard/a"));
    seen.push(state(await listener.until((each) => settled(each) && !each.exists())));
    listener.stop();
    return seen;
  },

  async a_query_heard() {
    await Promise.all([1, 2, 3, 4].map((n) => setDoc(doc(other, `list/d${n}`), { n })));
    const listener = listened(query(collection(db, "list"), where("n", ">", 0), orderBy("n", "desc"), limit(3)));
    const seen = [view(await listener.until(settled))];
    await setDoc(doc(other, "list/d5"), { n: 5 });
    seen.push(view(await listener.until((each) => settled(each) && each.docs[0].id === "d5")));
    await deleteDoc(doc(other, "list/d4"));
    seen.push(view(await listener.until((each) => settled(each) && each.docs.length === 3)));
    const written = updateDoc(doc(db, "list/d2"), { n: 9 });
    seen.push(view(await listener.next()));
    await written;
    seen.push(view(await listener.until(settled)));
    listener.stop();
    return seen;
  },

  async many_listeners() {
    const listeners = [...Array(30).keys()].map((n) => listened(doc(db, `many/d${n}`)));
    await Promise.all(listeners.map((each) => each.until(settled)));
    await Promise.all([...Array(30).keys()].map((n) => setDoc(doc(other, `many/d${n}`), { n })));
    const seen = await Promise.all(listeners.map((each) => each.until((found) => settled(found) && found.exists())));
    listeners.forEach((each) => each.stop());
    return seen.map((each) => each.get("n"));
  },

  async counts() {
    await Promise.all([1, 2, 3].map((n) => setDoc(doc(db, `counted/d${n}`), { n })));
    const counted = collection(db, "counted");
    const sums = await sdk.getAggregateFromServer(counted, { sum: sdk.sum("n"), mean: sdk.average("n") });
    return [(await sdk.getCountFromServer(query(counted, where("n", ">", 1)))).data(), shown(sums.data())];
  },

  async offline() {
    const listener = listened(collection(db, "offline"));
    const seen = [view(await listener.until(settled))];
    await sdk.disableNetwork(db);
    seen.push(view(await listener.next()).fromCache);
    const writes = [1, 2, 3].map((n) => setDoc(doc(db, `offline/d${n}`), { n }));
    await setDoc(doc(other, "offline/d0"), { n: 0 });
    seen.push(view(await listener.until((each) => each.size === 3)).pending);
    await sdk.enableNetwork(db);
    await Promise.all(writes);
    seen.push(view(await listener.until((each) => settled(each) && each.size === 4)).documents);
    listener.stop();
    return seen;
  },

  async large() {
    const text = "0123456789 é😀".repeat(55_000);
    await setDoc(doc(db, "large/a"), { text });
    const found = (await getDoc(doc(other, "large/a"))).get("text");
    return [found === text, found.length, await failing(setDoc(doc(db, "large/b"), { text: text + text }))];
  },

  async in_order() {
    const writes = [...Array(60).keys()].map((n) => setDoc(doc(db, "order/a"), { n, seen: sdk.arrayUnion(n) }, { merge: true }));
    await Promise.all(writes);
    const { data } = await read("order/a");
    return [data.n, data.seen.every((each, index) => each === index), data.seen.length];
  },

  async rules() {
    const [ana, ben, guest] = [{ sub: "ana", role: "member" }, { sub: "ben" }, undefined].map((token) => sdk.open(address, ruled, token));
    const mine = (client) => doc(client, "notes/mine");
    const seen = [];
    for (const client of [ana, ben, guest]) seen.push(await failing(setDoc(mine(client), { owner: "ana" })));
    for (const client of [ana, ben, guest]) seen.push(await failing(getDoc(mine(client))));
    const denied = heard((next, failed) => onSnapshot(mine(ben), next, failed));
    seen.push((await denied.next()).error);
    const notes = (client, owner) => query(collection(client, "notes"), where("owner", "==", owner));
    seen.push(await failing(getDocs(notes(ana, "ana"))), await failing(getDocs(notes(ben, "ana"))));
    seen.push(await failing(getDocs(collection(ana, "notes"))));
    const batch = sdk.writeBatch(ana).set(doc(ana, "notes/ok"), { owner: "ana" }).set(doc(ana, "notes/not"), { owner: "ben" });
    seen.push(await failing(batch.commit()), (await getDocs(notes(ana, "ana"))).size);
    const listener = heard((next, failed) => onSnapshot(mine(ana), next, failed));
    seen.push((await listener.next()).exists());
    const overruled = listened(mine(ana));
    await overruled.until(settled);
    const refused = setDoc(mine(ana), { owner: "ben" });
    seen.push((await overruled.next()).get("owner"), await failing(refused), (await overruled.until(settled)).get("owner"));
    seen.push(await failing(sdk.getCountFromServer(notes(ben, "ana"))));
    seen.push(await failing(sdk.runTransaction(ben, (transaction) => transaction.get(mine(ben)))));
    return seen;
  },
};

const chosen = process.argv[7] ? [process.argv[7]] : Object.keys(scenes);
const answers = {};
for (const name of chosen) answers[name] = await scenes[name]();
process.stdout.write(JSON.stringify(answers, null, 1) + "\n", () => process.exit(0));
