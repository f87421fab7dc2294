from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from components.import_graph import ImportGraph
from components.lambda_bundle import LOCK, PACKAGES, BundleBuilder, BundleError, pip_install
from components.naming import FunctionName

PROJECT = Path(__file__).parents[3]
IN_THE_RUNTIME = {"boto3", "botocore"}
MEGABYTE = 1_000_000
AARCH64 = 183
"""Machine in the header of an ELF file."""


class FakeInstaller:
    """Installs one package as pip does, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, lock: Path, target: Path) -> None:
        self.times += 1
        files = {
            "dep/__init__.py": "",
            "dep/types.pyi": "",
            "dep/__pycache__/x.cpython-313.pyc": f"compiled {self.times}",
            "bin/dep": f"#!{self.times}",
            "dep-1.dist-info/METADATA": "Name: dep",
            "dep-1.dist-info/RECORD": f"written {self.times}",
        }
        for name, text in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text, "utf-8")


def copied(root: Path) -> Path:
    """The sources of the functions, in a directory of their own."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "embedded", "cli")
        shutil.copytree(PROJECT / package, root / package, ignore=ignored)
    (root / LOCK).parent.mkdir()
    shutil.copy(PROJECT / LOCK, root / LOCK)
    return root


@pytest.fixture
def builder(tmp_path: Path) -> BundleBuilder:
    return BundleBuilder(root=copied(tmp_path), install=FakeInstaller())


def names(bundle: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as archive:
        return archive.namelist()


def built(builder: BundleBuilder) -> dict[FunctionName, str]:
    return {function: builder.build(function).name for function in FunctionName}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
    install = FakeInstaller()
    one, two = (
        BundleBuilder(root=copied(tmp_path / place), install=install).build(FunctionName.PARSE_LOG)
        for place in ("one", "two")
    )
    assert install.times == 2
    assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())


def test_a_bundle_is_built_once(builder: BundleBuilder) -> None:
    first = builder.build(FunctionName.PARSE_LOG)
    first.write_bytes(b"left alone")
    assert builder.build(FunctionName.PARSE_LOG).read_bytes() == b"left alone"


def test_all_functions_share_one_installation(builder: BundleBuilder) -> None:
    built(builder)
    assert isinstance(builder.install, FakeInstaller)
    assert builder.install.times == 1


def test_changing_one_handler_changes_that_bundle_only(builder: BundleBuilder) -> None:
    for changed in FunctionName:
        before = built(builder)
        handler = builder.root / "lambdas" / f"{changed.replace('-', '_')}.py"
        handler.write_text(handler.read_text("utf-8") + "\n# changed\n", "utf-8")
        after = built(builder)
        assert [function for function in FunctionName if before[function] != after[function]] == [changed]


def test_a_new_lock_changes_every_bundle(builder: BundleBuilder) -> None:
    before = built(builder)
    (builder.root / LOCK).write_text("dep==2 --hash=sha256:00", "utf-8")
    assert not set(before.values()) & set(built(builder).values())


def test_nothing_compiled_and_nothing_of_the_installation_is_bundled(builder: BundleBuilder) -> None:
    foreign = {name for name in names(builder.build(FunctionName.PARSE_LOG)) if not name.startswith(PACKAGES)}
    assert foreign == {"dep/__init__.py", "dep-1.dist-info/METADATA"}


def test_only_the_price_sync_carries_the_price_list(builder: BundleBuilder) -> None:
    carriers = {
        function
        for function in FunctionName
        if "bedrock_analytics/data/litellm-bedrock-prices.json" in names(builder.build(function))
    }
    assert carriers == {FunctionName.SYNC_PRICING}


def test_no_function_carries_another_or_a_surface(builder: BundleBuilder) -> None:
    for function in FunctionName:
        found = set(names(builder.build(function)))
        others = {f"lambdas/{other.replace('-', '_')}.py" for other in FunctionName} - {
            f"lambdas/{function.replace('-', '_')}.py"
        }
        assert not found & others
        assert not [
            name for name in found if name.startswith(("bedrock_analytics/cli", "bedrock_analytics/embedded"))
        ]


@pytest.mark.parametrize("function", FunctionName)
def test_a_handler_is_loaded_from_its_bundle_alone(
    builder: BundleBuilder, tmp_path: Path, function: FunctionName
) -> None:
    place = tmp_path / "task"
    with zipfile.ZipFile(builder.build(function)) as archive:
        archive.extractall(place)
    program = f"""
import sys
sys.path.insert(0, {str(place)!r})
import lambdas.{function.replace("-", "_")} as module
assert callable(module.handler)
own = [m for n, m in sys.modules.items() if n.partition(".")[0] in {PACKAGES!r}]
print([m.__name__ for m in own if not m.__file__.startswith({str(place)!r})])
"""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert (answer.stdout.strip(), answer.returncode) == ("[]", 0), answer.stderr


def locked() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (PROJECT / LOCK).read_text("utf-8"), re.MULTILINE))


def test_the_lock_holds_what_the_functions_import_and_what_that_needs() -> None:
    graph = ImportGraph(root=PROJECT, packages=PACKAGES)
    files = [
        path
        for function in FunctionName
        for path in graph.reached_from(f"lambdas.{function.replace('-', '_')}").values()
    ]
    owners = packages_distributions()
    imported = {owners[name][0].replace("_", "-") for name in graph.foreign(files) - IN_THE_RUNTIME}
    asked_for = (PROJECT / "requirements/lambda.in").read_text("utf-8").splitlines()
    assert imported == {line for line in asked_for if not line.startswith("#")}
    assert locked() - imported == {"jmespath", "typing-extensions"}


def test_the_lock_has_hashes_the_versions_of_the_other_locks_and_no_address() -> None:
    text = (PROJECT / LOCK).read_text("utf-8")
    tested = (PROJECT / "requirements/runtime.lock").read_text("utf-8")
    versions = re.findall(r"^[a-z0-9-]+==[^ ]+", text, re.MULTILINE)
    assert len(versions) == len(locked()) <= text.count("--hash=sha256:")
    assert [version for version in versions if f"\n{version} " not in f"\n{tested}"] == []
    assert "://" not in text


def test_a_lock_that_pip_cannot_fetch_is_told_with_pips_last_words(tmp_path: Path) -> None:
    lock = tmp_path / "lambda.lock"
    lock.write_text("./nowhere", "utf-8")
    with pytest.raises(BundleError, match=r"pip could not fetch what lambda\.lock names: ERROR: .*nowhere"):
        pip_install(lock, tmp_path / "target")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> BundleBuilder:
    """A builder whose dependencies are really fetched."""
    builder = BundleBuilder(root=copied(tmp_path_factory.mktemp("project")), install=pip_install)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_RETRIES", "0")
        patch.setenv("PIP_TIMEOUT", "5")
        try:
            builder.dependencies()
        except BundleError as error:
            pytest.skip(f"no package index to fetch from: {error}")
    return builder


def test_a_real_bundle_is_small_and_compiled_for_arm(installed: BundleBuilder) -> None:
    for function in FunctionName:
        with zipfile.ZipFile(installed.build(function)) as archive:
            machines = {
                int.from_bytes(archive.read(name)[18:20], "little")
                for name in archive.namelist()
                if name.endswith(".so")
            }
            assert machines == {AARCH64}
            assert sum(entry.file_size for entry in archive.infolist()) < 20 * MEGABYTE
            assert not [name for name in archive.namelist() if name.endswith(".pyc") or "xray_sdk" in name]
