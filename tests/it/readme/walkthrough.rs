//! The walkthrough is run as it stands, block after block in one shell, against a lab of processes.

use super::block;
use makerlab_shared::domain::{person::Language, user::Role};
use makerlab_tests::{
    lab::{services::off_the_runtime, shared},
    simulator::EffectKind,
    stack::{LabStack, NewPerson},
};
use secrecy::ExposeSecret;
use std::process::Command;

const TECHNICIAN: NewPerson<'static> = NewPerson {
    name: "Tiago Técnico",
    email: "tiago.tecnico@lab.example",
    role: Role::Technician,
    language: Language::En,
};

#[tokio::test]
async fn the_walkthrough_works_word_by_word() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("The walkthrough was not tried: this machine has no curl, which nothing else here needs.");
        return;
    }
    let lab = LabStack::start(shared().await).await.unwrap();
    let technician = lab.add_person(&lab.admin, TECHNICIAN).await.unwrap();

    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", &script()])
        .env("API", lab.api_url())
        .env("ADMIN", lab.admin.token().expose_secret())
        .env("TECHNICIAN", technician.token().expose_secret());
    let ended = off_the_runtime(move || shell.output()).await.unwrap();

    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    let effects: Vec<_> = lab.simulator.state().ledger().effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(effects, [EffectKind::Checkout, EffectKind::Checkin], "{said}");
}

/// Every block but the first, which sets what the reader is told by the demo.
fn script() -> String {
    let text = block("walkthrough");
    let blocks: Vec<_> = text.split("```bash\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 5, "the walkthrough has too few blocks: {}", blocks.len());
    blocks[1..].join("\n")
}
