// The editor of drafts: a small subset of rich text over the plain box that is sent. Without this module the box itself is
// typed into; what both send is cleaned by the server.
import { baseKeymap, setBlockType, toggleMark } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { DOMParser, DOMSerializer, Schema } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { EditorState, Plugin } from "prosemirror-state";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable, tableEditing, tableNodes } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";

const ALIGNED = ["center", "right"];
const KEEP_AFTER = 15_000; // milliseconds without a key until what was typed is kept
const SHOW_AFTER = 2_500; // … until the printed page is drawn again

const paragraphAttrs = { align: { default: "" } };
const aligned = (dom) => ALIGNED.find((name) => dom.classList.contains(name)) ?? "";
const withClass = (node) => (node.attrs.align ? { class: node.attrs.align } : {});

const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { group: "block", content: "inline*", attrs: paragraphAttrs, parseDOM: [{ tag: "p", getAttrs: (dom) => ({ align: aligned(dom) }) }], toDOM: (node) => ["p", withClass(node), 0] },
    heading: {
      group: "block",
      content: "inline*",
      defining: true,
      attrs: { level: { default: 3 } },
      parseDOM: [1, 2, 3, 4].map((level) => ({ tag: `h${level}`, attrs: { level } })),
      toDOM: (node) => [`h${node.attrs.level}`, 0],
    },
    bullet_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    ordered_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ol" }], toDOM: () => ["ol", 0] },
    list_item: { content: "paragraph block*", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    ...tableNodes({ tableGroup: "block", cellContent: "block+", cellAttributes: {} }),
    text: { group: "inline" },
    hard_break: { group: "inline", inline: true, selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
  },
  marks: {
    strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
    em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
    underline: { parseDOM: [{ tag: "u" }], toDOM: () => ["u", 0] },
    sup: { parseDOM: [{ tag: "sup" }], excludes: "sub", toDOM: () => ["sup", 0] },
    sub: { parseDOM: [{ tag: "sub" }], excludes: "sup", toDOM: () => ["sub", 0] },
  },
});

const { paragraph, heading } = schema.nodes;

/** What stands in the plain box as a document: text alone has one paragraph a line. HTML is read beside the page, where nothing of it runs. */
function read(text) {
  if (/<\/?[a-z]/i.test(text)) {
    return DOMParser.fromSchema(schema).parse(new window.DOMParser().parseFromString(text, "text/html").body);
  }
  const holder = document.createElement("div");
  for (const line of text.split("\n").filter((each) => each.trim())) holder.append(Object.assign(document.createElement("p"), { textContent: line.trim() }));
  return DOMParser.fromSchema(schema).parse(holder);
}

/** The document as the server takes it. */
function written(doc) {
  const holder = document.createElement("div");
  holder.append(DOMSerializer.fromSchema(schema).serializeFragment(doc.content));
  for (const cell of holder.querySelectorAll("td, th")) {
    for (const name of ["colspan", "rowspan"]) if (cell.getAttribute(name) === "1") cell.removeAttribute(name);
    cell.removeAttribute("data-colwidth");
  }
  return holder.innerHTML;
}

function align(name) {
  return (state, dispatch) => {
    const { $from } = state.selection;
    if ($from.parent.type !== paragraph) return false;
    if (dispatch) dispatch(state.tr.setNodeMarkup($from.before(), null, { align: $from.parent.attrs.align === name ? "" : name }));
    return true;
  };
}

/** A new paragraph "Điều n." after the highest number there is. */
function article(state, dispatch) {
  let highest = 0;
  state.doc.descendants((node) => {
    const found = /^Điều\s+(\d+)/.exec(node.textContent);
    if (node.isTextblock && found) highest = Math.max(highest, Number(found[1]));
    return !node.isTextblock;
  });
  if (dispatch) {
    const { $from } = state.selection;
    const at = $from.after(1);
    dispatch(state.tr.insert(at, paragraph.create(null, schema.text(`Điều ${highest + 1}. `))).scrollIntoView());
  }
  return true;
}

function table(state, dispatch) {
  if (isInTable(state)) return false;
  if (dispatch) {
    const cells = (type) => [0, 1, 2].map(() => type.createAndFill());
    const rows = [0, 1, 2].map(() => schema.nodes.table_row.create(null, cells(schema.nodes.table_cell)));
    dispatch(state.tr.replaceSelectionWith(schema.nodes.table.create(null, rows)).scrollIntoView());
  }
  return true;
}

