
"use strict";
(() => {
  const svg = document.querySelector("figure svg");
  const about = document.getElementById("about");
  const cards = new Map();
  for (const card of svg.querySelectorAll(".card")) cards.set(card.dataset.node, card);
  const rows = new Map();
  for (const row of document.querySelectorAll("#nodes tbody tr")) rows.set(row.dataset.node, row);
  const links = [...document.querySelectorAll("#links tbody tr")].map((row) => ({
    from: row.dataset.from, to: row.dataset.to,
    verb: row.cells[1].textContent, label: row.cells[3].textContent,
  }));
  const arrows = [...svg.querySelectorAll(".arrow")].map((arrow) => ({
    arrow, links: new Set(arrow.dataset.links.split(" ").map(Number)),
  }));
  const passive = { "needs": "needed by", "can reach": "reached by", "cannot reach": "cannot be reached by" };
  let kept = null;

  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // A dotted line from card to card: what a line between two groups means for this card.
  const direct = (from, to) => {
    const middle = (card) => {
      const box = card.querySelector("rect").getBBox();
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    const [a, b] = middle(cards.get(from));
    const [c, d] = middle(cards.get(to));
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", "own");
    path.setAttribute("d", `M${a} ${b}C${(a + c) / 2} ${b} ${(a + c) / 2} ${d} ${c} ${d}`);
    svg.insertBefore(path, svg.querySelector(".card"));
  };

  const clear = () => {
    svg.classList.remove("picking");
    for (const marked of document.querySelectorAll(".on, .picked")) marked.classList.remove("on", "picked");
    for (const path of svg.querySelectorAll(".own")) path.remove();
    about.hidden = true;
  };

  const describe = (node, own) => {
    const cells = [...rows.get(node).cells].map((cell) => cell.textContent.trim());
    const parts = [element("h2", cells[0]), element("p", cells.slice(2, -1).filter(Boolean).join(" · "))];
    const lists = new Map();
    for (const { from, to, verb, label } of own) {
      const heading = from === node ? verb : passive[verb];
      const other = rows.get(from === node ? to : from).cells[0].textContent;
      if (!lists.has(heading)) lists.set(heading, []);
      lists.get(heading).push(label ? `${other} (${label})` : other);
    }
    for (const [heading, others] of lists) {
      const list = element("ul");
      list.append(...others.map((other) => element("li", other)));
      parts.push(element("h3", `${heading} (${others.length})`), list);
    }
    if (own.length === 0) parts.push(element("p", "nothing is connected to it"));
    about.replaceChildren(...parts);
    // On the other side, lest it covers what is looked at.
    const box = cards.get(node).getBoundingClientRect();
    about.classList.toggle("left", box.left > innerWidth / 2);
    about.hidden = false;
  };

  const pick = (node) => {
    clear();
    const numbers = new Set();
    links.forEach((link, number) => {
      if (link.from === node || link.to === node) numbers.add(number);
    });
    svg.classList.add("picking");
    cards.get(node).classList.add("on", "picked");
    rows.get(node).classList.add("picked");
    for (const number of numbers) {
      cards.get(links[number].from).classList.add("on");
      cards.get(links[number].to).classList.add("on");
    }
    for (const { arrow, links: stands } of arrows) {
      const own = [...stands].filter((number) => numbers.has(number));
      if (own.length === 0) continue;
      arrow.classList.add("on");
      if (stands.size > 1 && !arrow.classList.contains("tag")) {
        for (const number of own) direct(links[number].from, links[number].to);
      }
    }
    describe(node, [...numbers].map((number) => links[number]));
  };

  const back = () => (kept === null ? clear() : pick(kept));
  const keep = (node) => {
    kept = kept === node ? null : node;
    back();
  };

  svg.setAttribute("role", "group");
  document.querySelector(".hint").hidden = false;
  for (const [node, card] of cards) {
    card.setAttribute("tabindex", "0");
    card.setAttribute("role", "button");
    card.addEventListener("mouseenter", () => pick(node));
    card.addEventListener("mouseleave", back);
    card.addEventListener("focus", () => pick(node));
    card.addEventListener("blur", back);
    card.addEventListener("click", (event) => {
      event.stopPropagation();
      keep(node);
    });
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      keep(node);
    });
  }
  const release = () => {
    kept = null;
    clear();
  };
  svg.addEventListener("click", release);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") release();
  });
})();
