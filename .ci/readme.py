"""Runs the README. Started by .ci/readme, which has a demo org running.

The README's placeholders are replaced: the domain `acme`, the consumer key `3MVG9…`, the file `client-secret`, the port
8080. A `text` block right after an `sh` block is what that must print. Commands that need a Docker engine are not run
here: they must stand word for word in the workflow that runs them.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import yaml

repository = Path.cwd()
home = Path(sys.argv[1])
url, client_id, client_secret = (os.environ.pop(name) for name in ("url", "client_id", "client_secret"))
cargo_home = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
environment = {"HOME": str(home), "CARGO_HOME": cargo_home, "PATH": os.environ["PATH"],
               "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))}
environment |= {name: value for name, value in os.environ.items()
                if name.startswith(("CARGO_", "RUSTUP_")) or name == "PYTHONPATH"}
# A person's browser: it logs in where it is sent. At any port, since this machine may have another use for the usual.
environment |= {"BROWSER": shlex.join([sys.executable, str(repository / ".ci/person.py")]),
                "BATON_CALLBACK_URL": "http://localhost:0/callback"}
folder = home / "access-review"
folder.mkdir()
ran = 0


def real(text):
    """With the demo org in the place of the README's."""
    text = re.sub(r"(--domain |BATON_DOMAIN=|domain: )acme\b", rf"\g<1>{url}", text)
    return text.replace("3MVG9…", client_id)


def run(command, expected=None, *, where=folder, extra=None, typed=""):
    global ran
    ran += 1
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=where, text=True, input=typed, timeout=1800,
                          env=environment | (extra or {}), capture_output=True)
    if done.returncode != 0:
        sys.exit(f"README: exit code {done.returncode} of\n{command}\n{done.stdout}{done.stderr}")
    if expected is not None and done.stdout != expected:
        sys.exit(f"README: this prints other than what stands there:\n{command}\n{done.stdout}")
    return done.stdout + done.stderr


def complete(path):
    """A complete document was written just now; it is taken away."""
    run(f"jq --exit-status .summary.complete {shlex.quote(str(path))}")
    path.unlink()


def shell(block, expected):
    commands = [line for line in block.splitlines() if line]
    if commands[0].startswith("docker "):
        workflow = " ".join((repository / ".github/workflows/ci.yml").read_text(encoding="utf-8").split())
        for command in commands:
            if command not in workflow:
                sys.exit(f"README: the workflow that has a Docker engine does not run\n{command}")
        print("by a workflow:", *commands, sep="\n    ")
        return
    print("run:", *commands, sep="\n    ")
    target = os.environ.get("CARGO_TARGET_DIR", str(repository / "target"))
    if commands == ["cargo test"]:
        return  # The step before this one.
    if commands[0].startswith("cargo run --release -- "):
        # The tests' build instead of a release build.
        run(commands[0].replace("cargo run --release --", shlex.quote(f"{target}/debug/baton-salesforce")))
        complete(folder / "demo.json")
    elif commands[0].startswith("cargo install "):
        # The tests' build instead of a release build, and into this home.
        run(f"{commands[0]} --debug --root {home}/.cargo --target-dir {shlex.quote(target)}", where=repository)
        run("\n".join(commands[1:]))
    elif "demo-org" in block:
        serve(commands)
    else:
        run(real(block), expected, typed=client_secret + "\n" if "cat > client-secret" in block else "")
    if (folder / "sync.json").exists():
        complete(folder / "sync.json")


def serve(commands):
    """A command that runs until it is stopped: what it prints must be a command that works."""
    global ran
    ran += 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = shlex.split(commands[0].replace("8080", str(port)))
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            told = [server.stderr.readline() for _ in range(2)]
            if f":{port} " not in told[0]:
                sys.exit(f"README: {commands[0]} says {told}")
            run(told[1].strip())
        finally:
            server.terminate()


def settings_of(pairs):
    """Environment settings as a service or a container has them, with the demo org's values."""
    values = dict(pairs)
    values["BATON_DOMAIN"] = url if values["BATON_DOMAIN"] == "acme" else sys.exit("README: another domain")
    values["BATON_SALESFORCE_CLIENT_ID"] = client_id
    values["BATON_SALESFORCE_CLIENT_SECRET_FILE"] = str(folder / "client-secret")
    return values


def elsewhere(name):
    path = home / name
    path.mkdir()
    return path


def verify(kind, block):
    """A unit of systemd that systemd has nothing to say against."""
    unit = home / f"baton-salesforce.{kind}"
    program = shlex.quote(str(home / ".cargo/bin/baton-salesforce"))
    unit.write_text(block.replace("/usr/local/bin/baton-salesforce", program), encoding="utf-8")
    said = run(f"systemd-analyze verify {home}/baton-salesforce.*")
    if said:
        sys.exit(f"README: systemd says of the {kind}:\n{said}")


def configuration(language, block):
    if language == "crontab":
        print("run by cron:", block.strip(), sep="\n    ")
        said = run(re.sub(r"^(\S+ +){5}", "", block))
        if said:
            sys.exit(f"README: cron would send mail:\n{said}")
        complete(folder / "sync.json")
    elif language == "ini" and "ExecStart=" in block:
        print("run by systemd:", re.search("^ExecStart=.*", block, re.M)[0], sep="\n    ")
        command = re.search("^ExecStart=/usr/local/bin/(.*)", block, re.M)[1]
        where = elsewhere("systemd")
        run(command, where=where, extra=settings_of(re.findall("^Environment=(.*?)=(.*)", block, re.M)))
        complete(where / "sync.json")
        verify("service", block)
    elif language == "ini" and "OnCalendar=" in block:
        verify("timer", block)
    elif language == "yaml" and "kind: CronJob" in block:
        pod = yaml.safe_load(block)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        container = pod["containers"][0]
        print("run by Kubernetes:", shlex.join(container["args"]), sep="\n    ")
        if {mount["name"] for mount in container["volumeMounts"]} != {volume["name"] for volume in pod["volumes"]}:
            sys.exit("README: volumes and mounts do not fit")
        where = elsewhere("kubernetes")
        (where / "job.yaml").write_text(block, encoding="utf-8")
        run(f"{sys.executable} -m kubernetes_validate --strict job.yaml", where=where)
        run(shlex.join(["baton-salesforce", *container["args"]]), where=where,
            extra=settings_of((setting["name"], setting["value"]) for setting in container["env"]))
        complete(where / "sync.json")
    elif language == "yaml":
        (folder / ".baton.yaml").write_text(real(block), encoding="utf-8")


text = (repository / "README.md").read_text(encoding="utf-8")
fences = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
for language, block, expected in fences.findall(text):
    if language == "sh":
        shell(block, expected or None)
    else:
        configuration(language, block)
if ran < 15:
    sys.exit(f"README: only {ran} commands were found")
print(f"the README's commands work: {ran} were run")
