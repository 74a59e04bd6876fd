// What the phone keeps: assessments taken along, answers and photos until the server has them, and the scoring forms by which one
// may be begun. One database, four stores.

const STORES = { assessments: "id", answers: "key", photos: "id", forms: "account" };
let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("hl-assessments", 2);
    asked.onupgradeneeded = () => {
      const missing = Object.entries(STORES).filter(([name]) => !asked.result.objectStoreNames.contains(name));
      for (const [name, keyPath] of missing) asked.result.createObjectStore(name, { keyPath });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

/** Do `act` with one store; over when the whole transaction is on the disk. */
async function within(store, mode, act) {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const asked = act(transaction.objectStore(store));
    transaction.oncomplete = () => done(asked.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

export const put = (store, value) => within(store, "readwrite", (there) => there.put(value));
export const drop = (store, key) => within(store, "readwrite", (there) => there.delete(key));
export const get = (store, key) => within(store, "readonly", (there) => there.get(key));
export const all = (store) => within(store, "readonly", (there) => there.getAll());

/** What belongs to one assessment, oldest first. */
export async function of(store, assessment) {
  const found = (await all(store)).filter((one) => one.assessment === assessment);
  return found.sort((left, right) => left.at - right.at);
}
