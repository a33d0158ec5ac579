//! The demo leaves nothing behind, however it ends.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use makerlab_tests::stack::{Programs, until};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn nothing_outlives_a_demo_that_was_killed() {
    let mut demo = start_demo().await;
    let folder = folder_once_everything_runs(&mut demo);
    let running = working_in(&folder);
    for name in ["makerlab-api", "makerlab-worker", "postgres", "beam.smp"] {
        // The kernel cuts names at fifteen letters.
        assert!(running.iter().any(|one| name.starts_with(one.as_str())), "{name} is not in {running:?}");
    }

    demo.kill().unwrap();
    demo.wait().unwrap();

    is_gone(&folder).await;
}

#[tokio::test]
async fn a_demo_that_is_asked_to_end_in_the_middle_ends_everything_first() {
    let mut demo = start_demo().await;
    let folder = folder_once_everything_runs(&mut demo);

    let asked = Command::new("sh").args(["-c", &format!("kill -TERM {}", demo.id())]).status();
    assert!(asked.unwrap().success());
    let ended = until("the demo ends", PATIENCE, async || demo.try_wait().unwrap()).await.unwrap();

    assert_eq!(ended.code(), Some(130));
    is_gone(&folder).await;
}

#[test]
fn production_variables_alone_are_refused_before_anything_starts() {
    let database = ("DATABASE_URL", "postgres://lab:hunter2@db.example/makerlab");
    let ended = demo().arg("--once").envs([database]).output().unwrap();

    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.starts_with("demo: DATABASE_URL is set") && said.trim_end().lines().count() == 1, "{said}");
    assert!(ended.stdout.is_empty());
}

/// Without the variables of whoever runs the tests.
fn demo() -> Command {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    for name in ["AMQP_URL", "DATABASE_URL", "MAKERLAB_MAY_WRITE", "SMTP_URL", "SNIPEIT_API_TOKEN", "SNIPEIT_URL"] {
        demo.env_remove(name);
    }
    demo.stdin(Stdio::null());
    demo
}

async fn start_demo() -> Child {
    Programs::provide().await.unwrap();
    demo().arg("--once").stdout(Stdio::piped()).spawn().unwrap()
}

/// Where the servers of the demo work, as soon as all of them do.
fn folder_once_everything_runs(demo: &mut Child) -> PathBuf {
    let lines = BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut folder = None;
    for line in lines {
        folder = folder.or_else(|| line.split_once(" in /").map(|(_, path)| PathBuf::from(format!("/{path}"))));
        if line.starts_with("Waiting for") {
            break;
        }
    }
    folder.expect("the demo says where its servers live")
}

/// Names of the processes that work in `folder`.
fn working_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    processes
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .filter_map(|process| fs::read_to_string(process.join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}

async fn is_gone(folder: &Path) {
    let gone = async || (working_in(folder).is_empty() && !folder.exists()).then_some(());
    until("the servers and their folder are gone", PATIENCE, gone).await.unwrap();
}
