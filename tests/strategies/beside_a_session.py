"""Start strategies where a user's own Spark session is active, then where it was stopped; print what comes.

Usage: beside_a_session.py, in a directory with files, with a Java runtime in the environment.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

from bench import catalog
from strategies._spark import session, ship

STRATEGIES = ("spark_sklearn", "spark_annoy", "spark_leaf_join", "spark_blocked_exact", "joblib_spark")


def users_session(local_dir: str | None) -> SparkSession:
    builder = SparkSession.builder.master("local[2]").appName("theirs").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.extraJavaOptions", " ".join(session.PASSES_BYTES_ON))
    if local_dir is not None:
        builder = builder.config("spark.local.dir", local_dir)
    return builder.getOrCreate()


def state() -> dict[str, Any]:
    """Files, what is in them, and the environment: all that a refused strategy must leave as it is.

    What the user's own session keeps of its shuffles comes and goes by itself.
    """
    files = {str(path): path.read_text() for path in Path.cwd().rglob("*.txt")}
    found = [*Path.cwd().rglob("*"), *Path(os.environ["TMPDIR"]).iterdir()]
    others = sorted(
        str(path) for path in found if not any(p.startswith("blockmgr-") for p in path.parts[:-1])
    )
    return {"files": files, "others": others, "environment": dict(os.environ)}


def refusals(session: SparkSession) -> dict[str, dict[str, Any]]:
    """What each strategy says, and what is no longer as it was before."""
    session.range(5).count()  # so that what Spark makes with its first job is there
    said = {}
    for name in STRATEGIES:
        before = state()
        strategy = catalog.load(name).entry.factory()
        try:
            strategy.start()
            message = ""
        except RuntimeError as error:
            message = str(error)
        finally:
            strategy.close()
        after = state()
        changed = [part for part in before if before[part] != after[part]]
        said[name] = {"message": message, "counted": session.range(5).count(), "changed": changed}
    return said


def after_a_stop(jvm: Any, local_dir: Path) -> dict[str, Any]:
    """A session of ours where theirs has left a JVM, which serves them again when ours is closed."""
    gateway = SparkContext._gateway
    before = dict(os.environ)
    ours = session.open_session("local[2]", "1g")
    sent = ship.add_file(ours, local_dir / "a.txt")
    found = ours.context.parallelize(range(2), 2).map(lambda _: Path(sent()).read_text()).collect()
    said = {
        "found": found,
        "other_jvm": SparkContext._gateway.proc.pid != jvm.pid,  # type: ignore[union-attr]
        "in_scratch": any(path.suffix == ".txt" for path in ours.scratch.iterdir()),
    }
    ours.close()
    ours.close()
    return said | {
        "gone": not ours.scratch.exists(),
        "theirs_again": SparkContext._gateway is gateway and jvm.poll() is None,
        "environment": {**os.environ, "SPARK_BUFFER_SIZE": ""} == {**before, "SPARK_BUFFER_SIZE": ""},
        "counted": users_session(None).range(5).count(),
    }


def main() -> None:
    full = Path("full")
    settings = {
        "unset": None,
        "empty": "",
        "relative": "relative",
        "comma list": f"{Path('one').resolve()},{Path('two').resolve()}",
        "with files": str(full.resolve()),
    }
    said: dict[str, Any] = {}
    for name, local_dir in settings.items():
        session = users_session(local_dir)
        said[name] = refusals(session) | {"setting": session.conf.get("spark.local.dir", None)}
        jvm = SparkContext._gateway.proc  # type: ignore[union-attr]
        session.stop()
    sys.stdout.write(json.dumps(said | {"stopped": after_a_stop(jvm, full)}))


if __name__ == "__main__":
    main()
