//! The README says what the code says: generated blocks are the same, and every name in it exists.
//!
//! A block lies between `<!-- name:begin -->` and `<!-- name:end -->`. Where a test generates one, it prints what to
//! paste.

mod compose;
mod endpoints;
mod lab_settings;
mod names;
mod operation_states;
mod project_states;
mod requisition_states;
mod settings;
mod walkthrough;

use std::{fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn readme() -> String {
    fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap()
}

fn block(name: &str) -> String {
    let text = readme();
    let (begin, end) = (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"));
    let inside = text.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end));
    inside.unwrap_or_else(|| panic!("README.md has no block {begin} … {end}")).0.trim().to_owned()
}

fn assert_block(name: &str, generated: &str) {
    assert!(
        block(name) == generated.trim(),
        "the block {name} of README.md is out of step; paste this between its markers:\n\n{}\n",
        generated.trim()
    );
}

/// The cells of a block's table, without its head.
fn rows(name: &str) -> Vec<Vec<String>> {
    let lines = block(name);
    let rows = lines.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Every Rust file below a folder of the workspace: its path and its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.extension() {
                _ if path.is_dir() => walk(&path, found),
                Some(extension) if extension == "rs" => {
                    found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(ROOT).canonicalize().unwrap().join(folder), &mut found);
    found
}
