//! The journeys, in one binary: those that wait leave the cores to those that work.

mod accounts;
mod audit;
mod bad_input;
mod checks;
mod cognito;
mod crashes;
mod default_network;
mod drift;
mod drift_recall;
mod ends;
mod false_alarms;
mod image;
mod interrupts;
mod least_privilege;
mod live;
mod logs;
mod s3_state;
mod shapes;
mod skips;
mod slow_cloud;
mod state_files;
mod trouble;
mod web;
