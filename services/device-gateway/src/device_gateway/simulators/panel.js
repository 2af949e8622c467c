// Asks once a second and changes only what has changed, so that a page left open costs nothing.
const NAMES = { ticket: "Imprimante à billets", receipt: "Imprimante à reçus" };
const FAULTS = {
  none: "Tout va bien", off: "Éteinte", paper_out: "Plus de papier", paper_out_mid_job: "Papier épuisé en cours d'impression",
  silent: "Muette", silent_mid_job: "Devient muette en cours d'impression", die_mid_job: "Meurt en cours d'impression",
};
const sections = new Map();

function sectionOf(printer, faults) {
  let section = sections.get(printer.name);
  if (section) return section;
  section = document.getElementById("printer").content.firstElementChild.cloneNode(true);
  section.querySelector("h2").textContent = NAMES[printer.name] ?? printer.name;
  const select = section.querySelector("select");
  for (const fault of faults) select.add(new Option(FAULTS[fault] ?? fault, fault));
  select.addEventListener("change", () => fetch("/api/faults", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ printer: printer.name, fault: select.value }),
  }));
  sections.set(printer.name, section);
  document.getElementById("printers").append(section);
  return section;
}

function figureOf(paper) {
  const figure = document.createElement("figure");
  figure.dataset.id = paper.id;
  const caption = document.createElement("figcaption");
  caption.textContent = `${paper.id} · ${new Date(paper.at).toLocaleTimeString("fr")}`;
  for (const fault of [...(paper.complete ? [] : ["incomplet"]), ...paper.violations]) {
    const bad = document.createElement("span");
    bad.className = "bad";
    bad.textContent = ` · ${fault}`;
    caption.append(bad);
  }
  const picture = new Image(paper.width, paper.height);
  picture.src = paper.url;
  picture.alt = `Papier ${paper.id}`;
  picture.loading = "lazy";
  figure.append(caption, picture);
  return figure;
}

async function refresh() {
  const { printers, faults } = await (await fetch("/api/printers")).json();
  for (const printer of printers) {
    const section = sectionOf(printer, faults);
    const select = section.querySelector("select");
    if (document.activeElement !== select) select.value = printer.fault;
    select.classList.toggle("faulty", printer.fault !== "none");
    const [kick] = printer.drawer_kicks;
    section.querySelector(".drawer").textContent = kick
      ? `Tiroir ouvert à ${new Date(kick.at).toLocaleTimeString("fr")} (${printer.drawer_kicks.length})` : "";
    const { papers } = await (await fetch(`/api/papers?limit=30&printer=${encodeURIComponent(printer.name)}`)).json();
    const list = section.querySelector(".papers");
    const known = new Set([...list.children].map((figure) => figure.dataset.id));
    list.prepend(...papers.filter((paper) => !known.has(paper.id)).map(figureOf));
    while (list.children.length > 30) list.lastElementChild.remove();
    section.querySelector(".empty").hidden = papers.length > 0;
  }
}

async function live() {
  try {
    if (!document.hidden) await refresh();
  } finally {
    setTimeout(live, 1000);
  }
}
live();
