// A service keeps its colour for as long as the tab is open.
const colours = 10; // .svc0 … in styles/base.css
const given = new Map<string, number>();

export function serviceClass(service: string): string {
  let index = given.get(service);
  if (index === undefined) {
    index = given.size % colours;
    given.set(service, index);
  }
  return "svc" + index;
}
