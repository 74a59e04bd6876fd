// Places on the page: their maps are a module of its own, which only pages with a place fetch.

/** Bring the boxes for a place, and the places that are shown, inside `scope` to life. */
export function startPlaces(scope) {
  const places = [...scope.querySelectorAll("[data-hl-place]")];
  if (!places.length) return;
  import(places[0].dataset.hlPlaceModule).then(({ start }) => start(places)).catch((error) => console.error(error)); // boxes work without
}
