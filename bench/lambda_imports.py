"""What a cold start costs before the first event: loading each handler from its own bundle.

Bundles hold sources, not compiled files, and Lambda's disk is read-only, so each cold start compiles; boto3
comes with the runtime, compiled. Packages with native code are taken from this machine, because the
bundle's are for arm64.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from components.lambda_bundle import BundleBuilder, BundleError, pip_install
from components.naming import FunctionName

ROOT: Final = Path(__file__).parent.parent
RUNS: Final = 7
NATIVE: Final = ("isal/", "msgspec/")
PROGRAM: Final = """
import sys, time
sys.path.insert(0, sys.argv[1])
begun = time.perf_counter()
import boto3
with_boto3 = time.perf_counter()
__import__(sys.argv[2])
print(with_boto3 - begun, time.perf_counter() - with_boto3)
"""


def table() -> str:
    """Size of each bundle and time of its first import, boto3 apart."""
    builder = BundleBuilder(root=ROOT, install=pip_install)
    rows = ["| function | bundle | own modules | boto3 | handler |", "| --- | --: | --: | --: | --: |"]
    for function in FunctionName:
        try:
            bundle = builder.build(function)
        except BundleError as error:
            return f"not measured: {error}"
        boto3, handler = _import_seconds(bundle, f"lambdas.{function.replace('-', '_')}")
        rows.append(
            f"| {function} | {bundle.stat().st_size / 1e6:.1f} MB | {len(builder.sources(function))} "
            f"| {boto3 * 1000:.0f} ms | {handler * 1000:.0f} ms |"
        )
    return (
        "\n".join(rows)
        + f"\n\nMedians of {RUNS} fresh interpreters; unzipped size besides the runtime's own."
    )


def _import_seconds(bundle: Path, module: str) -> tuple[float, float]:
    """Median seconds to import boto3, and then the handler."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(bundle) as archive:
        members = [name for name in archive.namelist() if not name.startswith(NATIVE)]
        archive.extractall(folder, members)
        command = [sys.executable, "-I", "-B", "-c", PROGRAM, folder, module]
        answers = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            for _ in range(RUNS)
        ]
    return (
        statistics.median(float(boto3) for boto3, _ in answers),
        statistics.median(float(handler) for _, handler in answers),
    )
