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

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-download], [data-add]");
    if (!button) return;
    if ("copy" in button.dataset) copy(button);
    else if (button.dataset.download) download(button);
    else add(button);
  });
  document.addEventListener("change", reveal);
  document.documentElement.classList.add("scripted");
  reveal();
})();
