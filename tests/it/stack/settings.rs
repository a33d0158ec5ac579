//! Wrong settings stop the start, with a line that names the variable.

use std::process::Command;

use makerlab_tests::stack::Programs;

const COMPLETE: [(&str, &str); 8] = [
    ("DATABASE_URL", "postgres://lab:hunter2@127.0.0.1:1/makerlab"),
    ("AMQP_URL", "amqp://lab:hunter2@127.0.0.1:1/%2f"),
    ("LAB_TIMEZONE", "Europe/Lisbon"),
    ("SNIPEIT_TIMEZONE", "UTC"),
    ("SNIPEIT_URL", "https://inventory.example"),
    ("SNIPEIT_API_TOKEN", "hunter2"),
    ("SMTP_URL", "smtps://mail.example"),
    ("MAIL_FROM", "MakerLab <makerlab@lab.example>"),
];

#[tokio::test]
async fn a_wrong_setting_stops_the_worker_with_one_line_that_names_it() {
    let worker = Command::new(Programs::provide().await.unwrap().worker);
    assert_one_line_each(
        worker,
        &[],
        &[
            ("LAB_TIMEZONE", "Lisbon time"),
            ("SNIPEIT_TIMEZONE", ""),
            ("SNIPEIT_URL", "http://inventory.example"),
            ("SNIPEIT_API_TOKEN", ""),
            ("SNIPEIT_TIMEOUT", "25s"),
            ("JOB_LEASE", "30"),
            ("SMTP_URL", "mail.example"),
            ("DATABASE_URL", "hunter2"),
            ("METRICS_LISTEN", "everywhere"),
        ],
    );
}

#[tokio::test]
async fn a_wrong_setting_stops_the_api_with_one_line_that_names_it() {
    let api = Command::new(Programs::provide().await.unwrap().api);
    assert_one_line_each(
        api,
        &["serve"],
        &[
            ("DATABASE_URL", ""),
            ("AMQP_URL", "http://queue.example"),
            ("LAB_TIMEZONE", ""),
            ("API_LISTEN", "everywhere"),
            ("LOG_FORMAT", "xml"),
        ],
    );
}

fn assert_one_line_each(mut program: Command, arguments: &[&str], wrong: &[(&str, &str)]) {
    program.args(arguments);
    for (variable, value) in wrong {
        let ended = program.env_clear().envs(COMPLETE).env(variable, value).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();

        assert!(!ended.status.success(), "{variable}={value:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{variable}={value:?}: {said}");
        assert!(said.contains(variable) && !said.contains("hunter2"), "{variable}={value:?}: {said}");
    }
}
