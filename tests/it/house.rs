//! The house rules, read off the source: who may name what. An arrow that the architecture does not draw fails here,
//! with the file and the line that drew it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Within this folder, none of these crates may be named.
struct Wall {
    around: &'static str,
    against: &'static [&'static str],
    why: &'static str,
}

const WALLS: [Wall; 4] = [
    Wall {
        around: "api/src",
        against: &["makerlab_worker", "makerlab_tests", "reqwest", "hyper", "lettre", "lapin", "backoff", "snipeit"],
        why: "the api answers from PostgreSQL alone: no Snipe-IT, no SMTP, the broker through shared",
    },
    Wall {
        around: "worker/src",
        against: &["makerlab_api", "makerlab_tests", "utoipa", "backoff"],
        why: "the worker serves nobody and knows nothing of the api",
    },
    Wall {
        around: "shared/src",
        against: &["makerlab_api", "makerlab_worker", "makerlab_tests", "axum", "tower_http", "reqwest", "lettre"],
        why: "shared knows no HTTP servers, no Snipe-IT and no SMTP",
    },
    Wall {
        around: "shared/src/domain",
        against: &["sqlx", "tokio", "lapin", "metrics", "opentelemetry", "tracing"],
        why: "the domain is pure",
    },
];

/// A word, where alone it may stand, and why.
struct Home {
    word: &'static str,
    at: &'static [&'static str],
    why: &'static str,
}

const HOMES: [Home; 6] = [
    Home { word: "sqlx::query", at: &["shared/src/store"], why: "SQL has one home" },
    Home { word: "('handed_over', 'checked_out')", at: &[], why: "what is out is asked of `is_out`" },
    Home { word: "use backoff", at: &["shared/src/retry.rs"], why: "an unmaintained crate stays behind one module" },
    Home { word: "lettre::", at: &["worker/src/mail"], why: "letters leave by one door" },
    Home { word: "reqwest::", at: &["worker/src/snipeit"], why: "Snipe-IT is called by one client" },
    Home {
        word: "axum::",
        at: &["api/src", "worker/src/metrics.rs"],
        why: "only health and metrics of a worker listen",
    },
];

const PURE: [&str; 6] = ["async fn", "async move", ".await", "Utc::now", "Instant::now", "SystemTime"];

#[test]
fn no_crate_names_what_it_must_not_know() {
    for Wall { around, against, why } in WALLS {
        for line in lines_under(around) {
            let named = against.iter().find(|word| names(&line.code, word));
            assert!(named.is_none(), "{}: {} is named, but {why}", line.place, named.unwrap());
        }
    }
}

#[test]
fn no_crate_depends_on_what_it_must_not_know() {
    let walls = [
        ("api", &["makerlab-worker", "makerlab-tests", "reqwest", "lettre", "lapin", "backoff"][..]),
        ("worker", &["makerlab-api", "makerlab-tests", "backoff", "utoipa"]),
        ("shared", &["makerlab-api", "makerlab-worker", "makerlab-tests", "axum", "tower-http", "reqwest", "lettre"]),
    ];
    for (package, against) in walls {
        let named = dependencies(package);
        assert!(named.contains("thiserror"), "the dependencies of {package} were read: {named:?}");
        for word in against {
            assert!(!named.contains(*word), "{package}/Cargo.toml depends on {word}");
        }
    }
}

#[test]
fn what_has_one_home_is_nowhere_else() {
    for Home { word, at, why } in HOMES {
        for line in ["api/src", "worker/src", "shared/src"].into_iter().flat_map(lines_under) {
            let is_at_home = at.iter().any(|home| line.place.starts_with(home));
            assert!(is_at_home || !line.code.contains(word), "{}: `{word}`, but {why}", line.place);
        }
    }
}

#[test]
fn the_domain_awaits_nothing_and_asks_no_clock() {
    for line in lines_under("shared/src/domain") {
        let impure = PURE.iter().find(|word| line.code.contains(**word));
        assert!(impure.is_none(), "{}: `{}`; the domain is pure, `now` is an argument", line.place, impure.unwrap());
    }
}

#[test]
fn only_the_worker_knows_the_variable_of_the_snipeit_token() {
    for line in ["api", "shared", "migrations"].into_iter().flat_map(lines_under) {
        assert!(!line.code.contains("SNIPEIT_API_TOKEN"), "{}: only the worker holds the token", line.place);
    }
}

#[test]
fn the_top_level_is_as_the_owner_fixed_it() {
    let entries = fs::read_dir(ROOT).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let shown: BTreeSet<_> = entries.filter(|name| !name.starts_with('.') && name != "target").collect();
    let wanted = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "api",
        "docker-compose.yml",
        "migrations",
        "shared",
        "tests",
        "worker",
    ];
    assert_eq!(shown, wanted.map(str::to_owned).into());
}

#[test]
fn a_crate_is_found_however_it_is_named() {
    assert!(names("use lapin::Channel;", "lapin"));
    assert!(names("    let channel: lapin::Channel = open();", "lapin"));
    assert!(names("use lapin as broker;", "lapin"));
    assert!(names("use ::lapin::Channel;", "lapin"));

    assert!(!names("use crate::lapin::Channel;", "lapin"));
    assert!(!names("let lapin = 1;", "lapin"));
    assert!(!names("use dolapin::Channel;", "lapin"));
}

/// A line of a source file without its comment, and where it stands.
struct Line {
    place: String,
    code: String,
}

fn lines_under(folder: &str) -> Vec<Line> {
    let mut files = Vec::new();
    collect(&Path::new(ROOT).join(folder), &mut files);
    assert!(!files.is_empty(), "{folder} has no files: the rule about it would always hold");
    files.iter().flat_map(|file| lines_of(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| ["rs", "sql", "toml"].iter().any(|known| extension == *known))
        {
            files.push(path);
        }
    }
}

fn lines_of(file: &Path) -> Vec<Line> {
    let name = file.strip_prefix(ROOT).unwrap().display().to_string();
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().enumerate().map(|(index, line)| Line {
        place: format!("{name}:{}", index + 1),
        code: line.split("//").next().unwrap_or_default().to_owned(),
    });
    lines.collect()
}

/// Whether the code names this crate: as the first segment of a path, or in a `use` of its own.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(start, _)| {
        let (before, after) = (&code[..start], &code[start + word.len()..]);
        let before = before.strip_suffix("::").filter(|rest| rest.ends_with(' ')).unwrap_or(before);
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"');
        let is_used = before.trim_end().ends_with("use") && (after.starts_with(';') || after.starts_with(" as "));
        begins && (after.starts_with("::") || is_used)
    })
}

/// Names under every `[…dependencies]` of a package.
fn dependencies(package: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(Path::new(ROOT).join(package).join("Cargo.toml")).unwrap();
    let mut is_inside = false;
    let mut named = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_inside = line.trim_end_matches(']').ends_with("dependencies");
        } else if let Some(name) = line.split(['.', ' ', '=']).next().filter(|name| is_inside && !name.is_empty()) {
            named.insert(name.to_owned());
        }
    }
    named
}
