import { testRows } from "../testing/dialect_rows.ts";

testRows("next", {
  url: (options) => `?url=https%3A%2F%2Fimages.example.com%2Fa.jpg&${options}`,
  remote: "https://images.example.com/a.jpg",
  defaults: ["auto", "basic:jpeg", "reckon:sharp"],
  rows: [
    ["w=640&q=75", "640x0,q75"],
    ["w=640", "640x0,q75"],
    ["q=50&w=16", "16x0,q50"],
  ],
  refused: [
    ["w=640&q=101", /q takes a whole number from 1 to 100/],
    ["w=640&h=200", /there is no such option/],
  ],
});
