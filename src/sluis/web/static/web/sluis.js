// Small comforts. Everything goes without them, but copying and downloading what is only on the page.
(function () {
  const say = (text) => { document.getElementById("live").textContent = text; };

  function copy(button) {
    const value = button.closest(".copyable").querySelector(".copyable-value").textContent;
    navigator.clipboard.writeText(value).then(() => {
      say(document.body.dataset.copied);
      button.classList.add("text-green");
      setTimeout(() => button.classList.remove("text-green"), 1500);
    });
  }

  function download(button) {
    const text = document.getElementById(button.dataset.download).value;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    link.download = button.dataset.file;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function add(button) {
    const row = document.getElementById(button.dataset.add).content.cloneNode(true);
    const place = document.getElementById(button.dataset.to);
    place.append(row);
    place.lastElementChild.querySelector("input").focus();
  }

  // data-when="name=value": there only while that choice is made.
  function reveal() {
    for (const part of document.querySelectorAll("[data-when]")) {
      const [name, value] = part.dataset.when.split("=");
      const chosen = document.querySelector(`[name="${name}"]:checked`);
      part.hidden = !chosen || chosen.value !== value;
    }
  }

  // Columns of a configuration: search, all or none, and how many are on.
  function find(field) {
    const text = field.value.trim().toLowerCase();
    const place = field.closest("[data-columns]");
    let files = 0;
    for (const file of place.querySelectorAll("[data-file]")) {
      const own = !text || file.dataset.text.includes(text);
      let any = false;
      for (const row of file.querySelectorAll("tr[data-text]")) {
        const fits = own || row.dataset.text.includes(text);
        row.hidden = !fits;
        any = any || fits;
      }
      file.hidden = !any;
      if (any) files += 1;
      if (text && any && !own) file.querySelector("details").open = true;
    }
    const found = place.querySelector("[data-found]");
    found.textContent = `${files} ${files === 1 ? found.dataset.one : found.dataset.many}`;
  }

  function count(part) {
    const boxes = [...part.querySelectorAll('input[name="column"]')];
    part.querySelector("[data-count]").textContent = boxes.filter((box) => box.checked).length;
  }

  function pick(button) {
    const part = button.closest("[data-columns-of]");
    for (const box of part.querySelectorAll('input[name="column"]:not(:disabled)')) {
      if (!box.closest("tr").hidden) box.checked = button.dataset.pick === "all";
    }
    count(part);
  }

  document.addEventListener("input", (event) => {
    if ("find" in event.target.dataset) find(event.target);
  });
  document.addEventListener("change", (event) => {
    const part = event.target.name === "column" && event.target.closest("[data-columns-of]");
    if (part) count(part);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-download], [data-add], [data-pick]");
    if (!button) return;
    if ("pick" in button.dataset) pick(button);
    else if ("copy" in button.dataset) copy(button);
    else if (button.dataset.download) download(button);
    else add(button);
  });
  document.addEventListener("change", reveal);
  document.documentElement.classList.add("scripted");
  reveal();
})();
