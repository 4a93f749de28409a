//! Every control that a page has, used one after the other.

use serde_json::Value;

use super::chromium::Page;

/// Opens what is folded, chooses every option, ticks, slides, presses every button and follows every link inside the page. Returns what
/// the labelled controls are called, each once, in alphabetical order.
pub fn use_all(page: &mut Page) -> Vec<String> {
    let used = page.value(
        "(async () => {
            const used = new Set();
            const pause = () => new Promise((done) => setTimeout(done, 4));
            const all = (selector) => [...document.querySelectorAll(selector)];
            const note = (control) => used.add(control.dataset.control ?? control.dataset.copy ?? control.name ?? control.type);
            for (const part of all('summary')) { part.click(); await pause(); }
            for (const link of all('a[href^=\"#\"]')) { link.click(); await pause(); }
            for (const select of all('select')) {
                note(select);
                for (const option of [...select.options]) {
                    select.value = option.value;
                    select.dispatchEvent(new Event('change', { bubbles: true }));
                    await pause();
                }
            }
            for (const slider of all('input[type=range]')) {
                note(slider);
                for (const value of ['0', '50', '100', '0']) {
                    slider.value = value;
                    slider.dispatchEvent(new Event('input', { bubbles: true }));
                    await pause();
                }
            }
            for (const box of all('input[type=checkbox], input[type=radio]')) { used.add(box.type); box.click(); await pause(); }
            for (const mark of all('.layer')) { mark.focus(); await pause(); }
            for (const button of all('button:not([data-control])')) {
                if (button.dataset.copy) note(button);
                button.click();
                await pause();
            }
            return [...used].sort();
        })()",
    );
    used.as_array().unwrap().iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a page of voxels and one language model can be asked.
pub const OF_VOXELS: [&str; 9] = [
    "checkbox",
    "citation-text",
    "layer",
    "methods-text",
    "quantity",
    "radio",
    "region",
    "shown",
    "threshold",
];
