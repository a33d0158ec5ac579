//! `GET /livez`: the process answers. A supervisor restarts what does not.

/// Alive.
#[utoipa::path(get, path = "/livez", tag = "about", responses((status = 200, body = String)), security(()))]
pub(crate) async fn livez() -> &'static str {
    "alive"
}
