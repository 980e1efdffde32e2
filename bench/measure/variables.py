"""Which of the user's environment variables a process has, which of them count, and which are left out."""

import os
import pwd
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bench.master import is_local, steers_spark

MORE = "ALLKNN_PASS_ON"
"""Names of more variables that the user's strategies need, separated by commas."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Some variables that a worker is given, and why."""

    names: tuple[str, ...]
    """Each a name, or the pattern of names with ``*``."""
    why: str


PASSED_ON = (
    Passed(("PATH",), "programs that a strategy or Spark starts"),
    Passed(("HOME", "USER", "LOGNAME"), "the user; set where the system does not know the user"),
    Passed(("LANG", "LANGUAGE", "LC_*", "TZ"), "language of messages, time zone"),
    Passed(("VIRTUAL_ENV", "CONDA_PREFIX"), "where the Python environment lies"),
    Passed(("PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED"), "how text is read and printed"),
    Passed(("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"), "where compiled modules may be kept"),
    Passed(("*_PROXY", "*_proxy", "SSL_CERT_*"), "a library that loads something"),
    Passed(("ALLKNN_*",), "this project's own"),
)
"""What a worker needs, and what changes no figure."""

COUNTED = (
    Passed(("OMP_*", "GOMP_*", "KMP_*"), "threads of OpenMP: where they run, how they wait"),
    Passed(("OPENBLAS_*", "GOTO_*", "MKL_*", "BLIS_*", "VECLIB_*"), "kernels and memory of BLAS"),
    Passed(("NUMBA_*", "FAISS_*", "NPY_*", "SKLEARN_*", "JOBLIB_*", "LOKY_*"), "how libraries compute"),
    Passed(("NUMEXPR_*", "RAYON_*", "TBB_*", "ARROW_*", "CUDA_*"), "how libraries compute"),
    Passed(("MALLOC_*", "GLIBC_TUNABLES", "LD_*"), "which allocator and which libraries are loaded"),
    Passed(("PYTHON*",), "which modules are imported, and how Python runs"),
)
"""What may change speed or answers: a part of a run's identity, and kept with its row."""

SET = (
    Passed(("*_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "LOKY_MAX_CPU_COUNT"), "the thread budget"),
    Passed(("OPENBLAS_CORETYPE",), "the BLAS kernel: only where --fix-blas forces one"),
    Passed(("TMPDIR", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "JOBLIB_TEMP_FOLDER"), "below the run's directory"),
    Passed(("XDG_CACHE_HOME", "SPARK_LOCAL_DIRS"), "below the run's directory"),
    Passed(("JAVA_HOME",), "the Java that was found"),
    Passed(("PYTHONSAFEPATH",), "modules of the working directory hide no library"),
    Passed(("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"), "left to scikit-learn, which sets them on import"),
)
"""What the harness sets itself, whatever the user has."""

NOT_MEASURED = (Passed(("LD_LIBRARY_PATH", "PYTHON*"), "how Python is found and runs"),)
"""What processes have that watch and judge, beside what is passed on: nothing else may change a verdict."""

STORAGE = (
    Passed(("HADOOP_CONF_DIR", "HADOOP_USER_NAME"), "a cluster's storage, and who asks it"),
    Passed(("AWS_*", "AZURE_*", "GOOGLE_*", "KRB5*"), "credentials of object stores, Kerberos"),
)
"""What Spark has beside that where it only reads points, which are at a URI of a cluster's storage."""

OURS = {"PYTHONSAFEPATH": "1"}
"""What every process of ours is given: else it would import a ``numpy.py`` of the directory it starts in."""

_OF_A_PARENT = ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET")
"""Set below spark-submit and in notebooks: a run would join that JVM, which is not measured with it."""


def for_worker(environ: Mapping[str, str], master: str | None) -> dict[str, str]:
    """What a worker has of the user's environment: on a cluster all but what must not be inherited."""
    if is_local(master):
        names = [*_named(environ, (*PASSED_ON, *COUNTED)), *_asked_for(environ)]
    else:
        names = [name for name in environ if name not in _OF_A_PARENT]
    ours = set(_named(environ, SET))
    return {name: environ[name] for name in names if name in environ and name not in ours} | _user(environ)


def for_judge(environ: Mapping[str, str]) -> dict[str, str]:
    """What the processes have that watch a run and judge it."""
    names = _named(environ, (*PASSED_ON, *NOT_MEASURED))
    ours = set(_named(environ, SET))
    return {name: environ[name] for name in names if name not in ours} | _user(environ)


def for_reader(environ: Mapping[str, str], master: str, *, storage: bool) -> dict[str, str]:
    """What Spark has where it reads points; ``storage``: they are not on this machine."""
    if not is_local(master):
        return for_worker(environ, master)
    return for_judge(environ) | {name: environ[name] for name in _named(environ, STORAGE * storage)}


def counted(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that may change a run's speed or answers, and that the harness does not set itself."""
    ours = {*_named(environ, SET), *_named(environ, PASSED_ON)} - set(_asked_for(environ))
    names = {*_named(environ, COUNTED), *_asked_for(environ)} - ours
    return {name: environ[name] for name in sorted(names) if name in environ}


def left_out(environ: Mapping[str, str], master: str | None) -> tuple[str, ...]:
    """Names of variables that would steer Spark or Java, and that no worker is given."""
    given = for_worker(environ, master).keys() | set(_named(environ, SET))
    return tuple(sorted(name for name in environ if steers_spark(name) and name not in given))


def writes_below(directory: Path, master: str | None) -> dict[str, str]:
    """Variables that keep what libraries write of their own accord inside the run's own directory.

    In local mode an empty directory there stands for the user's Spark configuration, and Spark's workers
    run this Python.
    """
    home = {} if "HOME" in os.environ else {"HOME": str(directory)}
    names = ("TMPDIR", "MPLCONFIGDIR", "JOBLIB_TEMP_FOLDER", "SPARK_LOCAL_DIRS", "XDG_CACHE_HOME")
    (directory / "spark-conf").mkdir(exist_ok=True)
    spark = {"SPARK_CONF_DIR": str(directory / "spark-conf"), "PYSPARK_PYTHON": sys.executable}
    return home | (spark if is_local(master) else {}) | dict.fromkeys(names, str(directory))


def _named(names: Iterable[str], passed: Iterable[Passed]) -> list[str]:
    patterns = [pattern for some in passed for pattern in some.names]
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _asked_for(environ: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in environ.get(MORE, "").split(",") if name.strip()]


def _user(environ: Mapping[str, str]) -> dict[str, str]:
    """A name for a user whom the system does not know, as in a container: Hadoop asks for one."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        name = environ.get("USER") or f"user{os.geteuid()}"
        return {"USER": name, "LOGNAME": name, "HADOOP_USER_NAME": name, "SPARK_USER": name}
    return {}
