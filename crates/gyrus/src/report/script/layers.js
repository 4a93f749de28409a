// Layers of one region at a time, chosen by language model, region and quantity.
function layersViewer(holder, data) {
  const state = { model: 0, place: data.regions.length, quantity: "score" };
  const view = new ProfileView("layer-profile", "of the region");
  const show = () => view.show(profileOfPlace(data, data.language_models[state.model], state.quantity, state.place));
  const change = (key, value) => { state[key] = value; show(); };
  const quantities = make("span", {});
  // Only what the chosen language model has.
  const offer = () => {
    const defined = data.language_models[state.model].quantities.filter((quantity) => quantity.value.bits > 0);
    if (!defined.some(({ name }) => name === state.quantity)) state.quantity = "score";
    const options = defined.map(({ name }) => [name, QUANTITIES[name].words]);
    quantities.replaceChildren(choice("quantity", options, state.quantity, (value) => change("quantity", value)).element);
  };
  const controls = make("div", { class: "controls" });
  if (data.language_models.length > 1) {
    const options = data.language_models.map((model, index) => [index, model.name]);
    controls.append(choice("language model", options, 0, (value) => { state.model = Number(value); offer(); show(); }).element);
  }
  const places = [[data.regions.length, "mean over regions"], ...data.regions.map((name, index) => [index, name])];
  controls.append(choice("region", places, state.place, (value) => change("place", Number(value))).element);
  offer();
  controls.append(quantities);
  holder.append(make("h3", {}, "Look at one region"), controls, view.element);
  holder.hidden = false;
  show();
}
