//! Which endpoint is which permission: by the operation ids of the document, so that each is written once.

use axum::http::Method;
use makerlab_shared::domain::permission::Permission;
use std::{collections::HashMap, sync::Arc};
use utoipa::openapi::{OpenApi, path::Operation, path::PathItem};

/// What the door looks up before a handler runs.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints(Arc<HashMap<(Method, String), Permission>>);

impl Endpoints {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let mut endpoints = HashMap::new();
        for (path, item) in &document.paths.paths {
            for (method, operation) in operations(item) {
                if let Some(permission) = permission_of(operation) {
                    endpoints.insert((method, path.clone()), permission);
                }
            }
        }
        Self(Arc::new(endpoints))
    }

    /// `None`: nobody said who may, so nobody may.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Permission> {
        // axum answers HEAD by the handler of GET.
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.0.get(&(method.clone(), path.to_owned())).copied()
    }
}

/// The permission that an operation of the document is; `None` for the open ones.
pub(crate) fn permission_of(operation: &Operation) -> Option<Permission> {
    operation.operation_id.as_deref()?.parse().ok()
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    [(Method::GET, get), (Method::POST, post), (Method::PUT, put), (Method::PATCH, patch), (Method::DELETE, delete)]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}
