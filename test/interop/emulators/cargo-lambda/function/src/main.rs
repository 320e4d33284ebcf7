//! The function that `cargo lambda watch` builds and starts: it becomes the bootstrap that the suite has put into its folder.
use std::{env, os::unix::process::CommandExt, process::Command};

fn main() {
    let bootstrap = env::var("BOOTSTRAP").expect("BOOTSTRAP names a bootstrap");
    let api = env::var("RUNTIME_API").expect("RUNTIME_API is the address of the relay");
    let error = Command::new(bootstrap).env("AWS_LAMBDA_RUNTIME_API", api).exec();
    panic!("the bootstrap cannot be started: {error}");
}