const BUTTONS = [
  ["bold", "B", toggleMark(schema.marks.strong), (state) => marked(state, "strong")],
  ["italic", "I", toggleMark(schema.marks.em), (state) => marked(state, "em")],
  ["underline", "U", toggleMark(schema.marks.underline), (state) => marked(state, "underline")],
  ["paragraph", "¶", setBlockType(paragraph), null],
  ["heading", "H", setBlockType(heading, { level: 3 }), (state) => state.selection.$from.parent.type === heading],
  ["article", "Điều", article, null],
  ["bullets", "•", wrapInList(schema.nodes.bullet_list), null],
  ["numbers", "1.", wrapInList(schema.nodes.ordered_list), null],
  ["outdent", "⇤", liftListItem(schema.nodes.list_item), null],
  ["centre", "↔", align("center"), (state) => state.selection.$from.parent.attrs.align === "center"],
  ["right", "→", align("right"), (state) => state.selection.$from.parent.attrs.align === "right"],
  ["table", "▦", table, null],
  ["row", "+⇣", addRowAfter, null],
  ["column", "+⇢", addColumnAfter, null],
  ["less-row", "−⇣", deleteRow, null],
  ["less-column", "−⇢", deleteColumn, null],
  ["no-table", "▦×", deleteTable, null],
  ["undo", "↶", undo, null],
  ["redo", "↷", redo, null],
];

const NAMES = {
  vi: { bold: "Đậm", italic: "Nghiêng", underline: "Gạch chân", paragraph: "Đoạn văn", heading: "Tiêu đề", article: "Thêm Điều", bullets: "Danh sách", numbers: "1. Danh sách số", outdent: "Bỏ khỏi danh sách", centre: "Căn giữa", right: "Căn phải", table: "Chèn bảng", row: "Thêm dòng", column: "Thêm cột", "less-row": "Bớt dòng", "less-column": "Bớt cột", "no-table": "Xóa bảng", undo: "Hoàn tác", redo: "Làm lại", bar: "Định dạng" },
  en: { bold: "Bold", italic: "Italic", underline: "Underline", paragraph: "Paragraph", heading: "Heading", article: "Add article", bullets: "Bullets", numbers: "1. Numbered list", outdent: "Out of the list", centre: "Centre", right: "Align right", table: "Insert table", row: "Add row", column: "Add column", "less-row": "Remove row", "less-column": "Remove column", "no-table": "Delete table", undo: "Undo", redo: "Redo", bar: "Format" },
};

const marked = (state, name) => {
  const { from, $from, to, empty } = state.selection;
  const type = schema.marks[name];
  return empty ? Boolean(type.isInSet(state.storedMarks || $from.marks())) : state.doc.rangeHasMark(from, to, type);
};

