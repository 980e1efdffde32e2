"""Scripts that complete words are ones that the shells take, and complete what there is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bench import catalog
from bench.cli.parser import COMMANDS, PROGRAM, parse

SHELLS = ("bash", "zsh")
WHERE_INSTALLED = [
    pytest.param(shell, marks=pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is not installed"))
    for shell in SHELLS
]


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        parse(["--print-completion", shell])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", WHERE_INSTALLED)
def test_a_script_parses_in_its_shell(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script"
    path.write_text(script(shell, capsys))
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_knows_all_commands_and_options(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    assert all(name in text for name in (*COMMANDS, "--save-neighbors", "--fail-if-slower"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["co"], ["compare"]),
        (["run", "annoy_l"], ["annoy_loop"]),
        (["run", "--wor"], ["--workload"]),
        (["run", "--data", "poi"], ["points.npy"]),
        (["report", "--results", "out"], ["outcome"]),
    ],
)
def test_bash_completes_commands_options_strategies_and_files(
    words: list[str], expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "points.npy").touch()
    (tmp_path / "outcome").mkdir()
    (tmp_path / "script").write_text(script("bash", capsys))
    line = " ".join(f"'{word}'" for word in (PROGRAM, *words))
    commands = f"""source ./script
        COMP_WORDS=({line}); COMP_CWORD={len(words)}
        $(complete -p {PROGRAM} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", commands], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected
    assert set(expected) <= {*COMMANDS, *catalog.names(), "--workload", "points.npy", "outcome"}
