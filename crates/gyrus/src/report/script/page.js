// The page wakes up: viewers, downloads, buttons that copy; everything is readable without any of it.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const text = Array.from(source.children, (part) => part.textContent).join("\n\n");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
});

{
  const data = JSON.parse(document.getElementById("numbers").textContent);
  // `gyrus view` says in the page where the rest is; a page from a file asks nobody for anything.
  const { everything } = document.documentElement.dataset;
  const more = everything && (async (button) => {
    button.disabled = true;
    try {
      const found = await (await fetch(everything)).json();
      holder("brain").replaceChildren();
      new BrainViewer(holder("brain"), { ...data, ...found });
    } catch {
      button.textContent = "Not there any more";
    }
  });
  const holders = { brain: () => (data.volume || (data.surface && canDrawSolids())) && new BrainViewer(holder("brain"), data, more), layers: () => layersViewer(holder("layers"), data) };
  const holder = (name) => document.querySelector(`[data-viewer="${name}"]`);
  for (const [name, open] of Object.entries(holders)) if (holder(name) && data.language_models.length > 0) open();
  offerDownloads(data);
}
