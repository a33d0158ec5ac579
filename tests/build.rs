//! A migration that is added or removed changes no Rust file; without this line `sqlx::migrate!` would not see it.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
