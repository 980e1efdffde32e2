"""Hosts that share nothing but what they are given, made of namespaces on this machine.

Each has an address, a name, files, a `/tmp` and process numbers of its own, and runs Spark's worker as
another user. Nothing of this project or its packages is there, except what a test gives. The network is
theirs alone: no port is open on this machine. All of it ends with the processes that hold it. Needs root.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

from bench import catalog
from bench.master import steers_spark
from bench.measure import java

SPARK = Path(pyspark.__file__).parent
NOBODY = 65534
PORT = 7077
_HIDDEN = "/tmp", "/var/tmp", str(Path.home()), str(catalog.DIRECTORY.parent)
_HOLD = (
    "setpriv",
    "--pdeathsig=KILL",
    "unshare",
    "--net",
    "--uts",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
)
_QUICKLY = {
    "spark.network.timeout": "20s",
    "spark.network.timeoutInterval": "5s",
    "spark.executor.heartbeatInterval": "2s",
    "spark.worker.timeout": "10",
    "spark.ui.enabled": "false",
    "spark.master.rest.enabled": "false",
}
"""A host that is gone says nothing: how long Spark waits for it."""


@dataclass(frozen=True)
class Host:
    """One that others reach at an address."""

    name: str
    address: str
    holder: "subprocess.Popen[bytes]"
    """Ended, it takes the host with it."""

    @property
    def first(self) -> int:
        """The process that has number 1 there."""
        return int(self.children())

    def children(self) -> str:
        """The one that was started by the holder, once there is one."""
        return Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text()

    def lose(self) -> None:
        """End the host with all that runs there, as if its power failed."""
        self.holder.kill()

    def command(self, *words: object, user: int = NOBODY) -> list[str]:
        """The words of a command that runs there."""
        enter = ["nsenter", f"--target={self.first}", "--net", "--uts", "--mount", "--pid", "--wd=/"]
        return [*enter, f"--setuid={user}", f"--setgid={user}", *map(str, words)]

    def run(self, script: str) -> None:
        """Run a script of the shell there, as root."""
        subprocess.run(self.command("sh", "-ec", script, user=0), check=True)


@dataclass
class Network:
    """The driver's side, where Spark's master is, and hosts that run a worker each."""

    directory: Path
    """For logs and the names of hosts."""
    given: Sequence[Path]
    """Directories of this machine that hosts see; the first is shared by all."""
    driver: Host = field(init=False)
    hosts: list[Host] = field(default_factory=list)
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        names = "".join(f"{_address(number)} {_name(number)}\n" for number in range(10))
        (self.directory / "names").write_text(f"127.0.0.1 localhost\n{names}")

    @property
    def master(self) -> str:
        return f"spark://{self.driver.address}:{PORT}"

    def environment(self, python: str, **settings: str) -> dict[str, str]:
        """What a driver needs; ``python`` is the hosts'."""
        conf = {"spark.driver.host": self.driver.address} | _QUICKLY | settings
        words = " ".join(f"--conf {name}={shlex.quote(value)}" for name, value in conf.items())
        own = {"SPARK_LOCAL_IP": self.driver.address, "PYSPARK_PYTHON": python}
        return _environment() | own | {"PYSPARK_SUBMIT_ARGS": f"{words} pyspark-shell"}

    def as_driver(self, *words: object) -> list[str]:
        """The words of a command that runs with the files of this machine, in the hosts' network."""
        return ["nsenter", f"--target={self.driver.first}", "--net", *map(str, words)]

    def add_host(self) -> Host:
        """Make one more host and start Spark's worker there; return when the master knows it."""
        number = len(self.hosts) + 1
        host = self._hold(number)
        here = f"ip link add to{number} type veth peer name eth0 netns /proc/{host.first}/ns/net"
        subprocess.run(self.as_driver("sh", "-ec", here), check=True)
        self.driver.run(f"ip link set to{number} master hosts up")
        host.run(f"ip link set lo up; ip address add {host.address}/24 dev eth0; ip link set eth0 up")
        host.run(_files(self.given, self.directory / "names"))
        self.hosts.append(host)
        words = ["--host", host.address, "--cores", "1", "--memory", "1g", "--work-dir", "/tmp/work"]
        self._start(host, "worker.Worker", *words, self.master)
        _await(self.directory / f"{host.name}.log", "Successfully registered with master")
        return host

    def start(self, n_hosts: int) -> None:
        """Start the driver's side, Spark's master there, and hosts."""
        self.driver = self._hold(0)
        self.driver.run("ip link set lo up; ip link add hosts type bridge; ip link set hosts up")
        self.driver.run(f"ip address add {self.driver.address}/24 dev hosts")
        self._start(self.driver, "master.Master", "--host", self.driver.address, "--port", str(PORT))
        for _ in range(n_hosts):
            self.add_host()

    def end(self) -> None:
        """End all hosts with what runs there."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _hold(self, number: int) -> Host:
        holder = subprocess.Popen([*_HOLD, "sleep", "infinity"])
        self.processes.append(holder)
        made = Host(_name(number), _address(number), holder)
        _until(lambda: made.children() != "", "no namespaces")
        made.run(f"hostname {made.name}")
        return made

    def _start(self, host: Host, main: str, *words: str) -> None:
        own = {"SPARK_HOME": str(SPARK), "SPARK_LOCAL_IP": host.address, "SPARK_DAEMON_MEMORY": "512m"}
        own |= {
            "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dspark.worker.timeout=10"
        }
        user = 0 if host is self.driver else NOBODY
        program = SPARK / "bin" / "spark-class", f"org.apache.spark.deploy.{main}", "--webui-port", "0"
        command = host.command(*program, *words, user=user)
        with (self.directory / f"{host.name}.log").open("wb") as log:
            environment = _environment() | own | {"HOME": "/tmp"}
            started = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self.processes.append(started)


@contextmanager
def network(directory: Path, given: Sequence[Path], n_hosts: int = 2) -> Iterator[Network]:
    """Start a driver's side and hosts that see the directories in ``given``, the first of them shared."""
    made = Network(directory, given)
    try:
        made.start(n_hosts)
        yield made
    finally:
        made.end()


def _address(number: int) -> str:
    return f"10.231.0.{number + 1}"


def _name(number: int) -> str:
    return f"host-{number}" if number else "driver"


def _files(given: Sequence[Path], names: Path) -> str:
    """A script that hides all that is this user's or the project's, but for what is given."""
    found = java.find()
    assert isinstance(found, java.Java), found
    home = found.environment.get("JAVA_HOME", "")
    kept = [*map(str, given), sys.base_prefix, sys.prefix, *([home] if home else [])]
    lines = ["mount -t tmpfs tmpfs /mnt", f"mount --bind {names} /etc/hosts"]
    for number, path in enumerate(kept):
        lines += [f"mkdir /mnt/{number}", f"mount --bind {path} /mnt/{number}"]
    lines += [f"mkdir -p {path}; mount -t tmpfs -o mode=1777 tmpfs {path}" for path in _HIDDEN]
    for number, path in enumerate(kept):
        lines += [f"mkdir -p {path}", f"mount --bind /mnt/{number} {path}"]
    return "\n".join([*lines, "umount --recursive --lazy /mnt"])


def _environment() -> dict[str, str]:
    found = java.find()
    assert isinstance(found, java.Java), found
    others = {name: value for name, value in os.environ.items() if not steers_spark(name)}
    return others | found.environment


def _await(log: Path, words: str) -> None:
    _until(lambda: words in log.read_text(errors="replace"), f"{log} does not say: {words}")


def _until(reached: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 180
    while not reached():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
