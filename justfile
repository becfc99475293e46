# `just` lists what can be done.
default:
    @just --list

# Everything that CI wants.
ci:
    .ci/run

# Write snapshots and generated files as they are today.
accept:
    INSTA_UPDATE=always cargo test --no-fail-fast
    UPDATE=1 cargo test --test conventions --test readme

# Licences, advisories and sources of all dependencies.
deny:
    cargo deny check
