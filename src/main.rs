//! The `plimsoll` program: hands its arguments to the library and exits with the code it answers.

use std::process::ExitCode;

fn main() -> ExitCode {
    plimsoll::cli::main()
}
