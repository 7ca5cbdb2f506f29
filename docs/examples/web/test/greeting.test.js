import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "../src/greeting.js";

test("a greeting names whom it greets", () => {
  assert.equal(greeting("world"), "hello, world");
});
