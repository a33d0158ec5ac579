//! Free loopback ports. They are drawn from below the range from which the kernel takes the local ports of
//! outgoing connections: a server that is restarted must find its port still free, and a client that keeps
//! dialling a stopped server must not end up connected to itself.

use std::net::{Ipv4Addr, TcpListener};

use rand::Rng;

const RANGE: std::ops::Range<u16> = 15_000..32_000;

/// A port nobody listens on right now. Another process may still take it first: whoever uses it tries again.
pub fn free_port() -> u16 {
    let mut random = rand::rng();
    std::iter::repeat_with(|| random.random_range(RANGE))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("an endless iterator ends only with a find")
}
