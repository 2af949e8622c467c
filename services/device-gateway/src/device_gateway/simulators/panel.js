// Asks once a second and changes only what has changed, so that a page left open costs nothing.
const NAMES = {
  ticket: "Imprimante à billets", receipt: "Imprimante à reçus", card: "Imprimante à cartes", terminal: "Terminal de paiement",
  display: "Afficheur client", drawer: "Tiroir-caisse", scanner: "Lecteur de codes",
};
const FAULTS = {
  none: "Tout va bien", off: "Éteinte", paper_low: "Bientôt plus de papier", paper_out: "Plus de papier",
  paper_out_mid_job: "Papier épuisé en cours d'impression", cover_open: "Capot ouvert", head_hot: "Tête trop chaude",
  ribbon_out: "Plus de ruban", jam: "Bourrage", jam_mid_job: "Bourrage en cours d'impression", cutter: "Massicot bloqué",
  cutter_mid_job: "Massicot bloqué en cours d'impression", silent: "Muette", silent_mid_job: "Devient muette en cours d'impression",
  die_mid_job: "Meurt en cours d'impression", power_cycled: "Perd le courant avant le papier, et revient",
  line_cut: "Liaison coupée en cours d'impression", late: "Répond trop tard", slowly: "Répond octet par octet",
  silent_after_request: "Se tait après la demande", dies: "Encaisse, puis s'éteint", busy: "Occupé",
  wrong_echo: "Répond pour un autre paiement", missing_fields: "Réponse incomplète", damaged: "Réponse abîmée",
  damaged_once: "Réponse abîmée une fois", nak_once: "Ne comprend pas une fois", nak_always: "Ne comprend jamais",
  slow: "Répond octet par octet",
  late_mid_job: "Répond trop tard en cours d'impression", together: "Répond par paquets",
  stuck: "Bloqué", twice: "Lit deux fois", cut_in_two: "Code coupé en deux", byte_by_byte: "Octet par octet", no_end: "Sans fin de code",
};
const ACTIONS = {
  close: "Refermer", scan: "Lire ce code",
  alone: "Accepter seul", waits: "Attendre les touches", approve: "Accepter", decline: "Refuser", abandon: "Touche rouge",
  partial: "Accepter la moitié",
};
const ASKS = { code: "Code à lire" };
const EMPTY = { printer: "Rien n'est encore sorti. Vendez un billet à la caisse : il apparaîtra ici." };
const sections = new Map();

function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

function sectionOf(device) {
  let section = sections.get(device.name);
  if (section) return section;
  section = document.getElementById("device").content.firstElementChild.cloneNode(true);
  section.classList.add(device.kind);
  section.querySelector("h2").textContent = NAMES[device.name] ?? device.name;
  const select = section.querySelector("select");
  for (const fault of device.faults) select.add(new Option(FAULTS[fault] ?? fault, fault));
  select.addEventListener("change", () => post(`/api/devices/${device.name}/fault`, { fault: select.value }));
  section.querySelector(".empty").textContent = EMPTY[device.kind] ?? "";
  sections.set(device.name, section);
  document.getElementById("devices").append(section);
  return section;
}

/** The device's own screen, and the buttons that a person would press on it. */
function showFront(section, device) {
  const screen = section.querySelector(".screen");
  screen.hidden = !device.screen;
  const text = (device.screen ?? []).join("\n");
  if (screen.textContent !== text) screen.textContent = text;
  const buttons = section.querySelector(".actions");
  const actions = (device.actions ?? []).join();
  if (buttons.dataset.shown === actions) return;
  buttons.dataset.shown = actions;
  const field = device.asks ? [fieldOf(device)] : [];
  buttons.replaceChildren(...field, ...(device.actions ?? []).map((action) => buttonOf(device, action)));
}

function buttonOf(device, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = ACTIONS[action] ?? action;
  button.addEventListener("click", () => {
    const field = button.parentElement.querySelector("input");
    post(`/api/devices/${device.name}/act`, { action, ...(field ? { [device.asks]: field.value } : {}) });
  });
  return button;
}

/** What the device is to be given along with a button, such as the code that a reader reads. */
function fieldOf(device) {
  const field = document.createElement("input");
  field.setAttribute("aria-label", ASKS[device.asks] ?? device.asks);
  field.placeholder = ASKS[device.asks] ?? device.asks;
  return field;
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

async function showPapers(section, printer) {
  const kicks = printer.drawer_kicks ?? [];
  section.querySelector(".drawer").textContent = kicks.length
    ? `Tiroir ouvert à ${new Date(kicks[0].at).toLocaleTimeString("fr")} (${kicks.length})` : "";
  const { papers } = await (await fetch(`/api/papers?limit=30&printer=${encodeURIComponent(printer.name)}`)).json();
  const list = section.querySelector(".papers");
  const known = new Set([...list.children].map((figure) => figure.dataset.id));
  list.prepend(...papers.filter((paper) => !known.has(paper.id)).map(figureOf));
  while (list.children.length > 30) list.lastElementChild.remove();
  section.querySelector(".empty").hidden = papers.length > 0;
}

async function refresh() {
  const { devices } = await (await fetch("/api/devices")).json();
  for (const device of devices) {
    const section = sectionOf(device);
    const select = section.querySelector("select");
    if (document.activeElement !== select) select.value = device.fault;
    select.classList.toggle("faulty", device.fault !== "none");
    showFront(section, device);
    const violations = section.querySelector(".violations");
    violations.textContent = (device.violations ?? []).slice(-3).join(" · ");
    if (device.kind === "drawer") section.querySelector(".drawer").textContent = device.open ? "Ouvert" : "Fermé";
    if (device.kind === "printer") await showPapers(section, device);
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
