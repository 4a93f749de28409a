//! The table of packages in ARCHITECTURE.md is what `cargo metadata` says.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::root;

/// Package to the packages of the workspace that it depends on, tests left aside.
type Table = BTreeMap<String, Vec<String>>;

#[test]
fn packages_depend_on_what_the_architecture_says() {
    assert_eq!(of_cargo(), of_page());
}

fn of_cargo() -> Table {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output();
    let metadata: Value = serde_json::from_slice(&metadata.unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let ours: Vec<String> = packages.iter().map(name).collect();
    let dependencies = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        let built = all.filter(|dependency| dependency["kind"].as_str() != Some("dev"));
        let mut names: Vec<String> = built.map(name).filter(|name| ours.contains(name)).collect();
        names.sort();
        names
    };
    packages.iter().map(|package| (name(package), dependencies(package))).collect()
}

fn of_page() -> Table {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with("| package |")).skip(2);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let mut names: Vec<String> =
            cells[3].split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        names.sort();
        (cells[1].to_owned(), names)
    };
    rows.take_while(|line| line.starts_with('|')).map(row).collect()
}