/** The bar of buttons: one stop of the Tab key, arrows go along it. */
function toolbar(view) {
  const names = NAMES[document.documentElement.lang.startsWith("en") ? "en" : "vi"];
  const bar = Object.assign(document.createElement("div"), { className: "hl-editor__bar" });
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", names.bar);
  const buttons = BUTTONS.map(([key, sign, command, isOn], index) => {
    const button = Object.assign(document.createElement("button"), { type: "button", title: names[key], className: `hl-editor__button hl-editor__button--${key}`, tabIndex: index ? -1 : 0 });
    button.setAttribute("aria-label", names[key]);
    button.append(Object.assign(document.createElement("span"), { textContent: sign, ariaHidden: "true" }));
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      command(view.state, view.dispatch, view);
      view.focus();
    });
    bar.append(button);
    return { button, command, isOn, table: /row|column|no-table/.test(key) };
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const shown = buttons.filter(({ button }) => !button.hidden);
    const at = shown.findIndex(({ button }) => button === document.activeElement);
    const next = shown[(at + step + shown.length) % shown.length].button;
    for (const { button } of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  const update = () => {
    const inside = isInTable(view.state);
    for (const each of buttons) {
      each.button.hidden = each.table && !inside;
      if (each.isOn) each.button.setAttribute("aria-pressed", String(Boolean(each.isOn(view.state))));
    }
  };
  return { bar, update };
}

function edit(box, changed) {
  const place = Object.assign(document.createElement("div"), { className: "hl-editor" });
  const tools = { update: () => {} };
  const view = new EditorView(place, {
    state: EditorState.create({
      doc: read(box.value),
      plugins: [
        history(),
        keymap({ "Mod-b": toggleMark(schema.marks.strong), "Mod-i": toggleMark(schema.marks.em), "Mod-u": toggleMark(schema.marks.underline), "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo, Enter: splitListItem(schema.nodes.list_item), Tab: (state, dispatch) => goToNextCell(1)(state, dispatch) || sinkListItem(schema.nodes.list_item)(state, dispatch), "Shift-Tab": (state, dispatch) => goToNextCell(-1)(state, dispatch) || liftListItem(schema.nodes.list_item)(state, dispatch) }),
        keymap(baseKeymap),
        tableEditing(),
        new Plugin({ view: () => ({ update: () => tools.update() }) }),
      ],
    }),
    attributes: { role: "textbox", "aria-multiline": "true", "aria-labelledby": `${box.id}-name`, id: `${box.id}-rich` },
    dispatchTransaction(transaction) {
      view.updateState(view.state.apply(transaction));
      if (!transaction.docChanged) return;
      box.value = written(view.state.doc);
      changed();
    },
  });
  const made = toolbar(view);
  tools.update = made.update;
  place.prepend(made.bar);
  const label = document.querySelector(`label[for="${box.id}"]`);
  if (label) {
    label.id = `${box.id}-name`;
    label.addEventListener("click", (event) => {
      event.preventDefault();
      view.focus();
    });
  }
  box.hidden = true;
  box.after(place);
  made.update();
  return view;
}

/** Keep what is typed, and draw the printed page again. */
function follow(form) {
  const said = form.querySelector("[data-hl-kept]");
  const picture = form.querySelector("[data-hl-preview]");
  const pages = form.querySelector("[data-hl-pages]");
  let keeping, showing, dirty = false, shown = 0, page = 1, count = 1;

  const send = (address) => {
    const body = new FormData(form);
    body.delete("word");
    body.set("trang", String(page));
    return fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  };

  async function keep() {
    clearTimeout(keeping);
    if (!dirty) return;
    dirty = false;
    try {
      const answer = await send(form.dataset.keep);
      const told = await answer.json();
      said.textContent = answer.ok ? `${form.dataset.kept} ${told.at}` : `${form.dataset.notKept} ${told.error ?? answer.status}`;
      if (!answer.ok) dirty = true;
    } catch {
      dirty = true; // no network: tried again at the next key
      said.textContent = form.dataset.notKept;
    }
  }

  async function show() {
    clearTimeout(showing);
    const wanted = ++shown;
    try {
      const answer = await send(form.dataset.preview);
      if (!answer.ok || wanted !== shown) return;
      count = Number(answer.headers.get("X-Pages")) || 1;
      const old = picture.src;
      picture.src = URL.createObjectURL(await answer.blob());
      if (old.startsWith("blob:")) URL.revokeObjectURL(old);
      turn();
    } catch {
      // the page that was drawn last stays
    }
  }

  function turn() {
    page = Math.min(page, count);
    pages.replaceChildren();
    if (count < 2) return;
    for (const [step, sign] of [[-1, "‹"], [1, "›"]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign, className: "hl-editor__button", disabled: page + step < 1 || page + step > count });
      button.setAttribute("aria-label", `${form.dataset.page} ${page + step}`);
      button.addEventListener("click", () => {
        page += step;
        show();
      });
      pages.append(button);
    }
    pages.children[0].after(` ${form.dataset.page} ${page}/${count} `);
  }

  form.addEventListener("submit", () => {
    clearTimeout(keeping);
    dirty = false;
  });
  window.addEventListener("beforeunload", (event) => dirty && event.preventDefault());
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  return () => {
    dirty = true;
    clearTimeout(keeping);
    clearTimeout(showing);
    keeping = setTimeout(keep, KEEP_AFTER);
    showing = setTimeout(show, SHOW_AFTER);
  };
}

for (const form of document.querySelectorAll("[data-hl-write]")) {
  const changed = follow(form);
  for (const box of form.querySelectorAll("[data-hl-editor]")) edit(box, changed);
  form.addEventListener("input", ({ target }) => target.matches("input, textarea") && changed());
}
