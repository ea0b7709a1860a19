// A service's colour comes from its name, so that it is the same tomorrow; two
// that would share one while others are free do not.
const colours = 10; // .svc0 … in styles/base.css
const given = new Map<string, number>();

export function serviceClass(service: string): string {
  let index = given.get(service);
  if (index === undefined) {
    const taken = new Set(given.values());
    index = hash(service) % colours;
    for (let tried = 0; taken.has(index) && tried < colours; tried++) index = (index + 1) % colours;
    given.set(service, index);
  }
  return "svc" + index;
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) >>> 0, 7);
}
