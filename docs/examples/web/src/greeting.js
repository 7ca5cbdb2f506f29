export function greeting(name) {
  return `hello, ${name}`;
}

if (globalThis.document) {
  document.querySelector("#greeting").textContent = greeting("world");
}
