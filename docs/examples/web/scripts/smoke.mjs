// Fails unless the server on the given port answers with the page.
const answer = await fetch(`http://localhost:${process.argv[2]}/`);
const text = await answer.text();
if (!answer.ok || !text.includes("greeting")) {
  console.error(`unexpected answer: ${answer.status}`);
  process.exit(1);
}
