// Google's Node.js client through its public operations. Prints one JSON object: a result for each scene.
// Usage: FIRESTORE_EMULATOR_HOST=127.0.0.1:8080 node operations.mjs <folder with node_modules> <project>

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, projectId] = process.argv.slice(2);
const require = createRequire(join(folder, "anything.js"));
const { Firestore, FieldValue, FieldPath, Filter, Timestamp, GeoPoint, AggregateField } = require("@google-cloud/firestore");

const db = new Firestore({ projectId, ignoreUndefinedProperties: true });
const ids = (snapshot) => snapshot.docs.map((each) => each.id);
const failing = async (promise) => {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return error.code ?? error.message;
  }
};

// Values as JSON: what JSON cannot say is said by name.
const shown = (value) => {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) return `number ${Object.is(value, -0) ? "-0" : value}`;
  if (typeof value === "bigint") return `bigint ${value}`;
  if (value instanceof Timestamp) return `time ${value.seconds} ${value.nanoseconds}`;
  if (value instanceof GeoPoint) return `place ${value.latitude} ${value.longitude}`;
  if (Buffer.isBuffer(value)) return `bytes ${value.toString("hex")}`;
  if (value.path !== undefined && value.firestore) return `document ${value.path}`;
  if (typeof value.toArray === "function") return `vector ${value.toArray().join(" ")}`;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === "object") return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shown(value[key])]));
  return value;
};

const changes = (snapshot) => snapshot.docChanges().map((each) => [each.type, each.doc.id, each.oldIndex, each.newIndex]);

// A listener whose calls are taken one after the other, as `show` has them.
const watching = (watched, show) => {
  const calls = [];
  let wake = () => {};
  const tell = (call) => {
    calls.push(call);
    wake();
  };
  const stop = watched.onSnapshot((snapshot) => tell(show(snapshot)), (error) => tell(`error ${error.code}`));
  const next = async () => {
    while (!calls.length) await new Promise((resolve) => (wake = resolve));
    return calls.shift();
  };
  return { next, stop };
};

