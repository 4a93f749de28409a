//! Names from files cannot become markup, script or Markdown, and the page asks nobody for anything.

use base64::Engine;
use gyrus::report::{self, PageContext};
use gyrus::results::Results;
use scraper::{Html, Node, Selector};
use sha2::{Digest, Sha256};

use crate::study::{self, Shape};

const NAMES: [&str; 7] = [
    "</title></style></svg><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]><!--<svg/onload=alert(1)>",
    "&lt;script&gt; &#60;b&#62; & \u{0}\u{1b}[31m \u{202e}",
    "`${alert(1)}` {{constructor}} </desc></text><foreignObject>",
    "[x](javascript:alert(1)) **b** <u>",
];

fn hostile() -> (Results, PageContext) {
    let name = |index: usize| NAMES[index % NAMES.len()].to_owned();
    let shape = Shape {
        regions: NAMES.map(str::to_owned).to_vec(),
        participants: NAMES.map(str::to_owned).to_vec(),
        language_model: name(0),
        ..Shape::small()
    };
    let mut results = study::results(&shape);
    results.study = name(0);
    results.warnings = NAMES.map(str::to_owned).to_vec();
    results.notes = NAMES.map(str::to_owned).to_vec();
    results.baseline.note = Some(name(1));
    results.baseline.bands = NAMES.map(str::to_owned).to_vec();
    for (index, row) in results.baseline.rows.iter_mut().enumerate() {
        row.band = name(index / 8);
    }
    for row in &mut results.alignments {
        row.alignment = format!("{} {}", row.alignment, name(3));
    }
    for (index, exclusion) in results.exclusions.iter_mut().enumerate() {
        exclusion.reason = name(index);
        exclusion.run = Some(name(index + 1));
    }
    for person in &mut results.participants {
        person.variance_removed.iter_mut().for_each(|(source, _)| source.push_str(NAMES[1]));
    }
    let carpet = results.carpet.as_mut().unwrap();
    carpet.run = name(4);
    carpet.traces[1].source = name(1);
    results.noise.iter_mut().for_each(|row| row.source.push_str(NAMES[1]));
    results.verdicts.iter_mut().for_each(|verdict| verdict.question.push(' '));
    results.verdicts[0].question = name(2);
    results.language_models[0].hierarchy.note = name(5);
    results.methods.population = name(6);
    results.methods.folds = name(0);
    results.methods.alignment = name(1);
    results.methods.version = name(2);
    results.methods.surrogates.1 = name(3);
    results.methods.language_models[0].family = name(4);
    results.methods.stimuli[0].0 = name(5);
    (
        results,
        PageContext {
            inputs: NAMES.map(|name| (name.to_owned(), name.to_owned())).to_vec(),
            ..PageContext::default()
        },
    )
}

/// How the address of a picture begins that is in the page itself.
const PICTURE: &str = "data:image/png;base64,";

/// Elements that a page may have.
const ELEMENTS: &str = "html head meta title style body a nav ol ul li main section h1 h2 h3 p span strong figure \
    figcaption div svg image desc text tspan path rect circle polygon g table caption thead tbody tr \
    th td details summary dl dt dd button pre code script";

#[test]
fn a_page_with_hostile_names_has_the_elements_of_an_honest_one() {
    let (results, context) = hostile();
    let page = Html::parse_document(&report::page(&results, &context));
    for node in page.tree.nodes() {
        let Node::Element(element) = node.value() else { continue };
        assert!(ELEMENTS.split(' ').any(|allowed| allowed == element.name()), "{} came in", element.name());
        for (name, value) in element.attrs() {
            assert!(
                !name.starts_with("on") && name != "src" && name != "style" && name != "srcdoc",
                "{name}"
            );
            let is_link = name == "href" || name == "xlink:href";
            let is_ours =
                value.starts_with('#') || value.starts_with("../tables/") || value.ends_with(".svg");
            let is_ours = is_ours || (element.name() == "image" && value.starts_with(PICTURE));
            assert!(!is_link || is_ours, "{value}");
        }
    }
    let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!(
        (count("script"), count("script:not([type])"), count("script[type='application/json']")),
        (2, 1, 1)
    );
}

