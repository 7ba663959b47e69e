//! Laws of the audit as a whole.

mod allowances;
mod fixture;
mod laws;
mod mutations;
mod reach;
mod spelling;