const scenes = {
  async documents() {
    const document = db.doc("notes/a");
    const seen = [(await document.get()).exists];
    const created = await document.create({ a: 1, b: { c: 2, d: 3 }, skipped: undefined });
    seen.push(await failing(document.create({})));
    await document.set({ b: { c: 4 } }, { merge: true });
    seen.push((await document.get()).data());
    await document.set({ a: 5, b: { c: 6 } }, { mergeFields: ["b.c"] });
    await document.update({ "b.e": 7, a: FieldValue.delete() });
    seen.push((await document.get()).data());
    await document.update("b.e", 8, new FieldPath("x.y"), 9);
    const found = await document.get();
    seen.push(found.data(), found.get("b.e"), found.get(new FieldPath("x.y")), found.createTime.isEqual(created.writeTime));
    seen.push(await failing(db.doc("notes/none").update({ a: 1 })));
    seen.push(await failing(document.update({ a: 1 }, { lastUpdateTime: Timestamp.fromMillis(0) })));
    await document.update({ a: 1 }, { lastUpdateTime: found.updateTime });
    seen.push(await failing(document.delete({ exists: false })), await failing(db.doc("notes/none").delete({ exists: true })));
    await document.delete({ exists: true });
    seen.push((await document.get()).exists, (await db.collection("notes").add({})).id.length);
    return seen;
  },

  async values() {
    const fields = {
      none: null, yes: true, int: 7, max: Number.MAX_SAFE_INTEGER, float: 1.5, minus: -0, nan: NaN, infinity: -Infinity,
      text: "ü 漢 😀 \u0000", bytes: Buffer.from([0, 255]), place: new GeoPoint(52.5, -13.25), reference: db.doc("a/b/c/d"),
      time: new Timestamp(1777631415, 123456789), date: new Date(0), list: [1, [], { a: [2] }].filter((each) => !Array.isArray(each)),
      map: { "a.b": 1, "c`d": {} }, empty: {}, vector: FieldValue.vector([1, -2.5]), emptyList: [],
    };
    await db.doc("values/a").set(fields);
    const big = new Firestore({ projectId, useBigInt: true });
    await big.doc("values/b").set({ n: 2n ** 63n - 1n });
    const exact = (await big.doc("values/b").get()).data();
    await big.terminate();
    return [(await db.doc("values/a").get()).data(), exact, await failing(db.doc("values/c").set({ a: "x".repeat(2 ** 20) }))];
  },

  async transforms() {
    const document = db.doc("transforms/a");
    await document.set({ n: 1, all: [1, 2], few: [1, 1, 2], at: FieldValue.serverTimestamp() });
    const changes = { n: FieldValue.increment(1.5), all: FieldValue.arrayUnion(2, 3), few: FieldValue.arrayRemove(1), "m.n": FieldValue.increment(-2), "m.at": FieldValue.serverTimestamp() };
    await document.update(changes);
    const found = (await document.get()).data();
    const inOrder = found.at.valueOf() < found.m.at.valueOf();
    delete found.at;
    delete found.m.at;
    return [found, inOrder];
  },

  async batches() {
    const batch = db.batch();
    batch.create(db.doc("batch/a"), { n: 1 }).set(db.doc("batch/b"), { n: 2 }, { merge: true }).set(db.doc("batch/c"), { n: 3 });
    batch.update(db.doc("batch/a"), { n: FieldValue.increment(10) }).delete(db.doc("batch/c"));
    const results = await batch.commit();
    const broken = db.batch();
    broken.set(db.doc("batch/d"), {}).update(db.doc("batch/none"), { n: 1 });
    return [results.length, await failing(broken.commit()), ids(await db.collection("batch").get()), (await db.doc("batch/a").get()).data()];
  },

  async bulkWriter() {
    const writer = db.bulkWriter();
    const failures = [];
    writer.onWriteError((error) => (failures.push([error.documentRef.id, error.code]), false));
    const writes = Array.from({ length: 30 }, (_, number) => writer.create(db.doc(`bulk/${number}`), { number }));
    const update = failing(writer.update(db.doc("bulk/none"), { n: 1 }));
    await writer.flush();
    const again = failing(writer.create(db.doc("bulk/0"), {}));
    writer.set(db.doc("bulk/1"), { number: 100 }).catch(() => {});
    writer.delete(db.doc("bulk/2")).catch(() => {});
    await writer.close();
    await Promise.all(writes);
    return [failures.sort(), await update, await again, (await db.collection("bulk").get()).size, (await db.doc("bulk/1").get()).data()];
  },

  async transactions() {
    const counter = db.doc("transactions/counter");
    await counter.set({ n: 0 });
    const add = () => db.runTransaction(async (transaction) => {
      const seen = await transaction.get(counter);
      transaction.update(counter, { n: seen.get("n") + 1 });
      return seen.get("n");
    });
    const first = await add();
    await Promise.all([add(), add()]);
    const before = (await counter.get()).updateTime;
    await counter.update({ n: FieldValue.increment(10) });
    const reading = (options) => db.runTransaction(async (transaction) => {
      const [one, none] = await transaction.getAll(counter, db.doc("transactions/none"));
      const query = await transaction.get(db.collection("transactions").where("n", ">", 0));
      const sum = await transaction.get(db.collection("transactions").aggregate({ n: AggregateField.sum("n") }));
      return [one.get("n"), none.exists, ids(query), sum.data().n];
    }, options);
    const failed = await failing(db.runTransaction(async (transaction) => {
      await transaction.get(counter);
      transaction.set(counter, { n: -1 });
      transaction.update(db.doc("transactions/none"), { n: 1 });
    }, { maxAttempts: 1 }));
    return [first, await reading(), await reading({ readOnly: true }), await reading({ readOnly: true, readTime: before }), failed, (await counter.get()).data()];
  },

  async queries() {
    const collection = db.collection("queries");
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => collection.doc(`d${n}`).set({ n, m: n % 2, t: [n, "x"], deep: { n: -n } })));
    await collection.doc("odd").set({ n: "text", m: null });
    const asked = {
      equal: collection.where("m", "==", 1), unequal: collection.where("n", "!=", 2), less: collection.where("n", "<", 2),
      atLeast: collection.where("n", ">=", 4), null: collection.where("m", "==", null), notNull: collection.where("m", "!=", null),
      in: collection.where("n", "in", [1, 4, "text"]), notIn: collection.where("n", "not-in", [0, 1, 2]),
      contains: collection.where("t", "array-contains", 3), any: collection.where("t", "array-contains-any", [1, 5]),
      or: collection.where(Filter.or(Filter.where("n", "==", 0), Filter.and(Filter.where("m", "==", 1), Filter.where("n", ">", 3)))),
      several: collection.where("n", ">", 0).where("deep.n", ">", -4), deep: collection.orderBy("deep.n").limit(2),
      names: collection.where(FieldPath.documentId(), "in", ["d1", "d5"]), after: collection.where(FieldPath.documentId(), ">", "d4"),
      order: collection.orderBy("m", "desc").orderBy("n", "desc"), last: collection.orderBy("n").limitToLast(2),
      offset: collection.orderBy("n").offset(2).limit(2), startAt: collection.orderBy("n").startAt(4),
      between: collection.orderBy("n").startAfter(1).endBefore(4), lastBefore: collection.orderBy("n").endBefore(4).limitToLast(2),
      bySnapshot: collection.orderBy("m").startAfter(await collection.doc("d2").get()),
      endAt: collection.orderBy("m").endAt(await collection.doc("d2").get()),
    };
    const found = {};
    for (const [name, query] of Object.entries(asked)) found[name] = ids(await query.get());
    found.select = (await collection.where("n", "==", 3).select("m", "deep.n").get()).docs.map((each) => each.data());
    found.names0 = (await collection.limit(1).select().get()).docs.map((each) => [each.id, each.data()]);
    const streamed = [];
    for await (const each of collection.where("m", "==", 0).stream()) streamed.push(each.id);
    found.streamed = streamed;
    return found;
  },

  async groups() {
    for (const path of ["g/a", "x/1/g/b", "x/1/g/b/g/c", "y/1/gg/d"]) await db.doc(path).set({ path });
    const group = db.collectionGroup("g");
    return [ids(await group.get()), ids(await group.where("path", ">", "h").get()), ids(await group.orderBy(FieldPath.documentId()).startAt("x/1/g/b").get())];
  },

  async nearest() {
    const places = { east: [1, 0], north: [0, 2], far: [3, 4] };
    for (const [name, place] of Object.entries(places)) await db.doc(`places/${name}`).set({ v: FieldValue.vector(place) });
    const found = {};
    for (const distanceMeasure of ["EUCLIDEAN", "COSINE", "DOT_PRODUCT"]) {
      const query = db.collection("places").findNearest({ vectorField: "v", queryVector: [1, 1], limit: 3, distanceMeasure, distanceResultField: "d" });
      found[distanceMeasure] = (await query.get()).docs.map((each) => [each.id, each.get("d").toFixed(9)]);
    }
    const near = db.collection("places").findNearest({ vectorField: "v", queryVector: [1, 1], limit: 9, distanceMeasure: "EUCLIDEAN", distanceThreshold: 1.2 });
    return [found, ids(await near.get())];
  },

  async aggregations() {
    for (const n of [1, 2, 6]) await db.doc(`sums/${n}`).set({ n });
    await db.doc("sums/text").set({ n: "text" });
    const collection = db.collection("sums");
    const all = await collection.aggregate({ count: AggregateField.count(), sum: AggregateField.sum("n"), average: AggregateField.average("n") }).get();
    const none = await db.collection("no sums").aggregate({ count: AggregateField.count(), average: AggregateField.average("n") }).get();
    return [all.data(), none.data(), (await collection.limit(2).count().get()).data()];
  },

  async listing() {
    for (const path of ["list/1", "list/2/sub/a", "list/3", "list/3/sub/a", "list/3/other/b"]) await db.doc(path).set({ path });
    const documents = await db.collection("list").listDocuments();
    const found = await db.getAll(...documents, { fieldMask: ["none"] });
    const collections = await db.doc("list/3").listCollections();
    const roots = (await db.listCollections()).map((each) => each.id);
    return [documents.map((each) => each.id), found.map((each) => [each.id, each.exists]), collections.map((each) => each.id), roots.includes("list")];
  },

  async deleting() {
    for (const path of ["del/1", "del/1/a/2", "del/1/a/2/b/3", "del/2", "del/11/a/2"]) await db.doc(path).set({ path });
    await db.recursiveDelete(db.doc("del/1"));
    const left = [ids(await db.collection("del").get()), ids(await db.collectionGroup("a").get()), ids(await db.collectionGroup("b").get())];
    await db.recursiveDelete(db.collection("del"));
    return [...left, ids(await db.collection("del").get()), (await db.doc("del/11/a/2").get()).exists];
  },

  async listeners() {
    const collection = db.collection("heard");
    const seen = {};
    const listeners = {
      document: watching(db.doc("heard/b"), (each) => (each.exists ? each.data() : null)),
      query: watching(collection.where("n", ">", 0).orderBy("n"), changes),
      group: watching(db.collectionGroup("heard"), ids),
      limit: watching(collection.orderBy("n", "desc").limit(2), changes),
      last: watching(collection.orderBy("n").limitToLast(2), ids),
    };
    const everybody = async (names = Object.keys(listeners)) => {
      for (const name of names) (seen[name] ??= []).push(await listeners[name].next());
    };
    await everybody();
    await collection.doc("b").set({ n: 2 });
    await everybody();
    await db.batch().set(collection.doc("a"), { n: 1 }).set(collection.doc("c"), { n: 3 }).commit();
    await everybody(["query", "group", "limit", "last"]);
    await collection.doc("b").update({ n: -1 });
    await everybody();
    await db.doc("other/x/heard/d").set({ n: 9 });
    await everybody(["group"]);
    await collection.doc("c").delete();
    await everybody(["query", "group", "limit", "last"]);
    for (const each of Object.values(listeners)) each.stop();
    return seen;
  },

  async converters() {
    const converter = { toFirestore: (note) => ({ title: note.title.toUpperCase() }), fromFirestore: (snapshot) => ({ title: snapshot.get("title"), id: snapshot.id }) };
    const collection = db.collection("converted").withConverter(converter);
    await collection.doc("a").set({ title: "milk" });
    return [(await collection.doc("a").get()).data(), (await collection.get()).docs.map((each) => each.data())];
  },
};

const results = {};
for (const [name, scene] of Object.entries(scenes)) results[name] = shown(await scene());
console.log(JSON.stringify(results, null, 1));
await db.terminate();