#[test]
fn the_names_are_still_there_as_words() {
    let (results, context) = hostile();
    let page = Html::parse_document(&report::page(&results, &context));
    let words: Vec<String> =
        page.select(&Selector::parse(".name").unwrap()).map(|element| element.text().collect()).collect();
    for name in [NAMES[0], NAMES[1], NAMES[2], NAMES[3], NAMES[5], NAMES[6]] {
        assert!(words.iter().any(|word| word == name), "{name}");
    }
}

#[test]
fn nothing_is_fetched_and_only_our_script_may_run() {
    let (results, context) = hostile();
    let page = Html::parse_document(&report::page(&results, &context));
    let of = |selector: &str| -> Vec<String> {
        page.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
    };
    let script = of("script:not([type])").remove(0);
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script.as_bytes()));
    let policy = page.select(&Selector::parse("meta[http-equiv]").unwrap()).next().unwrap();
    let policy = policy.attr("content").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(policy.contains(&format!("script-src 'sha256-{digest}'")), "expected sha256-{digest}");
    assert!(
        page.select(&Selector::parse("link, img, iframe, object, embed, base").unwrap()).next().is_none()
    );
    let style = of("style").concat();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn numbers_for_the_script_hold_the_names_as_words_alone() {
    let (results, context) = hostile();
    let page = Html::parse_document(&report::page(&results, &context));
    let data = page.select(&Selector::parse("script[type='application/json']").unwrap()).next().unwrap();
    let data: String = data.text().collect();
    assert!(!data.contains(['<', '>', '&', '\u{0}', '\u{1b}', '\u{202e}']));
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let regions = data["regions"].as_array().unwrap();
    for (name, known) in NAMES.iter().zip(regions) {
        let visible = name.replace(['\u{0}', '\u{1b}', '\u{202e}'], "\u{fffd}");
        assert_eq!(known, &visible);
    }
    assert_eq!(data["language_models"][0]["name"], NAMES[0]);
}

#[test]
fn figures_are_well_formed_and_hold_no_script() {
    let (results, _) = hostile();
    let figures = report::figures(&results, &PageContext::default());
    assert!(figures.len() >= 10, "{}", figures.len());
    for (name, figure) in figures {
        let svg = roxmltree::Document::parse(&figure).unwrap_or_else(|error| panic!("{name}: {error}"));
        for node in svg.descendants().filter(roxmltree::Node::is_element) {
            let tag = node.tag_name().name();
            assert!(!matches!(tag, "script" | "foreignObject" | "a" | "use" | "b" | "img"), "{tag}");
            assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")), "{name}");
            let picture = node.attribute("href");
            assert!(picture.is_none_or(|address| tag == "image" && address.starts_with(PICTURE)), "{name}");
        }
    }
}

#[test]
fn markdown_and_bibtex_stay_text() {
    let (results, _) = hostile();
    let methods = report::methods(&results);
    // A backslash before ASCII punctuation makes it a word (CommonMark 0.31, section 2.4).
    let mut active = methods.clone();
    for mark in ["\\<", "\\[", "\\]", "\\*", "\\`", "\\&"] {
        active = active.replace(mark, "");
    }
    for mark in ["](", "[x", "**", "`", "&"] {
        assert!(!active.contains(mark), "{mark} in {active}");
    }
    assert!(active.replace("p <\u{a0}", "").find('<').is_none(), "{active}");
    assert!(!methods.contains(['\u{0}', '\u{1b}', '\u{202e}']));
    let citation = report::citation(&results);
    assert_eq!(citation.matches('{').count(), citation.matches('}').count());
}
