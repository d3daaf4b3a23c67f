"""What we ship works: the wheel, in an environment that has never seen this folder."""

import json
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

from conftest import CORPUS, ROOT
from server import ENVIRONMENT


def run(*command: str | Path, cwd: Path) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_wheel_answers_in_a_fresh_environment(tmp_path: Path) -> None:
    """Libraries are lent to it through a .pth file; our own code can only come from the wheel."""
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info"))
    wheel = ("wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path)
    run(sys.executable, *pip, *wheel, cwd=source)
    (built,) = tmp_path.glob("scrutineer-*.whl")

    venv.create(tmp_path / "fresh", with_pip=True, symlinks=True)
    python = tmp_path / "fresh" / "bin" / "python"
    packages = run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path)
    (Path(packages.strip()) / "lent.pth").write_text("\n".join(site.getsitepackages()))
    run(python, *pip, "install", "--no-deps", built, cwd=tmp_path)
    where = run(python, "-c", "import service; print(service.__file__)", cwd=tmp_path)
    assert where.startswith(packages.strip())

    run(python, "-m", "ingest", CORPUS, "--index", "index", cwd=tmp_path)
    said = run(
        *(python, "-m", "service", "ask", "why was publication delayed?", "--json"),
        *("--index", "index"),
        cwd=tmp_path,
    )
    assert json.loads(said)["citations"][0]["section"] == "2.1"
    page = (
        "from service.look import Look; from service.pages import render; "
        "print(render('error.html', Look(), title='t', detail='d'))"
    )
    assert "<h1>t</h1>" in run(python, "-c", page, cwd=tmp_path)
