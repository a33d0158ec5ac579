//! The protocol with real PostgreSQL and a Snipe-IT that misbehaves: the failure table, row by row.

mod borrowers;
mod budget;
mod check_in;
mod check_out;
mod faults;
mod hands;
mod letting_go;
mod return_condition;
mod too_late;
mod unreadable_log;
