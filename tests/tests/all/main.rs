//! The journeys, in one binary: those that wait leave the cores to those that work.

mod bad_input;
mod crashes;
mod default_network;
mod drift;
mod interrupts;
mod least_privilege;
mod s3_state;
mod shapes;
mod slow_cloud;
mod state_files;
mod trouble;
