# shellcheck shell=bash
# Sourced: starts a demo org for the scripts beside this file, and ends it with them.

# The program that is tried: the tests' build of it.
program=$(cd "${CARGO_TARGET_DIR:-target}/debug" && pwd)/baton-salesforce
[[ -x $program ]] || { echo "$program is not there: run 'cargo build'" >&2; exit 1; }
work=$(mktemp -d)
demo=
stop() {
    if [[ -n $demo ]]; then kill "$demo" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap stop EXIT

# Serves the demo org of a size on a free port, with the options that follow, in the place of the last one. Sets url,
# client_id and client_secret.
start_demo() {
    if [[ -n $demo ]]; then kill "$demo"; fi
    : >"$work/demo-org"
    "$program" demo-org --demo "$@" 2>"$work/demo-org" &
    demo=$!
    local line="" tries
    for ((tries = 0; tries < 300; tries++)); do
        # It says which command reads it.
        if line=$(grep -- '--salesforce-client-secret ' "$work/demo-org"); then break; fi
        kill -0 "$demo" || { cat "$work/demo-org" >&2; exit 1; }
        sleep 0.1
    done
    [[ -n $line ]] || { echo 'the demo org does not start' >&2; exit 1; }
    read -r _ _ url _ client_id _ client_secret <<<"$line"
    export url client_id client_secret
}
