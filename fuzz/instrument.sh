#!/bin/sh
# The compiler for our own crates while fuzzing (RUSTC_WORKSPACE_WRAPPER): counts the places reached and tells what was
# compared, which the stable compiler can do as well as any. Build scripts and the screens stay as they are.
rustc=$1
shift
case " $* " in
*" --crate-name drivers "* | *" --crate-name fuzz "* | *" --crate-name kiosk_app "* | *" --crate-name matters "* | \
*" --crate-name outbox "* | *" --crate-name protocol "*)
    exec "$rustc" "$@" -Copt-level=2 -Ccodegen-units=1 -Cdebug-assertions=on -Coverflow-checks=on -Cpasses=sancov-module \
        -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
*) exec "$rustc" "$@" ;;
esac
