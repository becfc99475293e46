//! Plimsoll reads a GitOps repository, builds what would be applied, and says what must not sail.

pub mod source;
pub mod diagnostic;
pub mod yaml;
pub mod jsonpath;
pub mod cli {
    //! x
    /// x
    pub fn main() -> std::process::ExitCode {
        std::process::ExitCode::SUCCESS
    }
}
